// C = A B or C += A B on panels packed as in BLIS (Van Zee and van de Geijn, ACM TOMS 41:3, 2015):
// A in panels of MR rows, B in panels of NR columns, both with the depth outermost, zero-padded.

#define GEMM_LANES ((long)(VECTOR_BYTES / sizeof(REAL)))
#define NR (NR_VECTORS * GEMM_LANES)
#define KC 256L  // a panel of B, KC x NR, then fills the first-level cache of 32 KiB on AVX-512

typedef REAL wide __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(REAL)), may_alias));

typedef REAL quad __attribute__((vector_size(4 * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));

/// Copies `rows` x `depth` elements, where the elements of a row are neighbours in `from`, into columns
/// of a panel that is `width` wide: 4 x 4 at a time where they fit.
INLINE void transpose(REAL *to, long width, const REAL *from, long stride, long rows, long depth) {
  long r = 0;
  for (; r + 4 <= rows; r += 4) {
    const REAL *row = from + r * stride;
    long p = 0;
    for (; p + 4 <= depth; p += 4) {
      quad a = *(const quad *)(row + p), b = *(const quad *)(row + stride + p);
      quad c = *(const quad *)(row + 2 * stride + p), d = *(const quad *)(row + 3 * stride + p);
      quad ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
      quad high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
      quad most = __builtin_shufflevector(c, d, 2, 6, 3, 7);
      REAL *at = to + p * width + r;
      *(quad *)at = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
      *(quad *)(at + width) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
      *(quad *)(at + 2 * width) = __builtin_shufflevector(high, most, 0, 1, 4, 5);
      *(quad *)(at + 3 * width) = __builtin_shufflevector(high, most, 2, 3, 6, 7);
    }
    for (; p < depth; p++)
      for (long i = 0; i < 4; i++) to[p * width + r + i] = row[i * stride + p];
  }
  for (; r < rows; r++)
    for (long p = 0; p < depth; p++) to[p * width + r] = from[r * stride + p];
}

/// Copies panels whose rows are neighbours in `from`. The depth is the outer loop: it may step by a
/// page of memory each time, and a page is then visited once.
INLINE void gather(REAL *to, long width, const REAL *from, long stride, long rows, long depth) {
  for (long p = 0; p < depth; p++) {
    const REAL *row = from + p * stride;
    long i = 0;
    for (; i + width <= rows; i += width)
      memcpy(to + i * depth + p * width, row + i, (size_t)width * sizeof(REAL));
    for (long r = 0; r < rows - i; r++) to[i * depth + p * width + r] = row[i + r];
  }
}

/// Panels `width` wide of a matrix whose element (i, p) is at `from + i * across + p * along`.
INLINE void pack(REAL *to, long width, const REAL *from, long across, long along, long n, long depth) {
  long full = n / width * width;
  if (full < n) memset(to + full * depth, 0, (size_t)(width * depth) * sizeof(REAL));
  if (across == 1) {
    gather(to, width, from, along, n, depth);
  } else {
    for (long i = 0; i < n; i += width)
      transpose(to + i * depth, width, from + i * across, across, least(width, n - i), depth);
  }
}

static void pack_a(void *packed, const void *a, long row_stride, long column_stride, long m, long k) {
  pack(packed, MR, a, row_stride, column_stride, m, k);
}

static void pack_b(void *packed, const void *b, long row_stride, long column_stride, long k, long n) {
  pack(packed, NR, b, column_stride, row_stride, n, k);
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
