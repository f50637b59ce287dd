// Root-mean-square normalisation of rows: y = x * inverse * gain, inverse = 1 / sqrt(mean(x^2) + e).

static void rms_norm_again(const void *x_, const void *gain_, const void *inverse_, void *y_,
                           long rows, long c) {
  const REAL *x = x_, *gain = gain_, *inverse = inverse_;
  REAL *y = y_;
  for (long r = 0; r < rows; r++, x += c, y += c)
    for (long i = 0; i < c; i += LANES) {
      vector v, g;
      load(&v, x + i, c - i);
      load(&g, gain + i, c - i);
      v = v * inverse[r] * g;
      store(&v, y + i, c - i);
    }
}

static void rms_norm(const void *x_, const void *gain, void *y, void *inverse_, long rows, long c,
                     double epsilon) {
  const REAL *x = x_;
  REAL *inverse = inverse_;
  for (long r = 0; r < rows; r++) {
    vector sum = {0}, v;
    for (long i = 0; i < c; i += LANES) {
      load(&v, x + r * c + i, c - i);
      sum += v * v;
    }
    inverse[r] = (REAL)(1 / sqrt((double)sum_lanes(&sum) / (double)c + epsilon));
  }
  rms_norm_again(x, gain, inverse, y, rows, c);
}

/// dx += inverse * gain * dy - x * inverse^3 * mean(dy * gain * x); dgain += dy * x * inverse.
static void rms_norm_backward(const void *dy_, const void *x_, const void *gain_,
                              const void *inverse_, void *dx_, void *dgain_, long rows, long c) {
  const REAL *dy = dy_, *x = x_, *gain = gain_, *inverse = inverse_;
  REAL *dx = dx_, *dgain = dgain_;
  for (long r = 0; r < rows; r++, dy += c, x += c, dx += c) {
    vector sum = {0}, v, g, d, w;
    for (long i = 0; i < c; i += LANES) {
      load(&v, x + i, c - i);
      load(&g, gain + i, c - i);
      load(&d, dy + i, c - i);
      sum += d * g * v;
    }
    REAL s = inverse[r];
    REAL pull = s * s * s * sum_lanes(&sum) / (REAL)c;
    for (long i = 0; i < c; i += LANES) {
      load(&v, x + i, c - i);
      load(&g, gain + i, c - i);
      load(&d, dy + i, c - i);
      load(&w, dx + i, c - i);
      w += d * g * s - v * pull;
      store(&w, dx + i, c - i);
      load(&w, dgain + i, c - i);
      w += d * v * s;
      store(&w, dgain + i, c - i);
    }
  }
}
