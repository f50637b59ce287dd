// Included by fasttext_training.c once for each kind of processor: no guard. `LEVEL(f)` names f's version
// and `TARGET` allows its instructions.

#define INNER TARGET static inline __attribute__((always_inline))

/// The sum of a vector, halves first.
INNER float LEVEL(total)(const lanes *vector) {
  const float *a = (const float *)vector;
  float half[8], quarter[4];
  for (int i = 0; i < 8; i++) half[i] = a[i] + a[i + 8];
  for (int i = 0; i < 4; i++) quarter[i] = half[i] + half[i + 4];
  return (quarter[0] + quarter[2]) + (quarter[1] + quarter[3]);
}

/// e to the power of each element, which is held within ±87.
INNER void LEVEL(exponential)(lanes *x) {
  lanes v = *x;
  const lanes most = (lanes){0} + 87.0f, least = (lanes){0} - 87.0f;
  integers above = v > most, below = v < least;
  v = (lanes)(((integers)most & above) | ((integers)least & below) | ((integers)v & ~(above | below)));
  // v = k · ln 2 + r with |r| ≤ ln 2 / 2; adding and subtracting 1.5 · 2²³ rounds.
  const float magic = 12582912.0f;
  lanes shifted = v * 1.44269504f + magic;
  lanes k = shifted - magic;
  lanes r = v - k * 0.693359375f;
  r = r + k * 2.12194440e-4f;
  // Taylor's coefficients suffice to the seventh power on this range.
  lanes p = r * 1.98412698e-4f + 1.38888889e-3f;
  p = p * r + 8.33333333e-3f;
  p = p * r + 4.16666667e-2f;
  p = p * r + 1.66666667e-1f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  integers power = ((integers)shifted - 0x4b400000 + 127) << 23;
  *x = p * (lanes)power;
}

INNER void LEVEL(ask)(const float *row, long width) {
  for (long lane = 0; lane < width; lane++) __builtin_prefetch(row + 16 * lane, 0);
}

INNER void LEVEL(fill_rows)(
    lanes *matrix, long first, long count, long width, long dim, uint64_t seed, float bound) {
  const naturals step = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  for (long row = first; row < first + count; row++) {
    uint64_t mixed = seed + 0x9e3779b97f4a7c15u * (uint64_t)(row + 1);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    mixed ^= mixed >> 31;
    for (long lane = 0; lane < width; lane++) {
      naturals x = (step + (uint32_t)(16 * lane)) * 0x9e3779b9u + (uint32_t)mixed;
      x = (x ^ (x >> 16)) * 0x85ebca6bu;
      x = (x ^ (x >> 13) ^ (uint32_t)(mixed >> 32)) * 0xc2b2ae35u;
      x ^= x >> 16;
      // The upper 24 bits become a number in [-1, 1).
      lanes number = __builtin_convertvector((integers)(x >> 8), lanes) * 0x1p-23f - 1.0f;
      integers inside = (integers)(step + (uint32_t)(16 * lane)) < (int32_t)dim;
      matrix[row * width + lane] = (lanes)((integers)(number * bound) & inside);
    }
  }
}

TARGET static void LEVEL(fill)(
    float *matrix, long first, long count, long width, long dim, uint64_t seed, float bound) {
  LEVEL(fill_rows)((lanes *)matrix, first, count, width, dim, seed, bound);
}

/// Lanes `first ..< first + wide` of the sum, kept in registers; narrow rows in `ways` sums that take turns.
INNER void LEVEL(sum_lanes)(
    const float *matrix, long width, const uint32_t *rows, long count, float scale, float *hidden,
    long first, const long wide, const long ways) {
  lanes sums[4][8];
  for (long way = 0; way < ways; way++)
    for (long lane = 0; lane < wide; lane++) sums[way][lane] = (lanes){0};
  long i = 0;
  for (; i + ways <= count; i += ways) {
    for (long way = 0; way < ways; way++) {
      LEVEL(ask)(matrix + 16 * (rows[i + way + AHEAD] * width + first), wide);
      const lanes *row = (const lanes *)(matrix + 16 * (rows[i + way] * width + first));
      for (long lane = 0; lane < wide; lane++) sums[way][lane] += row[lane];
    }
  }
  for (; i < count; i++) {
    const lanes *row = (const lanes *)(matrix + 16 * (rows[i] * width + first));
    for (long lane = 0; lane < wide; lane++) sums[0][lane] += row[lane];
  }
  for (long lane = 0; lane < wide; lane++) {
    lanes sum = sums[0][lane];
    for (long way = 1; way < ways; way++) sum += sums[way][lane];
    ((lanes *)hidden)[first + lane] = sum * scale;
  }
}

TARGET static void LEVEL(sum)(
    const float *matrix, long width, const uint32_t *rows, long count, float scale, float *hidden) {
  for (long first = 0; first < width; first += 8) {
    switch (width - first) {
      case 1: LEVEL(sum_lanes)(matrix, width, rows, count, scale, hidden, first, 1, 4); break;
      case 2: LEVEL(sum_lanes)(matrix, width, rows, count, scale, hidden, first, 2, 2); break;
      case 3: LEVEL(sum_lanes)(matrix, width, rows, count, scale, hidden, first, 3, 2); break;
      case 4: LEVEL(sum_lanes)(matrix, width, rows, count, scale, hidden, first, 4, 2); break;
      case 5: LEVEL(sum_lanes)(matrix, width, rows, count, scale, hidden, first, 5, 1); break;
      case 6: LEVEL(sum_lanes)(matrix, width, rows, count, scale, hidden, first, 6, 1); break;
      case 7: LEVEL(sum_lanes)(matrix, width, rows, count, scale, hidden, first, 7, 1); break;
      default: LEVEL(sum_lanes)(matrix, width, rows, count, scale, hidden, first, 8, 1);
    }
  }
}

INNER void LEVEL(add_lanes)(
    float *matrix, long width, const uint32_t *rows, long count, const float *gradient, long first,
    const long wide) {
  lanes change[8];
  for (long lane = 0; lane < wide; lane++) change[lane] = ((const lanes *)gradient)[first + lane];
  for (long i = 0; i < count; i++) {
    LEVEL(ask)(matrix + 16 * (rows[i + AHEAD] * width + first), wide);
    lanes *row = (lanes *)(matrix + 16 * (rows[i] * width + first));
    for (long lane = 0; lane < wide; lane++) row[lane] += change[lane];
  }
}

TARGET static void LEVEL(add)(
    float *matrix, long width, const uint32_t *rows, long count, const float *gradient) {
  for (long first = 0; first < width; first += 8) {
    switch (width - first) {
      case 1: LEVEL(add_lanes)(matrix, width, rows, count, gradient, first, 1); break;
      case 2: LEVEL(add_lanes)(matrix, width, rows, count, gradient, first, 2); break;
      case 3: LEVEL(add_lanes)(matrix, width, rows, count, gradient, first, 3); break;
      case 4: LEVEL(add_lanes)(matrix, width, rows, count, gradient, first, 4); break;
      case 5: LEVEL(add_lanes)(matrix, width, rows, count, gradient, first, 5); break;
      case 6: LEVEL(add_lanes)(matrix, width, rows, count, gradient, first, 6); break;
      case 7: LEVEL(add_lanes)(matrix, width, rows, count, gradient, first, 7); break;
      default: LEVEL(add_lanes)(matrix, width, rows, count, gradient, first, 8);
    }
  }
}

INNER float LEVEL(dot)(const lanes *row, const lanes *hidden, long width) {
  lanes sum = row[0] * hidden[0];
  for (long lane = 1; lane < width; lane++) sum += row[lane] * hidden[lane];
  return LEVEL(total)(&sum);
}

/// gradient += alpha · row, then row += alpha · hidden.
INNER void LEVEL(exchange)(
    lanes *row, const lanes *hidden, lanes *gradient, long width, float alpha) {
  for (long lane = 0; lane < width; lane++) {
    lanes old = row[lane];
    gradient[lane] += old * alpha;
    row[lane] = old + hidden[lane] * alpha;
  }
}

INNER float LEVEL(all_labels)(
    float *output, long labels, long width, const float *hidden, float rate, int exclusive,
    const uint32_t *targets, long target_count, float *scores, float *gradient) {
  long blocks = (labels + 15) / 16;
  for (long label = 0; label < labels; label++)
    scores[label] =
        LEVEL(dot)((const lanes *)(output + 16 * width * label), (const lanes *)hidden, width);
  for (long label = labels; label < 16 * blocks; label++) scores[label] = scores[0];
  lanes *vectors = (lanes *)scores;
  double product = 1, loss = 0;
  if (exclusive) {
    float most = scores[0];
    for (long label = 1; label < labels; label++) most = scores[label] > most ? scores[label] : most;
    lanes sums = {0};
    for (long block = 0; block < blocks; block++) {
      lanes v = vectors[block] - most;
      LEVEL(exponential)(&v);
      vectors[block] = v;
    }
    for (long label = labels; label < 16 * blocks; label++) scores[label] = 0;
    for (long block = 0; block < blocks; block++) sums += vectors[block];
    float sum = LEVEL(total)(&sums);
    for (long block = 0; block < blocks; block++) vectors[block] /= sum;
    product = scores[targets[0]] + 1e-10;
  } else {
    for (long block = 0; block < blocks; block++) {
      lanes v = -vectors[block];
      LEVEL(exponential)(&v);
      vectors[block] = 1.0f / (v + 1.0f);
    }
    for (long i = 0; i < target_count; i++) {
      float *score = scores + targets[i];
      product *= *score + 1e-10;
      *score -= 1;  // the sign marks it, and its alpha is right as it is
    }
    for (long label = 0; label < labels; label++) {
      if (scores[label] > 0) product *= 1 - scores[label] + 1e-10;
      if (label % 16 == 15) {
        loss -= log(product);
        product = 1;
      }
    }
  }
  for (long block = 0; block < blocks; block++) vectors[block] *= -rate;
  if (exclusive) scores[targets[0]] += rate;
  memset(gradient, 0, 64 * width);
  if (width == 1) {
    lanes sum = {0}, change = *(const lanes *)hidden;
    for (long label = 0; label < labels; label++) {
      lanes *row = (lanes *)(output + 16 * label), old = *row;
      sum += old * scores[label];
      *row = old + change * scores[label];
    }
    *(lanes *)gradient = sum;
  } else {
    for (long label = 0; label < labels; label++)
      LEVEL(exchange)(
          (lanes *)(output + 16 * width * label), (const lanes *)hidden, (lanes *)gradient, width,
          scores[label]);
  }
  return (float)(loss - log(product));
}

TARGET static float LEVEL(all)(
    float *output, long labels, long width, const float *hidden, float rate, int exclusive,
    const uint32_t *targets, long target_count, float *scores, float *gradient) {
  return LEVEL(all_labels)(
      output, labels, width, hidden, rate, exclusive, targets, target_count, scores, gradient);
}

TARGET static float LEVEL(some)(
    float *output, long width, const float *hidden, float rate, const uint32_t *rows,
    const uint8_t *answers, long count, float *gradient) {
  memset(gradient, 0, 64 * width);
  double product = 1, loss = 0;
  for (long i = 0; i < count; i++) {
    lanes *row = (lanes *)(output + 16 * width * rows[i]);
    lanes power = (lanes){0} - LEVEL(dot)(row, (const lanes *)hidden, width);
    LEVEL(exponential)(&power);
    float score = 1.0f / (((const float *)&power)[0] + 1.0f);
    LEVEL(exchange)(
        row, (const lanes *)hidden, (lanes *)gradient, width, rate * ((float)answers[i] - score));
    product *= (answers[i] ? score : 1 - score) + 1e-10;
    if (i % 16 == 15) {
      loss -= log(product);
      product = 1;
    }
  }
  return (float)(loss - log(product));
}

TARGET static void LEVEL(assign)(
    const float *points, long count, long dim, long stride, const float *transposed, uint8_t *codes,
    long code_stride) {
  const naturals step = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  for (long point = 0; point < count; point++) {
    const float *x = points + point * stride;
    lanes least = (lanes){0} + INFINITY;
    naturals nearest = {0};
    for (long group = 0; group < 16; group++) {
      lanes distance = {0};
      for (long d = 0; d < dim; d++) {
        lanes apart;
        memcpy(&apart, transposed + 256 * d + 16 * group, 64);
        apart = x[d] - apart;
        distance += apart * apart;
      }
      naturals better = (naturals)(distance < least);
      least = (lanes)(((naturals)distance & better) | ((naturals)least & ~better));
      nearest = ((step + (uint32_t)(16 * group)) & better) | (nearest & ~better);
    }
    float best = least[0];
    uint32_t code = nearest[0];
    for (int lane = 1; lane < 16; lane++)
      if (least[lane] < best || (least[lane] == best && nearest[lane] < code)) {
        best = least[lane];
        code = nearest[lane];
      }
    codes[point * code_stride] = (uint8_t)code;
  }
}

#undef INNER
