// What every kernel file begins with: bf16 is read and written eight at a time, sums are f32.
//
// No header of CUDA is needed. Buffers of bf16 are aligned to 16 bytes and rows are a multiple of 8.
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

/// Eight numbers of bf16.
struct __align__(16) V8 {
  u32 w[4];
};

struct __align__(16) F4 {
  float v[4];
};

__device__ __forceinline__ float low(u32 x) { return __int_as_float(x << 16); }
__device__ __forceinline__ float high(u32 x) { return __int_as_float(x & 0xffff0000u); }
__device__ __forceinline__ float widen(u16 x) { return __int_as_float((u32)x << 16); }

/// Two numbers rounded to bf16, nearest even.
#ifdef __CUDA_ARCH__
__device__ __forceinline__ u32 pack(float l, float h) {
  u32 r;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(h), "f"(l));
  return r;
}
#else  // the emulator of the tests
__device__ __forceinline__ u32 rounded(float x) {
  u32 b = __float_as_int(x);
  if ((b & 0x7fffffffu) > 0x7f800000u) return 0x7fff;
  return (b + 0x7fff + (b >> 16 & 1)) >> 16;
}
__device__ __forceinline__ u32 pack(float l, float h) { return rounded(l) | rounded(h) << 16; }
#endif
__device__ __forceinline__ u16 narrow(float x) { return (u16)pack(x, 0.f); }

__device__ __forceinline__ void unpack(const V8 &v, float (&f)[8]) {
#pragma unroll
  for (int k = 0; k < 4; k++) {
    f[2 * k] = low(v.w[k]);
    f[2 * k + 1] = high(v.w[k]);
  }
}
__device__ __forceinline__ V8 packed(const float (&f)[8]) {
  V8 v;
#pragma unroll
  for (int k = 0; k < 4; k++) v.w[k] = pack(f[2 * k], f[2 * k + 1]);
  return v;
}

__device__ __forceinline__ float warpSum(float v) {
#pragma unroll
  for (int o = 16; o; o >>= 1) v += __shfl_xor_sync(0xffffffffu, v, o);
  return v;
}

/// The sum over a block of `32 · Warps` threads, in the same order always, to every thread.
template <int Warps>
__device__ __forceinline__ float blockSum(float v, float *part) {
  v = warpSum(v);
  if ((threadIdx.x & 31) == 0) part[threadIdx.x >> 5] = v;
  __syncthreads();
  float s = 0.f;
#pragma unroll
  for (int k = 0; k < Warps; k++) s += part[k];
  return s;
}
