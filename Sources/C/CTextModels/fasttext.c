// fastText's tokens and n-grams: see the header.
#include "fasttext.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw")))
#endif

int quipu_fasttext_best(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")) return 2;
  return __builtin_cpu_supports("avx2") ? 1 : 0;
#else
  return 0;
#endif
}

// Tokens.

/// Goes over the text in blocks of 64 bytes; the last is read from a copy.
#define TOKENS(NAME, TARGET, MARK)                                                          \
  TARGET static long NAME(                                                                  \
      const uint8_t *text, long count, long *from, long *starts, long *ends, long room) {   \
    long found = 0, begun = -1, block = *from;                                              \
    while (block < count) {                                                                 \
      uint64_t parting;                                                                     \
      if (block + 64 <= count) {                                                            \
        parting = MARK(text + block);                                                       \
      } else {                                                                              \
        uint8_t last[64] = {0};                                                             \
        memcpy(last, text + block, (unsigned long)(count - block));                         \
        parting = MARK(last);                                                               \
      }                                                                                     \
      /* Where a byte is of another kind than the one before it, a token begins or ends. */ \
      uint64_t edges = parting ^ (parting << 1 | (begun < 0));                              \
      while (edges) {                                                                       \
        long place = block + __builtin_ctzll(edges);                                        \
        edges &= edges - 1;                                                                 \
        if (begun < 0) {                                                                    \
          begun = place;                                                                    \
        } else {                                                                            \
          starts[found] = begun;                                                            \
          ends[found++] = place;                                                            \
          begun = -1;                                                                       \
          if (found == room) {                                                              \
            *from = place;                                                                  \
            return found;                                                                   \
          }                                                                                 \
        }                                                                                   \
      }                                                                                     \
      block += 64;                                                                          \
    }                                                                                       \
    if (begun >= 0) {                                                                       \
      starts[found] = begun;                                                                \
      ends[found++] = count;                                                                \
    }                                                                                       \
    *from = count;                                                                          \
    return found;                                                                           \
  }

static inline uint64_t mark_plain(const uint8_t *bytes) {
  uint64_t bits = 0;
  for (int i = 0; i < 64; i++) bits |= (uint64_t)quipu_fasttext_parts(bytes[i]) << i;
  return bits;
}

TOKENS(tokens_plain, , mark_plain)

#if defined(__x86_64__)
AVX2 static inline uint64_t mark_avx2(const uint8_t *bytes) {
  uint64_t bits = 0;
  for (int half = 0; half < 2; half++) {
    __m256i all = _mm256_loadu_si256((const __m256i *)(bytes + 32 * half));
    __m256i low = _mm256_sub_epi8(all, _mm256_set1_epi8(9));
    __m256i controls = _mm256_cmpeq_epi8(_mm256_min_epu8(low, _mm256_set1_epi8(4)), low);
    __m256i blanks = _mm256_cmpeq_epi8(all, _mm256_set1_epi8(' '));
    __m256i zeros = _mm256_cmpeq_epi8(all, _mm256_setzero_si256());
    __m256i any = _mm256_or_si256(_mm256_or_si256(controls, blanks), zeros);
    bits |= (uint64_t)(uint32_t)_mm256_movemask_epi8(any) << 32 * half;
  }
  return bits;
}

AVX512 static inline uint64_t mark_avx512(const uint8_t *bytes) {
  __m512i all = _mm512_loadu_si512(bytes);
  __m512i low = _mm512_sub_epi8(all, _mm512_set1_epi8(9));
  return _mm512_cmplt_epu8_mask(low, _mm512_set1_epi8(5)) |
         _mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8(' ')) | _mm512_testn_epi8_mask(all, all);
}

TOKENS(tokens_avx2, AVX2, mark_avx2)
TOKENS(tokens_avx512, AVX512, mark_avx512)
#endif

long quipu_fasttext_tokens(
    int level, const uint8_t *text, long count, long *from, long *starts, long *ends, long room) {
#if defined(__x86_64__)
  if (level == 2) return tokens_avx512(text, count, from, starts, ends, room);
  if (level == 1) return tokens_avx2(text, count, from, starts, ends, room);
#endif
  return tokens_plain(text, count, from, starts, ends, room);
}

// N-grams.

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
