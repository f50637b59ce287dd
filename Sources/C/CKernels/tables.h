#pragma once
#include "CKernels.h"

extern const quipu_kernels quipu_f32_plain, quipu_f64_plain;
double quipu_peak_f32_plain(long rounds);

#if defined(__x86_64__)
extern const quipu_kernels quipu_f32_avx2, quipu_f32_avx512;
double quipu_peak_f32_avx2(long rounds);
double quipu_peak_f32_avx512(long rounds);
#endif
