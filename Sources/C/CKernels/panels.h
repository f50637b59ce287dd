// Panels of f32 or f64 on vectors of any width.

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
