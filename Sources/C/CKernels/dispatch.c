#include "tables.h"

#include <stddef.h>

typedef struct {
  const quipu_kernels *kernels;
  const quipu_products *products;
  double (*peak)(long rounds);
  const quipu_products *bf16;
  double (*bf16_peak)(long rounds);
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
  level_tables found = {0};
  switch (level) {
    case 0:
      found.kernels = &quipu_f32_plain;
      found.products = &quipu_products_f32_plain;
      found.peak = quipu_peak_f32_plain;
      break;
#if defined(__aarch64__)
    case 1:
      found.kernels = &quipu_f32_neon;
      found.products = &quipu_products_f32_neon;
      found.peak = quipu_peak_f32_neon;
      break;
#elif defined(__x86_64__)
    case 2:
      if (!has_avx2()) break;
      found.kernels = &quipu_f32_avx2;
      found.products = &quipu_products_f32_avx2;
      found.peak = quipu_peak_f32_avx2;
      break;
    case 3:
    case 4:
      if (!has_avx512() || (level == 4 && !(has_bf16() && quipu_has_amx()))) break;
      found.kernels = &quipu_f32_avx512;
      found.products = &quipu_products_f32_avx512;
      found.peak = quipu_peak_f32_avx512;
      if (level == 4) {
        found.bf16 = &quipu_products_bf16_amx;
        found.bf16_peak = quipu_peak_bf16_amx;
      } else if (has_bf16()) {
        found.bf16 = &quipu_products_bf16_avx512;
        found.bf16_peak = quipu_peak_bf16_avx512;
      }
      break;
#endif
    default: break;
  }
  return found;
}

const quipu_kernels *quipu_kernels_f32(int level) { return at(level).kernels; }

const quipu_products *quipu_products_f32(int level) { return at(level).products; }

const quipu_products *quipu_products_bf16(int level) { return at(level).bf16; }

const quipu_kernels *quipu_kernels_f64(void) { return &quipu_f64_plain; }

const quipu_products *quipu_products_f64(void) { return &quipu_products_f64_plain; }

double quipu_peak_f32(int level, long rounds) {
  double (*peak)(long) = at(level).peak;
  return peak ? peak(rounds) : 0;
}

double quipu_peak_bf16(int level, long rounds) {
  double (*peak)(long) = at(level).bf16_peak;
  return peak ? peak(rounds) : 0;
}
