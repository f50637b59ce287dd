// C = A B or C += A B on panels packed as in BLIS (Van Zee and van de Geijn, ACM TOMS 41:3, 2015):
// A in panels of MR rows, B in panels of NR columns, both with the depth outermost, zero-padded.
// A template: the including file says REAL, PRODUCTS, LEVEL, VECTOR_BYTES, MR, NR_VECTORS, and PAIRS
// where a place of a panel holds two bf16.

#define WIDE_LANES ((long)(VECTOR_BYTES / sizeof(REAL)))
#define NR (NR_VECTORS * WIDE_LANES)
#define PLACES 256L  // a panel of A then stays in the first-level cache, a task's B in the second

typedef REAL wide __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(REAL)), may_alias));

#if VECTOR_BYTES == 64
#include "panels_avx512.h"
#else
#include "panels.h"
#endif

#if defined(PAIRS)
#define DEPTH_PAIRS 2L
typedef int32_t word __attribute__((may_alias));
#define MULTIPLY_ADD(sum, a, b) \
  (wide) _mm512_dpbf16_ps((__m512)(sum), (__m512bh)_mm512_set1_epi32(a), (__m512bh)(b))
#else
#define DEPTH_PAIRS 1L
typedef REAL word;
#define MULTIPLY_ADD(sum, a, b) ((sum) + (a) * (b))
#endif

static void pack_a(void *packed, const void *a, long row_stride, long column_stride, long m, long k) {
  pack(packed, MR, a, row_stride, column_stride, m, k);
}

static void pack_b(void *packed, const void *b, long row_stride, long column_stride, long k, long n) {
  pack(packed, NR, b, column_stride, row_stride, n, k);
}

/// One MR x NR tile, kept in registers over the whole depth of `places`.
INLINE void tile(const REAL *a_, const REAL *b, long places, REAL *c, long ld, int accumulate) {
  const word *a = (const word *)a_;
  wide sum[MR][NR_VECTORS];
#pragma clang loop unroll(full)
  for (long i = 0; i < MR; i++)
#pragma clang loop unroll(full)
    for (long j = 0; j < NR_VECTORS; j++) {
      sum[i][j] = (wide){0};
      __builtin_prefetch(c + i * ld + j * WIDE_LANES, 1);
    }
#pragma clang loop unroll(disable)
  for (long p = 0; p < places; p++) {
    wide row[NR_VECTORS];
#pragma clang loop unroll(full)
    for (long j = 0; j < NR_VECTORS; j++) row[j] = ((const wide *)(b + p * NR))[j];
#if defined(__aarch64__) && VECTOR_BYTES == 16 && MR % 4 == 0
    // NEON multiplies by a lane: vectors of A cost fewer loads than its elements.
    wide column[MR / WIDE_LANES];
#pragma clang loop unroll(full)
    for (long i = 0; i < MR / WIDE_LANES; i++) column[i] = ((const wide *)(a + p * MR))[i];
#define OF_A(i) column[(i) / WIDE_LANES][(i) % WIDE_LANES]
#else
#define OF_A(i) a[p * MR + (i)]
#endif
#pragma clang loop unroll(full)
    for (long i = 0; i < MR; i++)
#pragma clang loop unroll(full)
      for (long j = 0; j < NR_VECTORS; j++) sum[i][j] = MULTIPLY_ADD(sum[i][j], OF_A(i), row[j]);
  }
#pragma clang loop unroll(full)
  for (long i = 0; i < MR; i++)
#pragma clang loop unroll(full)
    for (long j = 0; j < NR_VECTORS; j++) {
      wide *to = (wide *)(c + i * ld) + j;
      *to = accumulate ? *to + sum[i][j] : sum[i][j];
    }
}

static void multiply_packed(const void *a, const void *b, long k, void *c, long ld, long m, long n,
                            int accumulate) {
  long places = (k + DEPTH_PAIRS - 1) / DEPTH_PAIRS;
  for (long i = 0; i < m; i += MR) {
    const REAL *rows = (const REAL *)a + i * places;
    for (long j = 0; j < n; j += NR) {
      const REAL *panel = (const REAL *)b + j * places;
      REAL *to = (REAL *)c + i * ld + j;
      if (m - i >= MR && n - j >= NR) {
        tile(rows, panel, places, to, ld, accumulate);
      } else {
        REAL edge[MR * NR];
        tile(rows, panel, places, edge, NR, 0);
        for (long r = 0; r < least(MR, m - i); r++)
          for (long s = 0; s < least(NR, n - j); s++)
            to[r * ld + s] = accumulate ? to[r * ld + s] + edge[r * NR + s] : edge[r * NR + s];
      }
    }
  }
}

const quipu_products PRODUCTS = {
    .name = LEVEL,
    .mr = MR,
    .nr = NR,
    .kc = PLACES * DEPTH_PAIRS,
    .pairs = DEPTH_PAIRS,
    .step = 1,
    .pack_a = pack_a,
    .pack_b = pack_b,
    .multiply_packed = multiply_packed,
};

#if defined(PEAK)
double PEAK(long rounds) {
  wide sum[24];
  wide x = (wide){0} + (REAL)0.999, y = (wide){0} + (REAL)1e-3;
  for (int i = 0; i < 24; i++) sum[i] = (wide){0} + (REAL)i;
  // Without the barrier the compiler could do the sums once and for all.
  for (long r = 0; r < rounds; r++) {
    __asm__ volatile("" ::: "memory");
#if defined(PAIRS)
#pragma clang loop unroll(full)
    for (int i = 0; i < 24; i++)
      sum[i] = (wide)_mm512_dpbf16_ps((__m512)sum[i], (__m512bh)x, (__m512bh)y);
#else
#pragma clang loop unroll(full)
    for (int i = 0; i < 24; i++) sum[i] = sum[i] * x + y;
#endif
  }
  wide all = sum[0];
  for (int i = 1; i < 24; i++) all += sum[i];
  volatile REAL sink = all[0];
  (void)sink;
  return (double)rounds * 24 * 2 * (double)(WIDE_LANES * DEPTH_PAIRS);
}
#endif
