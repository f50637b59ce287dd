#include "tables.h"

#include <stddef.h>

/// The highest level that this processor has.
static int highest(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return 2;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 1;
#endif
  return 0;
}

const quipu_kernels *quipu_kernels_f32(int level) {
  if (level > highest()) return NULL;
  switch (level) {
    case 0: return &quipu_f32_plain;
#if defined(__x86_64__)
    case 1: return &quipu_f32_avx2;
    case 2: return &quipu_f32_avx512;
#endif
    default: return NULL;
  }
}

const quipu_kernels *quipu_kernels_f64(void) { return &quipu_f64_plain; }

double quipu_peak_f32(int level, long rounds) {
  if (level > highest()) return 0;
#if defined(__x86_64__)
  if (level == 1) return quipu_peak_f32_avx2(rounds);
  if (level == 2) return quipu_peak_f32_avx512(rounds);
#endif
  return quipu_peak_f32_plain(rounds);
}
