// Loops of fastText that stay in C: see the header.
#include "fasttext.h"

#include <string.h>

/// A token between the marks of a word's begin and end.
typedef struct {
  const uint8_t *token;
  long count;
} marked;

static inline uint8_t byte_of(marked word, long place) {
  if (place == 0) return '<';
  return place == word.count + 1 ? '>' : word.token[place - 1];
}

static inline int continues(uint8_t byte) { return (byte & 0xC0) == 0x80; }

static inline uint32_t mixed(uint32_t hash, uint8_t byte) {
  return (hash ^ (uint32_t)(int32_t)(int8_t)byte) * 16777619u;
}

/// The n-grams of one start: each hash goes on where that of the shorter n-gram ended.
#define SUBWORDS(BYTE)                                                                  \
  for (; start < size && written + longest <= room; start++) {                          \
    if (continues(BYTE(start))) continue;                                               \
    uint32_t hash = 2166136261u;                                                        \
    long place = start;                                                                 \
    for (long length = 1; length <= longest && place < size; length++) {                \
      hash = mixed(hash, BYTE(place));                                                  \
      for (place++; place < size && continues(BYTE(place)); place++)                    \
        hash = mixed(hash, BYTE(place));                                                \
      /* A mark alone is no n-gram. */                                                  \
      if (length >= shortest && !(length == 1 && (start == 0 || place == size)))        \
        numbers[written++] = quipu_fasttext_bucket(buckets, hash);                      \
    }                                                                                   \
  }

long quipu_fasttext_subwords(
    const uint8_t *token, long count, long *from, long shortest, long longest,
    quipu_fasttext_buckets buckets, uint32_t *numbers, long room) {
  const long size = count + 2;
  long start = *from, written = 0;
  if (count <= 126) {
    uint8_t word[128];
    word[0] = '<';
    memcpy(word + 1, token, (unsigned long)count);
    word[count + 1] = '>';
#define BYTE(place) word[place]
    SUBWORDS(BYTE)
#undef BYTE
  } else {
    const marked word = {token, count};
#define BYTE(place) byte_of(word, place)
    SUBWORDS(BYTE)
#undef BYTE
  }
  *from = start;
  return written;
}
