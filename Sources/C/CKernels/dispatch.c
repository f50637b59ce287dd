#include "tables.h"

#include <stddef.h>

typedef struct {
  const quipu_kernels *kernels;
  const quipu_products *products;
  double (*peak)(long rounds);
} level_tables;

#if defined(__x86_64__)
static int has_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static int has_avx512(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

static int has_bf16(void) { return has_avx512() && __builtin_cpu_supports("avx512bf16"); }
#endif

/// What this processor has of a level; nulls for nothing.
static level_tables at(int level) {
  switch (level) {
    case 0:
      return (level_tables){&quipu_f32_plain, &quipu_products_f32_plain, quipu_peak_f32_plain};
#if defined(__aarch64__)
    case 1:
      return (level_tables){&quipu_f32_neon, &quipu_products_f32_neon, quipu_peak_f32_neon};
#elif defined(__x86_64__)
    case 2:
      if (has_avx2())
        return (level_tables){&quipu_f32_avx2, &quipu_products_f32_avx2, quipu_peak_f32_avx2};
      break;
    case 3:
      if (has_avx512())
        return (level_tables){&quipu_f32_avx512, &quipu_products_f32_avx512, quipu_peak_f32_avx512};
      break;
#endif
    default: break;
  }
  return (level_tables){NULL, NULL, NULL};
}

const quipu_kernels *quipu_kernels_f32(int level) { return at(level).kernels; }

const quipu_products *quipu_products_f32(int level) { return at(level).products; }

const quipu_products *quipu_products_bf16(void) {
#if defined(__x86_64__)
  if (has_bf16()) return &quipu_products_bf16_avx512;
#endif
  return NULL;
}

const quipu_kernels *quipu_kernels_f64(void) { return &quipu_f64_plain; }

const quipu_products *quipu_products_f64(void) { return &quipu_products_f64_plain; }

double quipu_peak_f32(int level, long rounds) {
  double (*peak)(long) = at(level).peak;
  return peak ? peak(rounds) : 0;
}

double quipu_peak_bf16(long rounds) {
#if defined(__x86_64__)
  return has_bf16() ? quipu_peak_bf16_avx512(rounds) : 0;
#else
  return (double)rounds * 0;
#endif
}
