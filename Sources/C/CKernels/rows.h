// Products with one or a few rows.

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
