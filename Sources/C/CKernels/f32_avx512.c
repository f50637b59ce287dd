// f32 on AVX-512: 28 of the 32 registers hold a 14 x 32 tile of C.
#if defined(__x86_64__)
#include "tables.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define REAL float
#define REAL_IS_FLOAT 1
#define TABLE quipu_f32_avx512
#define PRODUCTS quipu_products_f32_avx512
#define LEVEL "f32_avx512"
#define VECTOR_BYTES 64
#define MR 14
#define NR_VECTORS 2
#define PEAK quipu_peak_f32_avx512
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))), apply_to = function)
#include "vectors.h"
#include "kernels.h"
#include "products.h"
#pragma clang attribute pop
#endif
