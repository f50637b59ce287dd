// f32 on what every processor of the architecture has: SSE2 or NEON.
#include "tables.h"

#include <math.h>
#include <string.h>

#define REAL float
#define REAL_IS_FLOAT 1
#define TABLE quipu_f32_plain
#define PRODUCTS quipu_products_f32_plain
#define LEVEL "f32_plain"
#define VECTOR_BYTES 16
#define MR 4
#define NR_VECTORS 2
#define PEAK quipu_peak_f32_plain
#include "vectors.h"
#include "kernels.h"
#include "products.h"
