// The loops of fastText's training: one source, compiled for three kinds of processor.
//
// Clang turns its 16-float vectors into whatever registers there are, with the same results: elements
// are independent, and sums across a vector are written out as a tree.
#include "fasttext_training.h"
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

typedef float lanes __attribute__((vector_size(64)));
typedef int32_t integers __attribute__((vector_size(64)));
typedef uint32_t naturals __attribute__((vector_size(64)));

/// How many rows ahead memory is asked for.
enum { AHEAD = 12 };

#define LEVEL(name) name##_plain
#define TARGET
#include "fasttext_training_loops.h"
#undef LEVEL
#undef TARGET

#if defined(__x86_64__)
#define LEVEL(name) name##_avx2
#define TARGET __attribute__((target("avx2")))
#include "fasttext_training_loops.h"
#undef LEVEL
#undef TARGET

#include <immintrin.h>
#define LEVEL(name) name##_avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#include "fasttext_training_loops.h"
#undef LEVEL
#undef TARGET

__attribute__((target("avx512f"))) static long keep_avx512(
    const uint32_t *rows, long count, uint32_t low, uint32_t high, uint32_t *kept) {
  const __m512i residue = _mm512_set1_epi32(63), first = _mm512_set1_epi32((int)low);
  const __m512i span = _mm512_set1_epi32((int)(high - low));
  long found = 0;
  for (long i = 0; i < count; i += 16) {
    __m512i row = _mm512_loadu_si512(rows + i);
    __m512i place = _mm512_sub_epi32(_mm512_and_si512(row, residue), first);
    __mmask16 mine = _mm512_cmplt_epu32_mask(place, span);
    if (count - i < 16) mine &= (__mmask16)((1u << (count - i)) - 1);
    _mm512_storeu_si512(kept + found, _mm512_maskz_compress_epi32(mine, row));
    found += __builtin_popcount(mine);
  }
  return found;
}

#define CHOOSE(level, name, ...)                               \
  ((level) == 2   ? name##_avx512(__VA_ARGS__)                 \
   : (level) == 1 ? name##_avx2(__VA_ARGS__)                   \
                  : name##_plain(__VA_ARGS__))
#else
#define CHOOSE(level, name, ...) ((void)(level), name##_plain(__VA_ARGS__))
#endif

int quipu_training_best(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return 2;
  return __builtin_cpu_supports("avx2") != 0;
#else
  return 0;
#endif
}

void quipu_training_fill(
    int level, float *matrix, long first, long count, long width, long dim, uint64_t seed, float bound) {
  CHOOSE(level, fill, matrix, first, count, width, dim, seed, bound);
}

long quipu_training_gather(
    const uint32_t *words, long count, const uint32_t *starts, const uint32_t *lists, uint32_t *rows) {
  uint32_t *end = rows;
  for (long i = 0; i < count; i++) {
    const uint32_t *list = lists + starts[words[i]];
    long length = starts[words[i] + 1] - starts[words[i]];
    for (long j = 0; j < length; j += 16) memcpy(end + j, list + j, 64);
    end += length;
  }
  return end - rows;
}

void quipu_training_sum(
    int level, const float *matrix, long width, const uint32_t *rows, long count, float scale, float *hidden) {
  CHOOSE(level, sum, matrix, width, rows, count, scale, hidden);
}

void quipu_training_add(
    int level, float *matrix, long width, const uint32_t *rows, long count, const float *gradient) {
  CHOOSE(level, add, matrix, width, rows, count, gradient);
}

long quipu_training_keep(
    int level, const uint32_t *rows, long count, uint32_t low, uint32_t high, uint32_t *kept) {
#if defined(__x86_64__)
  if (level == 2) return keep_avx512(rows, count, low, high, kept);
#endif
  (void)level;
  long found = 0;
  for (long i = 0; i < count; i++) {
    kept[found] = rows[i];
    found += (rows[i] & 63) - low < high - low;
  }
  return found;
}

float quipu_training_all(
    int level, float *output, long labels, long width, const float *hidden, float rate, int exclusive,
    const uint32_t *targets, long target_count, float *scores, float *gradient) {
  return CHOOSE(
      level, all, output, labels, width, hidden, rate, exclusive, targets, target_count, scores, gradient);
}

float quipu_training_some(
    int level, float *output, long width, const float *hidden, float rate, const uint32_t *rows,
    const uint8_t *answers, long count, float *gradient) {
  return CHOOSE(level, some, output, width, hidden, rate, rows, answers, count, gradient);
}

void quipu_training_scale(float *vector, long width, float scale) {
  for (long i = 0; i < 16 * width; i++) vector[i] *= scale;
}

void quipu_training_assign(
    int level, const float *points, long count, long dim, long stride, const float *transposed,
    uint8_t *codes, long code_stride) {
  CHOOSE(level, assign, points, count, dim, stride, transposed, codes, code_stride);
}
