// Vectors of one element type; the including file says REAL.
// Row operations work on 64 bytes at a time whatever the instruction set, so that all of them add in
// one order. No helper takes a vector by value: that would depend on the calling convention.

#define LANES ((long)(64 / sizeof(REAL)))
#define INLINE static inline __attribute__((always_inline))

typedef REAL vector __attribute__((vector_size(64), aligned(sizeof(REAL)), may_alias));

INLINE long least(long a, long b) { return a < b ? a : b; }

/// The first `n` elements, zeros after them.
INLINE void load(vector *v, const REAL *from, long n) {
  if (n >= LANES) {
    *v = *(const vector *)from;
  } else {
    *v = (vector){0};
    memcpy(v, from, (size_t)n * sizeof(REAL));
  }
}

INLINE void store(const vector *v, REAL *to, long n) {
  if (n >= LANES) *(vector *)to = *v;
  else memcpy(to, v, (size_t)n * sizeof(REAL));
}

/// Sum of all lanes, halves first.
INLINE REAL sum_lanes(const vector *v) {
  REAL part[64 / sizeof(REAL)];
  memcpy(part, v, 64);
  for (long half = LANES / 2; half > 0; half /= 2)
    for (long i = 0; i < half; i++) part[i] += part[i + half];
  return part[0];
}
