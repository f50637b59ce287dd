// Root-mean-square norms. A block of 256 threads takes a row at a time; rows have C = 8 · C8 channels.

/// y = x · inverse · gain with inverse = 1 / sqrt(mean x² + epsilon), which is kept.
extern "C" __global__ void __launch_bounds__(256) rms_norm(
    V8 *y, float *__restrict__ inverse, const V8 *x, const V8 *__restrict__ gain,
    int C8, float epsilon) {
  __shared__ float part[8];
  long base = (long)blockIdx.x * C8;
  float s = 0.f, f[8], g[8];
  for (int i = threadIdx.x; i < C8; i += 256) {
    unpack(x[base + i], f);
#pragma unroll
    for (int k = 0; k < 8; k++) s += f[k] * f[k];
  }
  s = blockSum<8>(s, part);
  float r = 1.f / sqrtf(s / (8.f * C8) + epsilon);
  if (threadIdx.x == 0) inverse[blockIdx.x] = r;
  for (int i = threadIdx.x; i < C8; i += 256) {
    unpack(x[base + i], f);
    unpack(gain[i], g);
#pragma unroll
    for (int k = 0; k < 8; k++) f[k] *= r * g[k];
    y[base + i] = packed(f);
  }
}

/// The same rows again from the inverses that were kept.
extern "C" __global__ void __launch_bounds__(256) rms_norm_again(
    V8 *__restrict__ y, const float *__restrict__ inverse, const V8 *__restrict__ x,
    const V8 *__restrict__ gain, int C8) {
  long base = (long)blockIdx.x * C8;
  float r = inverse[blockIdx.x], f[8], g[8];
  for (int i = threadIdx.x; i < C8; i += 256) {
    unpack(x[base + i], f);
    unpack(gain[i], g);
#pragma unroll
    for (int k = 0; k < 8; k++) f[k] *= r * g[k];
    y[base + i] = packed(f);
  }
}

/// Adds the gradient of x to dx, and writes each block's sum of the gain's gradient to `sums`.
///
/// dx += inverse · (dy · gain - x · inverse² · mean(dy · gain · x)). A block takes `rows` rows in
/// order and keeps its sums in registers: eight channels for each of a thread's `Own` vectors.
template <int Own>
__device__ __forceinline__ void normBackward(
    V8 *__restrict__ dx, float *__restrict__ sums, const V8 *__restrict__ dy,
    const V8 *__restrict__ x, const V8 *__restrict__ gain, const float *__restrict__ inverse,
    int T, int C8, int rows) {
  __shared__ float part[2][8];
  float sum[Own][8];
#pragma unroll
  for (int o = 0; o < Own; o++)
#pragma unroll
    for (int k = 0; k < 8; k++) sum[o][k] = 0.f;
  int first = blockIdx.x * rows, end = min(first + rows, T);
  for (int row = first; row < end; row++) {
    long base = (long)row * C8;
    float r = inverse[row], dot = 0.f;
    V8 xs[Own], ds[Own], old[Own];
#pragma unroll
    for (int o = 0; o < Own; o++) {
      int i = threadIdx.x + 256 * o;
      if (i < C8) {
        xs[o] = x[base + i];
        ds[o] = dy[base + i];
        old[o] = dx[base + i];
      }
    }
#pragma unroll
    for (int o = 0; o < Own; o++) {
      int i = threadIdx.x + 256 * o;
      if (i < C8) {
        float f[8], d[8], g[8];
        unpack(xs[o], f);
        unpack(ds[o], d);
        unpack(gain[i], g);
#pragma unroll
        for (int k = 0; k < 8; k++) {
          sum[o][k] += d[k] * f[k] * r;
          dot += d[k] * g[k] * f[k];
        }
      }
    }
    // Two sets of partial sums in turn: one barrier a row is enough.
    dot = blockSum<8>(dot, part[row & 1]) * r * r / (8.f * C8);
#pragma unroll
    for (int o = 0; o < Own; o++) {
      int i = threadIdx.x + 256 * o;
      if (i < C8) {
        float f[8], d[8], g[8], a[8];
        unpack(xs[o], f);
        unpack(ds[o], d);
        unpack(gain[i], g);
        unpack(old[o], a);
#pragma unroll
        for (int k = 0; k < 8; k++) a[k] += r * (d[k] * g[k] - f[k] * dot);
        dx[base + i] = packed(a);
      }
    }
  }
#pragma unroll
  for (int o = 0; o < Own; o++) {
    int i = threadIdx.x + 256 * o;
    if (i < C8) {
      F4 *to = (F4 *)(sums + ((long)blockIdx.x * C8 + i) * 8);
      to[0] = F4{sum[o][0], sum[o][1], sum[o][2], sum[o][3]};
      to[1] = F4{sum[o][4], sum[o][5], sum[o][6], sum[o][7]};
    }
  }
}

#define NORM_BACKWARD(own)                                                                       \
  extern "C" __global__ void __launch_bounds__(256) rms_norm_backward_##own(                     \
      V8 *dx, float *sums, const V8 *dy, const V8 *x, const V8 *gain, const float *inverse,      \
      int T, int C8, int rows) {                                                                 \
    normBackward<own>(dx, sums, dy, x, gain, inverse, T, C8, rows);                              \
  }
NORM_BACKWARD(1)
NORM_BACKWARD(2)
NORM_BACKWARD(4)

/// target[c] += the sum over blocks of sums[block][c], in the order of blocks.
extern "C" __global__ void __launch_bounds__(256) add_sums(
    float *__restrict__ target, const float *__restrict__ sums, int C, int blocks) {
  __shared__ float part[8][32];
  int c = blockIdx.x * 32 + (threadIdx.x & 31), slice = threadIdx.x >> 5;
  float s = 0.f;
  if (c < C)
    for (int b = slice; b < blocks; b += 8) s += sums[(long)b * C + c];
  part[slice][threadIdx.x & 31] = s;
  __syncthreads();
  if (slice == 0 && c < C) {
    s = 0.f;
#pragma unroll
    for (int k = 0; k < 8; k++) s += part[k][threadIdx.x];
    target[c] += s;
  }
}
