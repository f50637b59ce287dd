// e to the power of a vector of elements.

#if defined(REAL_IS_FLOAT)
typedef int32_t integers __attribute__((vector_size(64), aligned(4), may_alias));

/// Within 2 units in the last place on [-87, 88], clamped outside, NaN for NaN and infinities, so that
/// a broken number is never hidden. x = n ln 2 + r, |r| <= ln 2 / 2;
/// polynomial and the split of ln 2: Cephes `expf.c` (S. L. Moshier, netlib.org/cephes).
INLINE void exponential(vector *x) {
  const vector low = (vector){0} - 87.0f, high = (vector){0} + 88.0f;
  const float shift = 12582912.0f;  // 1.5 * 2^23: adding it leaves the nearest integer in the low bits
  vector r = __builtin_elementwise_min(__builtin_elementwise_max(*x, low), high);
  vector t = r * 1.44269504088896341f + shift;
  vector n = t - shift;
  r = r - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  vector p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  integers bits, power;
  memcpy(&bits, &p, 64);
  memcpy(&power, &t, 64);
  bits += power << 23;
  memcpy(&p, &bits, 64);
  *x = *x * 0.0f + p;
}
#else
INLINE void exponential(vector *x) {
  for (long i = 0; i < LANES; i++) (*x)[i] = exp((*x)[i]);
}
#endif

/// 1 / (1 + e^-x).
INLINE void sigmoid(const vector *x, vector *y) {
  vector e = -*x;
  exponential(&e);
  *y = 1 / (1 + e);
}
