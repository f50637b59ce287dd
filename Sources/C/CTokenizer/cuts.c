// Cuts text into the units that a tokenizer's trainer counts.
//
// Text goes by in blocks of 64 bytes, each giving a word of 64 bits: one where a unit
// begins. Where all bytes of a block are ASCII and the processor has vectors, a table look-up turns
// bytes into sets of one class, and a place begins a unit where its class is in the set that parts
// from the class before it: two tests for each class and block. Other blocks go scalar by scalar.
#include "CTokenizer.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef int (*ascii_block)(const quipu_cut_rules *rules, const uint8_t *text, uint64_t *word);

static inline long decode(const uint8_t *p, uint32_t *scalar) {
  if (p[0] < 0x80) {
    *scalar = p[0];
    return 1;
  }
  if (p[0] < 0xe0) {
    *scalar = (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
    return 2;
  }
  if (p[0] < 0xf0) {
    *scalar = (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
    return 3;
  }
  *scalar = (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
            (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
  return 4;
}

typedef long (*lister)(uint64_t word, long base, uint32_t *places, long found);

static inline long list(uint64_t word, long base, uint32_t *places, long found) {
  for (; word; word &= word - 1) places[found++] = (uint32_t)(base + __builtin_ctzll(word));
  return found;
}

static inline __attribute__((always_inline)) long find(const quipu_cut_rules *rules,
                                                       const uint8_t *text, long count,
                                                       uint32_t *places, ascii_block ascii,
                                                       lister list) {
  if (count == 0) return 0;
  const uint8_t *classes = rules->classes, *joins = rules->joins;
  long found = 0, place = 0;
  unsigned before = 0;
  for (long base = 0; base < count; base += 64) {
    uint64_t word = 0;
    if (place == base && count - base >= 64 && ascii && ascii(rules, text + base, &word)) {
      word |= !joins[before << 8 | classes[text[base]]];
      before = classes[text[base + 63]];
      place = base + 64;
    } else {
      long end = count - base < 64 ? count : base + 64;
      while (place < end) {
        uint32_t scalar;
        long length = decode(text + place, &scalar);
        unsigned kind = classes[scalar];
        word |= (uint64_t)!joins[before << 8 | kind] << (place - base);
        before = kind;
        place += length;
      }
    }
    if (base == 0) word &= ~1ull;
    found = list(word, base, places, found);
  }
  places[found++] = (uint32_t)count;
  return found;
}

static long find_plain(const quipu_cut_rules *rules, const uint8_t *text, long count,
                       uint32_t *places) {
  return find(rules, text, count, places, NULL, list);
}

#if defined(__x86_64__)
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vbmi,popcnt")))

AVX512 static inline int block_avx512(const quipu_cut_rules *rules, const uint8_t *text,
                                      uint64_t *word) {
  __m512i bytes = _mm512_loadu_si512(text);
  if (_mm512_movepi8_mask(bytes)) return 0;
  __m512i kinds = _mm512_permutex2var_epi8(_mm512_loadu_si512(rules->ascii), bytes,
                                           _mm512_loadu_si512(rules->ascii + 64));
  uint64_t begins = 0;
  for (int kind = 0; kind < 8; kind++) {
    uint64_t of_kind = _mm512_test_epi8_mask(kinds, _mm512_set1_epi8((char)(1 << kind)));
    __m512i behind = _mm512_set1_epi8((char)rules->ascii[128 + kind]);
    uint64_t parted = _mm512_test_epi8_mask(kinds, behind);
    begins |= of_kind << 1 & parted;
  }
  *word = begins;
  return 1;
}

/// Sixteen bits at a time, without a branch; up to sixteen places behind the last are overwritten.
AVX512 static inline long list_avx512(uint64_t word, long base, uint32_t *places, long found) {
  __m512i all = _mm512_add_epi32(
      _mm512_set1_epi32((int)base),
      _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  for (int quarter = 0; quarter < 4; quarter++) {
    __mmask16 mask = (__mmask16)(word >> (16 * quarter));
    _mm512_storeu_si512(places + found, _mm512_maskz_compress_epi32(mask, all));
    found += __builtin_popcount(mask);
    all = _mm512_add_epi32(all, _mm512_set1_epi32(16));
  }
  return found;
}

AVX512 static long find_avx512(const quipu_cut_rules *rules, const uint8_t *text, long count,
                               uint32_t *places) {
  return find(rules, text, count, places, block_avx512, list_avx512);
}

#define AVX2 __attribute__((target("avx2")))

/// The classes of 32 ASCII bytes: sixteen at a time share their upper half and one look-up.
AVX2 static inline __m256i kinds_avx2(const quipu_cut_rules *rules, __m256i bytes) {
  __m256i upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0f));
  __m256i kinds = _mm256_setzero_si256();
  for (int half = 0; half < 8; half++) {
    __m128i sixteen = _mm_loadu_si128((const __m128i *)(rules->ascii + 16 * half));
    __m256i found = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(sixteen), bytes);
    __m256i is_here = _mm256_cmpeq_epi8(upper, _mm256_set1_epi8((char)half));
    kinds = _mm256_or_si256(kinds, _mm256_and_si256(found, is_here));
  }
  return kinds;
}

/// The bits of bytes that share a bit with `bits`.
AVX2 static inline uint64_t test_avx2(__m256i low, __m256i high, uint8_t bits) {
  __m256i wanted = _mm256_set1_epi8((char)bits), zero = _mm256_setzero_si256();
  uint32_t none_low = (uint32_t)_mm256_movemask_epi8(
      _mm256_cmpeq_epi8(_mm256_and_si256(low, wanted), zero));
  uint32_t none_high = (uint32_t)_mm256_movemask_epi8(
      _mm256_cmpeq_epi8(_mm256_and_si256(high, wanted), zero));
  return ~((uint64_t)none_high << 32 | none_low);
}

AVX2 static inline int block_avx2(const quipu_cut_rules *rules, const uint8_t *text,
                                  uint64_t *word) {
  __m256i low = _mm256_loadu_si256((const __m256i *)text);
  __m256i high = _mm256_loadu_si256((const __m256i *)(text + 32));
  if (_mm256_movemask_epi8(_mm256_or_si256(low, high))) return 0;
  low = kinds_avx2(rules, low);
  high = kinds_avx2(rules, high);
  uint64_t begins = 0;
  for (int kind = 0; kind < 8; kind++)
    begins |= test_avx2(low, high, (uint8_t)(1 << kind)) << 1 &
              test_avx2(low, high, rules->ascii[128 + kind]);
  *word = begins;
  return 1;
}

AVX2 static long find_avx2(const quipu_cut_rules *rules, const uint8_t *text, long count,
                           uint32_t *places) {
  return find(rules, text, count, places, block_avx2, list);
}
#endif

int quipu_cuts_best(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw"))
    return quipu_cuts_avx512;
  if (__builtin_cpu_supports("avx2")) return quipu_cuts_avx2;
#endif
  return quipu_cuts_plain;
}

long quipu_find_cuts(int level, const quipu_cut_rules *rules, const uint8_t *text, long count,
                     uint32_t *places) {
#if defined(__x86_64__)
  if (level == quipu_cuts_avx512) return find_avx512(rules, text, count, places);
  if (level == quipu_cuts_avx2) return find_avx2(rules, text, count, places);
#endif
  (void)level;
  return find_plain(rules, text, count, places);
}
