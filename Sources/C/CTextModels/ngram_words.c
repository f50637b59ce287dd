// Words of a text and their numbers: many are looked up at once, so that their waits for memory overlap.
#include "ngram.h"
#include "ngram_bytes.h"

/// Words looked up together.
enum { words_size = 32 };

uint64_t quipu_ngram_word_hash(const uint8_t *bytes, long count) {
  const uint64_t factor = 0xc6a4a7935bd1e995u;
  uint64_t hash = (uint64_t)count * factor;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t part = load64(bytes) * factor;
    hash = (hash ^ (part ^ part >> 47) * factor) * factor;
  }
  if (count > 0) {
    uint64_t rest = 0;
    memcpy(&rest, bytes, (size_t)count);
    hash = (hash ^ rest) * factor;
  }
  hash = (hash ^ hash >> 47) * factor;
  return hash ^ hash >> 47;
}

/// The bucket that holds `key`, or null; stops at an empty bucket, or after one round in a damaged table.
static inline const uint8_t *probe(
    const uint8_t *table, uint64_t stride, uint64_t buckets, uint64_t bucket, uint64_t key) {
  for (uint64_t left = buckets; left > 0; left--) {
    const uint8_t *at = table + bucket * stride;
    uint64_t found = load64(at);
    if (found == key) return at;
    if (found == 0) return 0;
    if (++bucket == buckets) bucket = 0;
  }
  return 0;
}

void quipu_ngram_find_hashed(
    const uint8_t *table, uint64_t buckets, uint64_t reciprocal, uint32_t bound,
    const uint64_t *hashes, long count, uint32_t *words) {
  for (long from = 0; from < count; from += words_size) {
    long size = count - from < words_size ? count - from : words_size;
    uint64_t places[words_size];
    for (long i = 0; i < size; i++) {
      places[i] = remainder_of(hashes[from + i], buckets, reciprocal);
      __builtin_prefetch(table + 12 * places[i]);
    }
    for (long i = 0; i < size; i++) {
      const uint8_t *at = probe(table, 12, buckets, places[i], hashes[from + i]);
      uint32_t word = at ? load32(at + 8) : 0;
      words[from + i] = word < bound ? word : 0;
    }
  }
}

void quipu_ngram_find_sorted(
    const uint8_t *list, uint64_t entries, const uint64_t *hashes, long count, uint32_t *words) {
  for (long from = 0; from < count; from += words_size) {
    long size = count - from < words_size ? count - from : words_size;
    uint64_t guesses[words_size];
    for (long i = 0; i < size; i++) {
      // Hashes are spread evenly, so that the place is about the hash's share of all 2^64.
      guesses[i] = (uint64_t)((unsigned __int128)hashes[from + i] * entries >> 64);
      __builtin_prefetch(list + 8 * guesses[i]);
    }
    for (long i = 0; i < size; i++) {
      uint64_t key = hashes[from + i], low = 0, high = entries, place = guesses[i];
      uint64_t low_hash = 0, high_hash = UINT64_MAX;
      uint32_t word = 0;
      for (int round = 0; low < high; round++) {
        uint64_t found = load64(list + 8 * place);
        if (found == key) {
          word = (uint32_t)(place + 1);
          break;
        }
        if (found < key) {
          low = place + 1;
          low_hash = found;
        } else {
          high = place;
          high_hash = found;
        }
        // The share of what is left; halves after some rounds, as a damaged list need not be even.
        uint64_t width = high - low;
        double share = (double)(key - low_hash) / ((double)(high_hash - low_hash) + 1);
        uint64_t step = round < 8 ? (uint64_t)(share * (double)width) : width / 2;
        place = low + (step < width ? step : width - 1);
      }
      words[from + i] = word;
    }
  }
}

static inline int parts_words(uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

long quipu_ngram_cut(const uint8_t *text, long count, long *place, uint64_t *hashes, long room) {
  long at = *place, words = 0;
  while (words < room) {
    while (at < count && parts_words(text[at])) at++;
    if (at == count) break;
    long start = at;
    while (at < count && !parts_words(text[at])) at++;
    hashes[words++] = quipu_ngram_word_hash(text + start, at - start);
  }
  *place = at;
  return words;
}
