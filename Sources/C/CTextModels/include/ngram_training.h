#pragma once
#include <stdint.h>

/// A word of a text: where it lies, how long it is, and a hash of it. A line feed is a word of no bytes.
typedef struct {
  uint64_t hash;
  uint32_t start;
  uint32_t length;
} quipu_word;

/// A record of sixteen bytes, sorted by bits of its key.
typedef struct {
  uint64_t key;
  uint32_t first;
  uint32_t second;
} quipu_record;

/// Asks for huge pages where whole ones fit into memory that was not yet touched.
void quipu_huge_pages(void *_Nonnull memory, long size);

/// Cuts `bytes` at NUL, tab, line feed, carriage return and space into at most `room` words, and gives
/// how many it made. `used` becomes where to go on: a word that no such byte ends is left.
///
/// The eight bytes behind the last must be readable.
long quipu_words_cut(
    const uint8_t *_Nonnull bytes, long count, quipu_word *_Nonnull words, long room,
    long *_Nonnull used);

/// The hash that `quipu_words_cut` gives to a word; the eight bytes behind it must be readable.
uint64_t quipu_word_hash(const uint8_t *_Nonnull bytes, long count);

/// Sorts by the bits `low..<high` of the keys, stably; gives the one of the two rooms that holds the
/// result.
quipu_record *_Nonnull quipu_records_sort(
    quipu_record *_Nonnull records, quipu_record *_Nonnull other, long count, int low, int high);

/// Sorts positions in `text` by the `order - 1` words before them, nearest first, where the word at
/// each is the same. What comes before a 1 are 1s.
///
/// `bits` are those of the largest word. `scratch` has room for `room` records, twice; longer lists
/// are split in place until they fit.
void quipu_ngrams_sort(
    const uint32_t *_Nonnull text, uint32_t *_Nonnull positions, long count, int order, int bits,
    quipu_record *_Nonnull scratch, long room);

/// Writes the n-grams at sorted positions, last word first and how often each stands there, and gives
/// how many positions it took; `made` becomes the number of n-grams, at most `room`.
long quipu_ngrams_write(
    const uint32_t *_Nonnull text, const uint32_t *_Nonnull positions, long count, int order,
    uint32_t *_Nonnull ngrams, long room, long *_Nonnull made);

/// Writes the shortest digits that are `value` again, as decimal up to 21 digits before the point and
/// 6 zeros after it, else with an exponent; gives how many bytes that are, at most 32.
long quipu_float_write(float value, uint8_t *_Nonnull text);

/// Log-probabilities and backoffs of one order, to become lines of an ARPA file.
typedef struct {
  /// `order` words a line, last word first.
  const uint32_t *_Nonnull words;
  const float *_Nonnull probabilities;
  /// NULL for the highest order.
  const float *_Nullable backoffs;
  long count;
  int order;
  /// Where the words begin in `bytes`, one more than there are words.
  const uint64_t *_Nonnull starts;
  const uint8_t *_Nonnull bytes;
} quipu_arpa_lines;

/// The room that the lines need at most, in bytes.
long quipu_arpa_size(const quipu_arpa_lines *_Nonnull lines);

/// Writes the lines and gives how many bytes they are.
long quipu_arpa_write(const quipu_arpa_lines *_Nonnull lines, uint8_t *_Nonnull text);
