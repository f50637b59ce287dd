#pragma once
#include "CKernels.h"

extern const quipu_kernels quipu_f32_plain, quipu_f64_plain;
extern const quipu_products quipu_products_f32_plain, quipu_products_f64_plain;
double quipu_peak_f32_plain(long rounds);

#if defined(__x86_64__)
extern const quipu_kernels quipu_f32_avx2, quipu_f32_avx512;
extern const quipu_products quipu_products_f32_avx2, quipu_products_f32_avx512;
extern const quipu_products quipu_products_bf16_avx512, quipu_products_bf16_amx;
double quipu_peak_f32_avx2(long rounds);
double quipu_peak_f32_avx512(long rounds);
double quipu_peak_bf16_avx512(long rounds);
double quipu_peak_bf16_amx(long rounds);
/// True where this process may use tiles.
int quipu_has_amx(void);
#elif defined(__aarch64__)
extern const quipu_kernels quipu_f32_neon;
extern const quipu_products quipu_products_f32_neon;
double quipu_peak_f32_neon(long rounds);
#endif
