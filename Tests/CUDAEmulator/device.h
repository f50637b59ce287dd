#pragma once
// What the kernels' texts need of CUDA, for one block at a time: its threads are fibers, which give
// way at barriers and shuffles. A barrier that not all threads come to ends the process.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#define __device__
#define __global__ __attribute__((visibility("hidden")))
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define __shared__ static thread_local  // blocks of a stream follow one another

struct Index {
  unsigned x, y, z;
};
// Of the thread that carries out the block.
extern __thread Index threadIdx, blockIdx, blockDim, gridDim;

/// Gives way until all threads of the block have come here.
void __syncthreads();
/// Gives way until the warp's 32 threads have given their bits, and takes those of another.
uint32_t exchanged(uint32_t bits, int lane_mask);

static inline float __int_as_float(uint32_t bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}
static inline int32_t __float_as_int(float x) {
  int32_t bits;
  memcpy(&bits, &x, 4);
  return bits;
}
static inline float __shfl_xor_sync(unsigned, float value, int mask) {
  return __int_as_float(exchanged(__float_as_int(value), mask));
}
static inline double __shfl_xor_sync(unsigned, double value, int mask) {
  uint32_t words[2];
  memcpy(words, &value, 8);
  words[0] = exchanged(words[0], mask);
  words[1] = exchanged(words[1], mask);
  memcpy(&value, words, 8);
  return value;
}
#define __expf expf
template <class T>
static inline T min(T a, T b) {
  return a < b ? a : b;
}
static inline long min(long a, long b) { return a < b ? a : b; }
static inline unsigned long long atomicMin(unsigned long long *at, unsigned long long value) {
  unsigned long long old = __atomic_load_n(at, __ATOMIC_RELAXED);
  while (value < old && !__atomic_compare_exchange_n(at, &old, value, false, __ATOMIC_RELAXED,
                                                     __ATOMIC_RELAXED)) {
  }
  return old;
}
struct uint2 {
  unsigned x, y;
};
static inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
