// bf16 products with sums in f32, on AVX512-BF16: a 14 x 32 tile of C, two steps of the depth at once.
#if defined(__x86_64__)
#include "tables.h"

#include <immintrin.h>
#include <string.h>

#define REAL float
#define PRODUCTS quipu_products_bf16_avx512
#define LEVEL "bf16_avx512"
#define VECTOR_BYTES 64
#define MR 14
#define NR_VECTORS 2
#define PAIRS 1
#define PEAK quipu_peak_bf16_avx512
#pragma clang attribute push(__attribute__((target("avx512bf16,avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))), apply_to = function)
#include "vectors.h"
#include "products.h"
#pragma clang attribute pop
#endif
