// f32 on NEON: 24 of the 32 registers hold a 12 x 8 tile of C.
#if defined(__aarch64__)
#include "tables.h"

#include <math.h>
#include <string.h>

#define REAL float
#define REAL_IS_FLOAT 1
#define TABLE quipu_f32_neon
#define PRODUCTS quipu_products_f32_neon
#define LEVEL "f32_neon"
#define VECTOR_BYTES 16
#define MR 12
#define NR_VECTORS 2
#define PEAK quipu_peak_f32_neon
#include "vectors.h"
#include "kernels.h"
#include "products.h"
#endif
