// Operations on single elements: SwiGLU, sums, AdamW.

static void swiglu(const void *gate_up, void *y_, long rows, long h) {
  for (long r = 0; r < rows; r++) {
    const REAL *gate = (const REAL *)gate_up + r * 2 * h, *up = gate + h;
    REAL *y = (REAL *)y_ + r * h;
    for (long i = 0; i < h; i += LANES) {
      vector g, u, s;
      load(&g, gate + i, h - i);
      load(&u, up + i, h - i);
      sigmoid(&g, &s);
      u *= g * s;
      store(&u, y + i, h - i);
    }
  }
}

/// Puts the gradients of gate and up in their place, and the activation again into y.
static void swiglu_backward(const void *dy_, void *gate_up, void *y_, long rows, long h) {
  for (long r = 0; r < rows; r++) {
    const REAL *dy = (const REAL *)dy_ + r * h;
    REAL *gate = (REAL *)gate_up + r * 2 * h, *up = gate + h, *y = (REAL *)y_ + r * h;
    for (long i = 0; i < h; i += LANES) {
      vector g, u, d, s, t;
      load(&g, gate + i, h - i);
      load(&u, up + i, h - i);
      load(&d, dy + i, h - i);
      sigmoid(&g, &s);
      t = g * s * u;
      store(&t, y + i, h - i);
      t = d * g * s;
      store(&t, up + i, h - i);
      t = d * u * s * (1 + g * (1 - s));
      store(&t, gate + i, h - i);
    }
  }
}

static void accumulate(void *sum, const void *x, long n) {
  for (long i = 0; i < n; i += LANES) {
    vector v, w;
    load(&v, (REAL *)sum + i, n - i);
    load(&w, (const REAL *)x + i, n - i);
    v += w;
    store(&v, (REAL *)sum + i, n - i);
  }
}

/// keep = 1 - rate * decay; step_size = rate / (1 - beta1^t); root_correction = 1 / sqrt(1 - beta2^t).
static void adamw(void *p_, const void *g_, void *m_, void *v_, long n, double gradient_scale,
                  double beta1, double beta2, double step_size, double root_correction,
                  double epsilon, double keep) {
  REAL *p = p_, *m = m_, *v = v_;
  const REAL *g = g_;
  for (long i = 0; i < n; i += LANES) {
    vector w, d, first, second;
    load(&w, p + i, n - i);
    load(&d, g + i, n - i);
    load(&first, m + i, n - i);
    load(&second, v + i, n - i);
    d *= (REAL)gradient_scale;
    first = first * (REAL)beta1 + d * (REAL)(1 - beta1);
    second = second * (REAL)beta2 + d * d * (REAL)(1 - beta2);
    vector root = __builtin_elementwise_sqrt(second) * (REAL)root_correction + (REAL)epsilon;
    w = w * (REAL)keep - first / root * (REAL)step_size;
    store(&w, p + i, n - i);
    store(&first, m + i, n - i);
    store(&second, v + i, n - i);
  }
}

static double sum_of_squares(const void *x, long n) {
  typedef double pair __attribute__((vector_size(64 / sizeof(REAL) * sizeof(double))));
  pair sum = {0};
  for (long i = 0; i < n; i += LANES) {
    vector v;
    load(&v, (const REAL *)x + i, n - i);
    pair w = __builtin_convertvector(v, pair);
    sum += w * w;
  }
  double total = 0;
  for (long i = 0; i < LANES; i++) total += sum[i];
  return total;
}
