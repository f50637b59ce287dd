// The kernels of one table, as a template: the including file says REAL, TABLE, VECTOR_BYTES, ...
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

#include "exponential.h"
#include "gemm.h"
#include "normalise.h"
#include "attend.h"
#include "pointwise.h"
#include "entropy.h"

const quipu_kernels TABLE = {
    .name = LEVEL,
    .mr = MR,
    .nr = NR,
    .kc = KC,
    .pack_a = pack_a,
    .pack_b = pack_b,
    .multiply_packed = multiply_packed,
    .multiply_rows = multiply_rows,
    .rms_norm = rms_norm,
    .rms_norm_again = rms_norm_again,
    .rms_norm_backward = rms_norm_backward,
    .rotate = rotate,
    .causal_softmax = causal_softmax,
    .causal_softmax_again = causal_softmax_again,
    .row_dots = row_dots,
    .score_gradient = score_gradient,
    .swiglu = swiglu,
    .swiglu_backward = swiglu_backward,
    .cross_entropy = cross_entropy,
    .accumulate = accumulate,
    .adamw = adamw,
    .sum_of_squares = sum_of_squares,
};
