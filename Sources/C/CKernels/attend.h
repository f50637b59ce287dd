// Rotary positions, and the softmax of causal attention on one block of rows of scores.

/// Turns the pairs (i, i + half) of every head by the angle of the row's position.
static void rotate(void *x_, long ld, const void *cosines, const void *sines, long row, long rows,
                   long length, long start, long heads, long half, int backward) {
  REAL *x = x_;
  REAL sign = backward ? -1 : 1;
  for (long r = 0; r < rows; r++, x += ld) {
    long position = start + (row + r) % length;
    const REAL *c = (const REAL *)cosines + position * half;
    const REAL *s = (const REAL *)sines + position * half;
    for (long h = 0; h < heads; h++) {
      REAL *low = x + 2 * half * h, *high = low + half;
      for (long i = 0; i < half; i += LANES) {
        vector a, b, u, v, t;
        load(&a, low + i, half - i);
        load(&b, high + i, half - i);
        load(&u, c + i, half - i);
        load(&v, s + i, half - i);
        v *= sign;
        t = a * u - b * v;
        store(&t, low + i, half - i);
        t = b * u + a * v;
        store(&t, high + i, half - i);
      }
    }
  }
}

INLINE void forget(REAL *row, long visible, long width) {
  if (width > visible) memset(row + visible, 0, (size_t)(width - visible) * sizeof(REAL));
}

/// Row r sees its first `visible + r` scores; the rest become 0. Keeps log(sum(e^(scale * score))).
static void causal_softmax(void *scores, long ld, long rows, long width, long visible, double scale_,
                           void *log_sum) {
  REAL scale = (REAL)scale_;
  for (long r = 0; r < rows; r++) {
    REAL *row = (REAL *)scores + r * ld;
    long n = least(visible + r, width);
    vector top = (vector){0} + row[0], sum = {0}, v;
    long i = 0;
    for (; i + LANES <= n; i += LANES) top = __builtin_elementwise_max(top, *(vector *)(row + i));
    REAL most = row[0];
    for (; i < n; i++) most = row[i] > most ? row[i] : most;
    for (long k = 0; k < LANES; k++) most = top[k] > most ? top[k] : most;
    for (i = 0; i < n; i += LANES) {
      load(&v, row + i, n - i);
      v = (v - most) * scale;
      exponential(&v);
      store(&v, row + i, n - i);
      load(&v, row + i, n - i);  // drops the lanes beyond n
      sum += v;
    }
    REAL total = sum_lanes(&sum), share = 1 / total;
    for (i = 0; i < n; i += LANES) {
      load(&v, row + i, n - i);
      v *= share;
      store(&v, row + i, n - i);
    }
    ((REAL *)log_sum)[r] = (REAL)(scale_ * (double)most + log((double)total));
    forget(row, n, width);
  }
}

/// The same probabilities from what `causal_softmax` kept.
static void causal_softmax_again(void *scores, long ld, long rows, long width, long visible,
                                 double scale, const void *log_sum) {
  for (long r = 0; r < rows; r++) {
    REAL *row = (REAL *)scores + r * ld, kept = ((const REAL *)log_sum)[r];
    long n = least(visible + r, width);
    for (long i = 0; i < n; i += LANES) {
      vector v;
      load(&v, row + i, n - i);
      v = v * (REAL)scale - kept;
      exponential(&v);
      store(&v, row + i, n - i);
    }
    forget(row, n, width);
  }
}

static void row_dots(const void *a, const void *b, long ld, long rows, long n, void *dots) {
  for (long r = 0; r < rows; r++) {
    vector sum = {0}, v, w;
    for (long i = 0; i < n; i += LANES) {
      load(&v, (const REAL *)a + r * ld + i, n - i);
      load(&w, (const REAL *)b + r * ld + i, n - i);
      sum += v * w;
    }
    ((REAL *)dots)[r] = sum_lanes(&sum);
  }
}

/// dp becomes the gradient of the unscaled scores: p * (dp - dot) * scale.
static void score_gradient(const void *p_, void *dp_, long ld, long rows, long width,
                           const void *dots, double scale) {
  for (long r = 0; r < rows; r++) {
    const REAL *p = (const REAL *)p_ + r * ld;
    REAL *dp = (REAL *)dp_ + r * ld, dot = ((const REAL *)dots)[r];
    for (long i = 0; i < width; i += LANES) {
      vector v, w;
      load(&v, p + i, width - i);
      load(&w, dp + i, width - i);
      w = v * (w - dot) * (REAL)scale;
      store(&w, dp + i, width - i);
    }
  }
}
