// Operations on flat memory. Gradients, moments and master weights are f32, four at a time.

/// One step of AdamW on f32 weights, which are also rounded to the bf16 that products read.
///
/// p = p · keep - stepSize · m / (√v · rootCorrection + epsilon); the caller folds the rate, the
/// decay and the corrections of bias into the factors.
extern "C" __global__ void __launch_bounds__(256) adamw(
    F4 *__restrict__ master, uint2 *__restrict__ weights, const F4 *__restrict__ gradients,
    F4 *__restrict__ first, F4 *__restrict__ second, long count4, float scale, float beta1,
    float beta2, float stepSize, float rootCorrection, float epsilon, float keep) {
  long i = (long)blockIdx.x * 256 + threadIdx.x;
  if (i >= count4) return;
  F4 p = master[i], g = gradients[i], m = first[i], v = second[i];
#pragma unroll
  for (int k = 0; k < 4; k++) {
    float d = g.v[k] * scale;
    m.v[k] = beta1 * m.v[k] + (1.f - beta1) * d;
    v.v[k] = beta2 * v.v[k] + (1.f - beta2) * d * d;
    p.v[k] = p.v[k] * keep - stepSize * m.v[k] / (sqrtf(v.v[k]) * rootCorrection + epsilon);
  }
  master[i] = p;
  first[i] = m;
  second[i] = v;
  weights[i] = make_uint2(pack(p.v[0], p.v[1]), pack(p.v[2], p.v[3]));
}

/// Number `index` of a stream of 32 random bits: two rounds of a mixing function of 64 bits.
__device__ __forceinline__ u32 randomBits(u64 index, u64 seed) {
  u64 z = index * 0x9e3779b97f4a7c15ull + seed;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return (u32)(z >> 32) ^ (u32)z;
}

/// A number rounded to bf16, up or down with the chance that keeps its mean.
__device__ __forceinline__ u32 roundedByChance(float x, u32 chance) {
  u32 bits = __float_as_int(x);
  if ((bits & 0x7f800000u) != 0x7f800000u) bits += chance & 0xffffu;
  return bits >> 16;
}

/// As `adamw`, on weights of bf16 alone, which are rounded by chance so that small steps count.
extern "C" __global__ void __launch_bounds__(256) adamw_bf16(
    uint2 *__restrict__ weights, const F4 *__restrict__ gradients, F4 *__restrict__ first,
    F4 *__restrict__ second, long count4, float scale, float beta1, float beta2, float stepSize,
    float rootCorrection, float epsilon, float keep, u64 seed) {
  long i = (long)blockIdx.x * 256 + threadIdx.x;
  if (i >= count4) return;
  uint2 w = weights[i];
  float p[4] = {low(w.x), high(w.x), low(w.y), high(w.y)};
  F4 g = gradients[i], m = first[i], v = second[i];
  u32 bits[4];
#pragma unroll
  for (int k = 0; k < 4; k++) {
    float d = g.v[k] * scale;
    m.v[k] = beta1 * m.v[k] + (1.f - beta1) * d;
    v.v[k] = beta2 * v.v[k] + (1.f - beta2) * d * d;
    p[k] = p[k] * keep - stepSize * m.v[k] / (sqrtf(v.v[k]) * rootCorrection + epsilon);
    bits[k] = roundedByChance(p[k], randomBits(4 * i + k, seed));
  }
  first[i] = m;
  second[i] = v;
  weights[i] = make_uint2(bits[0] | bits[1] << 16, bits[2] | bits[3] << 16);
}

/// The sum of squares of each block of 65,536 numbers, in f64.
extern "C" __global__ void __launch_bounds__(512) squares(
    double *__restrict__ sums, const F4 *__restrict__ values, long count) {
  __shared__ double part[16];
  long first = (long)blockIdx.x * 16384, end = min(first + 16384, count / 4);
  double s = 0;
  for (long i = first + threadIdx.x; i < end; i += 512) {
    F4 f = values[i];
#pragma unroll
    for (int k = 0; k < 4; k++) s += (double)f.v[k] * f.v[k];
  }
  if (threadIdx.x == 0 && blockIdx.x == gridDim.x - 1)
    for (long i = count / 4 * 4; i < count; i++) {
      double f = ((const float *)values)[i];
      s += f * f;
    }
#pragma unroll
  for (int o = 16; o; o >>= 1) s += __shfl_xor_sync(0xffffffffu, s, o);
  if ((threadIdx.x & 31) == 0) part[threadIdx.x >> 5] = s;
  __syncthreads();
  if (threadIdx.x == 0) {
    for (int k = 1; k < 16; k++) s += part[k];
    sums[blockIdx.x] = s;
  }
}

/// The sum of `count` numbers, in the same order always.
extern "C" __global__ void __launch_bounds__(512) total(
    double *__restrict__ sum, const double *__restrict__ sums, int count) {
  __shared__ double part[512];
  double s = 0;
  for (int i = threadIdx.x; i < count; i += 512) s += sums[i];
  part[threadIdx.x] = s;
  __syncthreads();
  if (threadIdx.x == 0) {
    s = 0;
    for (int k = 0; k < 512; k++) s += part[k];
    *sum = s;
  }
}

/// Lowers `*where` to the index of the first number that is NaN or infinite.
extern "C" __global__ void __launch_bounds__(256) first_broken(
    u64 *__restrict__ where, const float *__restrict__ values, long count) {
  for (long i = (long)blockIdx.x * 256 + threadIdx.x; i < count; i += 256l * gridDim.x)
    if ((__float_as_int(values[i]) & 0x7f800000) == 0x7f800000) {
      atomicMin(where, (u64)i);
      return;
    }
}

extern "C" __global__ void __launch_bounds__(256) add_bf16(
    u16 *__restrict__ sum, const u16 *__restrict__ source, long count) {
  for (long i = (long)blockIdx.x * 256 + threadIdx.x; i < count; i += 256l * gridDim.x)
    sum[i] = narrow(widen(sum[i]) + widen(source[i]));
}

extern "C" __global__ void __launch_bounds__(256) add_f32(
    float *__restrict__ sum, const float *__restrict__ source, long count) {
  for (long i = (long)blockIdx.x * 256 + threadIdx.x; i < count; i += 256l * gridDim.x)
    sum[i] += source[i];
}

extern "C" __global__ void __launch_bounds__(256) round_to_bf16(
    u16 *__restrict__ to, const float *__restrict__ from, long count) {
  for (long i = (long)blockIdx.x * 256 + threadIdx.x; i < count; i += 256l * gridDim.x)
    to[i] = narrow(from[i]);
}

/// Random numbers of a triangular law with the given deviation, for measurements.
extern "C" __global__ void __launch_bounds__(256) noise(
    float *__restrict__ to, long count, float deviation, u64 seed) {
  for (long i = (long)blockIdx.x * 256 + threadIdx.x; i < count; i += 256l * gridDim.x) {
    u32 bits = randomBits(i, seed);
    float a = (bits & 0xffff) * (1.f / 65536.f), b = (bits >> 16) * (1.f / 65536.f);
    to[i] = (a - b) * deviation * 2.4494897f;
  }
}
