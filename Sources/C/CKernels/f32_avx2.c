// f32 on AVX2 with FMA: 12 of the 16 registers hold a 6 x 16 tile of C.
#if defined(__x86_64__)
#include "tables.h"

#include <math.h>
#include <string.h>

#define REAL float
#define REAL_IS_FLOAT 1
#define TABLE quipu_f32_avx2
#define PRODUCTS quipu_products_f32_avx2
#define LEVEL "f32_avx2"
#define VECTOR_BYTES 32
#define MR 6
#define NR_VECTORS 2
#define PEAK quipu_peak_f32_avx2
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "vectors.h"
#include "kernels.h"
#include "products.h"
#pragma clang attribute pop
#endif
