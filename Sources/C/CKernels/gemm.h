// C = A B or C += A B on panels packed as in BLIS (Van Zee and van de Geijn, ACM TOMS 41:3, 2015):
// A in panels of MR rows, B in panels of NR columns, both with the depth outermost, zero-padded.

#define GEMM_LANES ((long)(VECTOR_BYTES / sizeof(REAL)))
#define NR (NR_VECTORS * GEMM_LANES)
#define KC 256L  // a panel of B, KC x NR, then fills the first-level cache of 32 KiB on AVX-512

typedef REAL wide __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(REAL)), may_alias));

static void pack_a(void *packed, const void *a, long row_stride, long column_stride, long m, long k) {
  REAL *to = packed;
  for (long i = 0; i < m; i += MR) {
    const REAL *from = (const REAL *)a + i * row_stride;
    long rows = least(MR, m - i);
    if (rows < MR) memset(to, 0, (size_t)(MR * k) * sizeof(REAL));
    if (row_stride == 1) {
      for (long p = 0; p < k; p++)
        for (long r = 0; r < rows; r++) to[p * MR + r] = from[p * column_stride + r];
    } else {
      for (long block = 0; block < k; block += 16) {
        long end = least(block + 16, k);
        for (long r = 0; r < rows; r++)
          for (long p = block; p < end; p++)
            to[p * MR + r] = from[r * row_stride + p * column_stride];
      }
    }
    to += MR * k;
  }
}

static void pack_b(void *packed, const void *b, long row_stride, long column_stride, long k, long n) {
  REAL *to = packed;
  for (long j = 0; j < n; j += NR) {
    const REAL *from = (const REAL *)b + j * column_stride;
    long columns = least(NR, n - j);
    if (columns < NR) memset(to, 0, (size_t)(NR * k) * sizeof(REAL));
    if (column_stride == 1) {
      for (long p = 0; p < k; p++)
        memcpy(to + p * NR, from + p * row_stride, (size_t)columns * sizeof(REAL));
    } else {
      for (long block = 0; block < k; block += 16) {
        long end = least(block + 16, k);
        for (long c = 0; c < columns; c++)
          for (long p = block; p < end; p++)
            to[p * NR + c] = from[c * column_stride + p * row_stride];
      }
    }
    to += NR * k;
  }
}

/// One MR x NR tile, kept in registers over the whole depth.
INLINE void tile(const REAL *a, const REAL *b, long k, REAL *c, long ld, int accumulate) {
  wide sum[MR][NR_VECTORS];
#pragma clang loop unroll(full)
  for (long i = 0; i < MR; i++)
#pragma clang loop unroll(full)
    for (long j = 0; j < NR_VECTORS; j++) sum[i][j] = (wide){0};
  for (long p = 0; p < k; p++) {
    wide row[NR_VECTORS];
#pragma clang loop unroll(full)
    for (long j = 0; j < NR_VECTORS; j++) row[j] = ((const wide *)(b + p * NR))[j];
#pragma clang loop unroll(full)
    for (long i = 0; i < MR; i++)
#pragma clang loop unroll(full)
      for (long j = 0; j < NR_VECTORS; j++) sum[i][j] += a[p * MR + i] * row[j];
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
  for (long j = 0; j < n; j += NR) {
    const REAL *panel = (const REAL *)b + j * k;
    for (long i = 0; i < m; i += MR) {
      const REAL *rows = (const REAL *)a + i * k;
      REAL *to = (REAL *)c + i * ld + j;
      if (m - i >= MR && n - j >= NR) {
        tile(rows, panel, k, to, ld, accumulate);
      } else {
        REAL edge[MR * NR];
        tile(rows, panel, k, edge, NR, 0);
        for (long r = 0; r < least(MR, m - i); r++)
          for (long s = 0; s < least(NR, n - j); s++)
            to[r * ld + s] = accumulate ? to[r * ld + s] + edge[r * NR + s] : edge[r * NR + s];
      }
    }
  }
}

/// y[j] = x . w[j], rows of `w` at a distance of `ld`: for one or a few rows of x, where packing
/// would cost more than it saves.
static void multiply_rows(const void *x_, const void *w_, long ld, void *y_, long k, long n,
                          int accumulate) {
  const REAL *x = x_, *w = w_;
  REAL *y = y_;
  for (long j = 0; j < n; j++) {
    vector sum[2] = {{0}, {0}}, a, b;
    long p = 0;
    for (; p + 2 * LANES <= k; p += 2 * LANES) {
      sum[0] += *(const vector *)(x + p) * *(const vector *)(w + j * ld + p);
      sum[1] += *(const vector *)(x + p + LANES) * *(const vector *)(w + j * ld + p + LANES);
    }
    for (; p < k; p += LANES) {
      load(&a, x + p, k - p);
      load(&b, w + j * ld + p, k - p);
      sum[0] += a * b;
    }
    sum[0] += sum[1];
    REAL total = sum_lanes(&sum[0]);
    y[j] = accumulate ? y[j] + total : total;
  }
}

#if defined(PEAK)
double PEAK(long rounds) {
  wide sum[24];
  wide x = (wide){0} + (REAL)0.999, y = (wide){0} + (REAL)1e-3;
  for (int i = 0; i < 24; i++) sum[i] = (wide){0} + (REAL)i;
  // Without the barrier the compiler could do the sums once and for all.
  for (long r = 0; r < rounds; r++) {
    __asm__ volatile("" ::: "memory");
#pragma clang loop unroll(full)
    for (int i = 0; i < 12; i++) sum[i] = sum[i] * x + y;
#pragma clang loop unroll(full)
    for (int i = 12; i < 24; i++) sum[i] = sum[i] * x + y;
  }
  wide all = sum[0];
  for (int i = 1; i < 24; i++) all += sum[i];
  volatile REAL sink = all[0];
  (void)sink;
  return (double)rounds * 24 * 2 * (double)GEMM_LANES;
}
#endif
