// The arithmetic of fastText's matrices: see the header.
#include "fasttext.h"

#include <math.h>
#include <string.h>

// A product that is added is rounded first, as the program's is: the results are the same bits.
#pragma STDC FP_CONTRACT OFF

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw")))
#endif

// Rows of floats.

/// A float at any address.
typedef float loose __attribute__((aligned(1)));

static void add_rows_plain(
    float *sum, long columns, const char *matrix, const uint32_t *rows, long count) {
  for (long i = 0; i < count; i++) {
    const loose *row = (const loose *)(matrix + 4 * columns * (long)rows[i]);
    for (long column = 0; column < columns; column++) sum[column] += row[column];
  }
}

#if defined(__x86_64__)

/// How many rows ahead memory is asked for.
enum { AHEAD = 32 };

static inline void ask(const char *row, long bytes) {
  for (long line = 0; line < bytes; line += 64) __builtin_prefetch(row + line);
  __builtin_prefetch(row + bytes - 1);
}

/// Up to eight registers of columns at once, from `first` on.
#define ADD_ROWS(NAME, TARGET, REGISTER, LANES, LOAD, ADD)                                     \
  TARGET static inline __attribute__((always_inline)) void NAME(                               \
      const int registers, float *sum, long columns, const char *matrix, const uint32_t *rows, \
      long count) {                                                                            \
    REGISTER sums[8];                                                                          \
    for (int r = 0; r < registers; r++) sums[r] = LOAD((const void *)(sum + LANES * r));       \
    for (long i = 0; i < count; i++) {                                                         \
      if (i + AHEAD < count)                                                                   \
        ask(matrix + 4 * columns * (long)rows[i + AHEAD], 4 * LANES * registers);              \
      const char *row = matrix + 4 * columns * (long)rows[i];                                  \
      for (int r = 0; r < registers; r++) sums[r] = ADD(sums[r], LOAD(row + 4 * LANES * r));   \
    }                                                                                          \
    for (int r = 0; r < registers; r++) memcpy(sum + LANES * r, &sums[r], 4 * LANES);          \
  }

#define LOAD512(address) _mm512_loadu_ps(address)
#define LOAD256(address) _mm256_loadu_ps((const float *)(address))
ADD_ROWS(add_512, AVX512, __m512, 16, LOAD512, _mm512_add_ps)
ADD_ROWS(add_256, AVX2, __m256, 8, LOAD256, _mm256_add_ps)

/// The columns behind the last whole register.
AVX512 static void add_rest_512(
    float *sum, long columns, long stride, const char *matrix, const uint32_t *rows, long count) {
  __mmask16 mask = (__mmask16)((1u << columns) - 1);
  __m512 all = _mm512_maskz_loadu_ps(mask, sum);
  for (long i = 0; i < count; i++) {
    const char *row = matrix + 4 * stride * (long)rows[i];
    all = _mm512_add_ps(all, _mm512_maskz_loadu_ps(mask, row));
  }
  _mm512_mask_storeu_ps(sum, mask, all);
}

static void add_rest(
    float *sum, long columns, long stride, const char *matrix, const uint32_t *rows, long count) {
  for (long i = 0; i < count; i++) {
    const loose *row = (const loose *)(matrix + 4 * stride * (long)rows[i]);
    for (long column = 0; column < columns; column++) sum[column] += row[column];
  }
}

/// Eight registers at a time, then those left over, then the columns that fill none.
#define ADD_ALL(NAME, TARGET, LANES, SOME, REST)                                              \
  TARGET static void NAME(                                                                    \
      float *sum, long columns, const char *matrix, const uint32_t *rows, long count) {       \
    long done = 0;                                                                            \
    for (; columns - done >= 8 * LANES; done += 8 * LANES)                                    \
      SOME(8, sum + done, columns, matrix + 4 * done, rows, count);                           \
    float *next = sum + done;                                                                 \
    const char *from = matrix + 4 * done;                                                     \
    switch ((columns - done) / LANES) {                                                       \
      case 1: SOME(1, next, columns, from, rows, count); break;                               \
      case 2: SOME(2, next, columns, from, rows, count); break;                               \
      case 3: SOME(3, next, columns, from, rows, count); break;                               \
      case 4: SOME(4, next, columns, from, rows, count); break;                               \
      case 5: SOME(5, next, columns, from, rows, count); break;                               \
      case 6: SOME(6, next, columns, from, rows, count); break;                               \
      case 7: SOME(7, next, columns, from, rows, count); break;                               \
      default: break;                                                                         \
    }                                                                                         \
    done = columns / LANES * LANES;                                                           \
    if (done < columns)                                                                       \
      REST(sum + done, columns - done, columns, matrix + 4 * done, rows, count);              \
  }

ADD_ALL(add_rows_512, AVX512, 16, add_512, add_rest_512)
ADD_ALL(add_rows_256, AVX2, 8, add_256, add_rest)

#endif

void quipu_fasttext_add_rows(
    int level, float *sum, long columns, const void *matrix, const uint32_t *rows, long count) {
#if defined(__x86_64__)
  if (level == 2) return add_rows_512(sum, columns, matrix, rows, count);
  if (level == 1) return add_rows_256(sum, columns, matrix, rows, count);
#endif
  add_rows_plain(sum, columns, matrix, rows, count);
}

// Quantised rows.

static inline float norm_of(const quipu_fasttext_quantised *matrix, long row) {
  if (!matrix->norm_codes) return 1;
  return ((const loose *)matrix->norm_centroids)[matrix->norm_codes[row]];
}

static inline const loose *centroid_of(
    const quipu_fasttext_quantised *matrix, long part, uint8_t code) {
  long width = part == matrix->parts - 1 ? matrix->last_width : matrix->width;
  return (const loose *)matrix->centroids + 256 * matrix->width * part + width * code;
}

#if defined(__x86_64__)

/// Rows whose parts are of two columns: eight centroids are gathered at once.
AVX512 static void add_pairs_512(
    float *sum, const quipu_fasttext_quantised *matrix, const uint32_t *rows, long count) {
  const long pairs = matrix->last_width == 2 ? matrix->parts : matrix->parts - 1;
  for (long first = 0; first < pairs; first += 8) {
    const long here = pairs - first < 8 ? pairs - first : 8;
    const __mmask16 columns = (__mmask16)((1u << 2 * here) - 1);
    const __mmask8 parts = (__mmask8)((1u << here) - 1);
    const __m512i tables = _mm512_add_epi64(
        _mm512_set1_epi64(256 * first), _mm512_setr_epi64(0, 256, 512, 768, 1024, 1280, 1536, 1792));
    __m512 all = _mm512_maskz_loadu_ps(columns, sum + 2 * first);
    for (long i = 0; i < count; i++) {
      // Up to seven bytes too many; behind the codes are the centroids.
      const uint8_t *codes = matrix->codes + matrix->parts * (long)rows[i] + first;
      __m512i places = _mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)codes));
      __m512d centroids = _mm512_mask_i64gather_pd(
          _mm512_setzero_pd(), parts, _mm512_add_epi64(places, tables), matrix->centroids, 8);
      __m512 norm = _mm512_set1_ps(norm_of(matrix, rows[i]));
      all = _mm512_add_ps(all, _mm512_mul_ps(norm, _mm512_castpd_ps(centroids)));
    }
    _mm512_mask_storeu_ps(sum + 2 * first, columns, all);
  }
  if (pairs == matrix->parts) return;
  for (long i = 0; i < count; i++) {
    const uint8_t *codes = matrix->codes + matrix->parts * (long)rows[i];
    sum[2 * pairs] += norm_of(matrix, rows[i]) * *centroid_of(matrix, pairs, codes[pairs]);
  }
}

#endif

void quipu_fasttext_add_quantised_rows(
    int level, float *sum, const quipu_fasttext_quantised *matrix, const uint32_t *rows,
    long count) {
#if defined(__x86_64__)
  if (level == 2 && matrix->width == 2) return add_pairs_512(sum, matrix, rows, count);
#else
  (void)level;
#endif
  for (long i = 0; i < count; i++) {
    const float norm = norm_of(matrix, rows[i]);
    const uint8_t *codes = matrix->codes + matrix->parts * (long)rows[i];
    float *next = sum;
    for (long part = 0; part < matrix->parts; part++) {
      const loose *centroid = centroid_of(matrix, part, codes[part]);
      long width = part == matrix->parts - 1 ? matrix->last_width : matrix->width;
      for (long column = 0; column < width; column++) *next++ += norm * centroid[column];
    }
  }
}

// Products.

float quipu_fasttext_dot(const void *row, const float *x, long columns) {
  float sum = 0;
  for (long column = 0; column < columns; column++) sum += ((const loose *)row)[column] * x[column];
  return sum;
}

float quipu_fasttext_quantised_dot(
    const quipu_fasttext_quantised *matrix, const float *x, long row) {
  const uint8_t *codes = matrix->codes + matrix->parts * row;
  float sum = 0;
  for (long part = 0; part < matrix->parts; part++) {
    const loose *centroid = centroid_of(matrix, part, codes[part]);
    long width = part == matrix->parts - 1 ? matrix->last_width : matrix->width;
    for (long column = 0; column < width; column++) sum += *x++ * centroid[column];
  }
  return sum * norm_of(matrix, row);
}

void quipu_fasttext_panel(const void *rows, long columns, long count, float *panel) {
  for (long column = 0; column < columns; column++)
    for (long row = 0; row < 16; row++)
      *panel++ = row < count ? ((const loose *)rows)[columns * row + column] : 0;
  for (long row = 0; row < 16; row++) *panel++ = 1;
}

void quipu_fasttext_quantised_panel(
    const quipu_fasttext_quantised *matrix, long first, long columns, long count, float *panel) {
  memset(panel, 0, sizeof(float) * 16 * (unsigned long)(columns + 1));
  for (long row = 0; row < count; row++) {
    const uint8_t *codes = matrix->codes + matrix->parts * (first + row);
    float *next = panel + row;
    for (long part = 0; part < matrix->parts; part++) {
      const loose *centroid = centroid_of(matrix, part, codes[part]);
      long width = part == matrix->parts - 1 ? matrix->last_width : matrix->width;
      for (long column = 0; column < width; column++, next += 16) *next = centroid[column];
    }
    *next = norm_of(matrix, first + row);
  }
}

/// One panel: sixteen sums, each of its own row.
#define PANEL_DOTS(NAME, TARGET)                                                        \
  TARGET static void NAME(                                                              \
      const float *panels, long count, const float *x, long columns, float *products) { \
    for (long panel = 0; panel < count; panel++, products += 16) {                      \
      float sums[16] = {0};                                                             \
      for (long column = 0; column < columns; column++, panels += 16)                   \
        for (int row = 0; row < 16; row++) sums[row] += panels[row] * x[column];        \
      for (int row = 0; row < 16; row++) products[row] = sums[row] * panels[row];       \
      panels += 16;                                                                     \
    }                                                                                   \
  }

PANEL_DOTS(panel_dots_plain, )

#if defined(__x86_64__)
PANEL_DOTS(panel_dots_avx2, AVX2)
PANEL_DOTS(panel_dots_avx512, AVX512)
#endif

void quipu_fasttext_panel_dots(
    int level, const float *panels, long count, const float *x, long columns, float *products) {
#if defined(__x86_64__)
  if (level == 2) return panel_dots_avx512(panels, count, x, columns, products);
  if (level == 1) return panel_dots_avx2(panels, count, x, columns, products);
#endif
  panel_dots_plain(panels, count, x, columns, products);
}

void quipu_fasttext_softmax(float *numbers, long count) {
  float largest = numbers[0], sum = 0;
  for (long i = 1; i < count; i++) largest = numbers[i] > largest ? numbers[i] : largest;
  for (long i = 0; i < count; i++) sum += numbers[i] = (float)exp((double)(numbers[i] - largest));
  for (long i = 0; i < count; i++) numbers[i] /= sum;
}
