// Marks where an encoder cuts text: each byte's class by a table, and each pair of classes by another.
#include "CTokenizer.h"

static void mark_plain(
    const uint8_t *text, long words, const uint8_t *classes, const uint8_t *pairs,
    uint64_t *cuts, uint64_t *high) {
  unsigned before = classes[text[-1]];
  for (long word = 0; word < words; word++) {
    uint64_t cut = 0, wide = 0;
    for (unsigned bit = 0; bit < 64; bit++) {
      unsigned byte = text[64 * word + bit];
      unsigned kind = classes[byte];
      cut |= (uint64_t)(pairs[before << 4 | kind] != 0) << bit;
      wide |= (uint64_t)(byte >> 7) << bit;
      before = kind;
    }
    cuts[word] = cut;
    high[word] = wide;
  }
}

#if defined(__x86_64__)
#include <immintrin.h>

#define VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi")))

/// 256 bytes in four registers, looked up 64 at a time.
typedef struct {
  __m512i rows[4];
} table;

VBMI static inline table load(const uint8_t *bytes) {
  table all;
  for (int i = 0; i < 4; i++) all.rows[i] = _mm512_loadu_si512(bytes + 64 * i);
  return all;
}

VBMI static inline __m512i look_up(const table *all, __m512i index) {
  __m512i lower = _mm512_permutex2var_epi8(all->rows[0], index, all->rows[1]);
  __m512i upper = _mm512_permutex2var_epi8(all->rows[2], index, all->rows[3]);
  return _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), lower, upper);
}

VBMI static void mark_vbmi(
    const uint8_t *text, long words, const uint8_t *classes, const uint8_t *pairs,
    uint64_t *cuts, uint64_t *high) {
  const table kinds = load(classes), decisions = load(pairs);
  for (long word = 0; word < words; word++) {
    __m512i bytes = _mm512_loadu_si512(text + 64 * word);
    __m512i kind = look_up(&kinds, bytes);
    __m512i before = look_up(&kinds, _mm512_loadu_si512(text + 64 * word - 1));
    // Classes are below 16, so a shift of two bytes at once carries nothing from one to the other.
    __m512i both = _mm512_or_si512(_mm512_slli_epi16(before, 4), kind);
    __m512i decision = look_up(&decisions, both);
    cuts[word] = _mm512_test_epi8_mask(decision, decision);
    high[word] = _mm512_movepi8_mask(bytes);
  }
}

#endif

int quipu_marks_best(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw");
#else
  return 0;
#endif
}

void quipu_mark_cuts(
    int level, const uint8_t *text, long words, const uint8_t *classes, const uint8_t *pairs,
    uint64_t *cuts, uint64_t *high) {
#if defined(__x86_64__)
  if (level == 1) return mark_vbmi(text, words, classes, pairs, cuts, high);
#endif
  mark_plain(text, words, classes, pairs, cuts, high);
}
