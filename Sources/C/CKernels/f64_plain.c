// f64, the reference that gradients are checked in. The same text as f32, not as fast.
#include "tables.h"

#include <math.h>
#include <string.h>

#define REAL double
#define REAL_IS_DOUBLE 1
#define TABLE quipu_f64_plain
#define PRODUCTS quipu_products_f64_plain
#define LEVEL "f64_plain"
#define VECTOR_BYTES 16
#define MR 4
#define NR_VECTORS 2
#include "vectors.h"
#include "kernels.h"
#include "products.h"
