#pragma once
#include <stdint.h>

/// The longest n-grams that KenLM's files hold.
#define QUIPU_NGRAM_MAX_ORDER 6

/// How the n-grams of one order are stored.
typedef enum {
  /// A table of 64-bit hashes and weights, with linear probing.
  quipu_ngram_hashed,
  /// Bit-packed entries, sorted below the entry of the n-gram without its first word.
  quipu_ngram_sorted,
} quipu_ngram_layout;

/// The n-grams of one order, two or more.
typedef struct {
  /// Hashed: the first bucket. Sorted: the first bit-packed entry.
  const uint8_t *_Nullable base;
  /// Hashed: buckets. Sorted: entries.
  uint64_t count;
  /// Hashed: the greatest whole number not above 2^64 / count.
  uint64_t reciprocal;
  /// Hashed: bytes of a bucket.
  uint64_t stride;
  /// Sorted: the entries of the next order; no pointer may lead beyond.
  uint64_t next_count;
  /// Sorted and quantised: what the bits stand for; else null.
  const uint8_t *_Nullable probabilities;
  const uint8_t *_Nullable backoffs;
  /// Sorted, with compressed pointers: where the higher bits of the pointer grow by one; else null.
  const uint8_t *_Nullable offsets;
  uint64_t offset_count;
  /// How many offsets less one are not above each 2^`index_shift`th entry.
  const uint32_t *_Nullable offset_index;
  uint8_t index_shift;
  /// Sorted: bits of the word, of the quantised weights, of the stored part of the pointer, of all.
  uint8_t word_bits, probability_bits, backoff_bits, next_bits, total_bits;
} quipu_ngram_level;

/// A model as it lies in memory. Every pointer leads to as many bytes as the counts demand.
typedef struct {
  quipu_ngram_layout layout;
  int order;
  /// Words with weights: every word number that is asked for is below.
  uint64_t words;
  const uint8_t *_Nullable unigrams;
  /// Bytes of a unigram.
  uint64_t unigram_stride;
  quipu_ngram_level levels[QUIPU_NGRAM_MAX_ORDER - 1];
} quipu_ngram_model;

/// Makes mapped memory longer, elsewhere if need be; null where that cannot be. (`mremap` is variadic.)
void *_Nullable quipu_ngram_remap(void *_Nonnull base, long old_size, long size);

/// The level of n-grams with so many words more than two.
static inline quipu_ngram_level *_Nonnull quipu_ngram_level_at(quipu_ngram_model *_Nonnull model, int place) {
  return model->levels + place;
}

/// Fills `offset_index`, which has (count >> index_shift) + 1 places, from the offsets.
void quipu_ngram_index_offsets(
    const quipu_ngram_level *_Nonnull level, uint32_t *_Nonnull index);

/// What of the words read so far counts for the next word.
typedef struct {
  /// The last word first.
  uint32_t words[QUIPU_NGRAM_MAX_ORDER - 1];
  /// The weights for backing off from the last 1, 2, … words.
  float backoffs[QUIPU_NGRAM_MAX_ORDER - 1];
  int length;
} quipu_ngram_state;

/// Asks for the cache line at `address`, which will be read soon.
static inline void quipu_ngram_prefetch(const void *_Nonnull address) { __builtin_prefetch(address, 0); }

/// The hash of a word: MurmurHash64A with seed 0.
uint64_t quipu_ngram_word_hash(const uint8_t *_Nonnull bytes, long count);

/// The hash of an n-gram from that of its last words and the word before them.
static inline uint64_t quipu_ngram_extended_hash(uint64_t hash, uint32_t word) {
  return hash * 8978948897894561157u ^ (uint64_t)(uint32_t)(word + 1) * 17894857484156487943u;
}

/// Finds words by their hashes in a table of 12-byte buckets; unknown ones become 0, and so do numbers
/// that are not below `bound`.
void quipu_ngram_find_hashed(
    const uint8_t *_Nonnull table, uint64_t buckets, uint64_t reciprocal, uint32_t bound,
    const uint64_t *_Nonnull hashes, long count, uint32_t *_Nonnull words);

/// Finds words by their hashes in a sorted list of hashes; unknown ones become 0.
void quipu_ngram_find_sorted(
    const uint8_t *_Nonnull list, uint64_t entries,
    const uint64_t *_Nonnull hashes, long count, uint32_t *_Nonnull words);

/// Scores words one after the other, then `end` unless it is negative; adds each logarithm to `sum`.
///
/// `probabilities` and `lengths` take each word's logarithm and the length of its n-gram, unless null.
float quipu_ngram_score(
    const quipu_ngram_model *_Nonnull model, const uint32_t *_Nonnull words, long count, int64_t end,
    quipu_ngram_state *_Nonnull state, float sum, float *_Nullable probabilities,
    uint8_t *_Nullable lengths);

/// Scores sentences, each after `begin` and with `end` behind its words.
///
/// Sentence i has the words from the end of the one before it to `ends[i]`.
void quipu_ngram_score_sentences(
    const quipu_ngram_model *_Nonnull model, const uint32_t *_Nonnull words,
    const long *_Nonnull ends, long sentences, uint32_t end,
    const quipu_ngram_state *_Nonnull begin, float *_Nonnull sums);

/// Cuts text at the six ASCII spaces and hashes at most `room` words, from `place` on; says how many.
long quipu_ngram_cut(
    const uint8_t *_Nonnull text, long count, long *_Nonnull place, uint64_t *_Nonnull hashes,
    long room);

/// Sorts records of `width` numbers by their first `key` numbers; equal records keep no order.
void quipu_ngram_sort(uint32_t *_Nonnull records, long count, int width, int key);
