// Cross-entropy of rows of logits, with the gradient in their place.

/// losses[r] = log(sum(e^logits)) - logits[target]; the gradient is scale * (softmax - one-hot).
/// A row whose target is negative costs nothing and gets gradient 0.
static void cross_entropy(void *logits, const int32_t *targets, long rows, long v, double scale,
                          int wants_gradient, double *losses) {
  for (long r = 0; r < rows; r++) {
    REAL *row = (REAL *)logits + r * v;
    if (targets[r] < 0) {
      losses[r] = 0;
      if (wants_gradient) memset(row, 0, (size_t)v * sizeof(REAL));
      continue;
    }
    vector top = (vector){0} + row[0], x;
    long i = 0;
    for (; i + LANES <= v; i += LANES) top = __builtin_elementwise_max(top, *(vector *)(row + i));
    REAL most = row[0];
    for (; i < v; i++) most = row[i] > most ? row[i] : most;
    for (long k = 0; k < LANES; k++) most = top[k] > most ? top[k] : most;
    REAL wanted = row[targets[r]];
    double total = 0;
    // Sums of 64 vectors go to f64, so that a vocabulary of any size loses nothing.
    for (long block = 0; block < v; block += 64 * LANES) {
      long end = least(block + 64 * LANES, v);
      vector sum = {0};
      for (i = block; i < end; i += LANES) {
        load(&x, row + i, end - i);
        x -= most;
        exponential(&x);
        if (end - i < LANES) {
          store(&x, row + i, end - i);
          load(&x, row + i, end - i);
        } else if (wants_gradient) {
          *(vector *)(row + i) = x;
        }
        sum += x;
      }
      total += (double)sum_lanes(&sum);
    }
    losses[r] = log(total) + (double)most - (double)wanted;
    if (!wants_gradient) continue;
    REAL share = (REAL)(scale / total);
    for (i = 0; i < v; i += LANES) {
      load(&x, row + i, v - i);
      x *= share;
      store(&x, row + i, v - i);
    }
    row[targets[r]] -= (REAL)scale;
  }
}
