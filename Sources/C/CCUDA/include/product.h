#pragma once
#include <stddef.h>
#include <stdint.h>

/// How a product is to be carried out; the library's own code, opaque.
typedef struct quipu_algorithm {
  uint64_t opaque[8];
} quipu_algorithm;

/// What the library proposes for a product, best first by its own estimate.
typedef struct quipu_proposal {
  quipu_algorithm algorithm;
  size_t workspace;
  int status;
  float waves;
  int reserved[4];
} quipu_proposal;

/// Matrix products, `libcublasLt.so`. Matrices are column-major.
typedef struct quipu_product {
  int (*create)(void **handle);
  int (*destroy)(void *handle);
  size_t (*version)(void);
  int (*create_operation)(void **operation, int arithmetic, int scalars);
  int (*destroy_operation)(void *operation);
  int (*set_operation)(void *operation, int attribute, const void *value, size_t size);
  int (*create_layout)(void **layout, int type, uint64_t rows, uint64_t columns, int64_t stride);
  int (*destroy_layout)(void *layout);
  int (*set_layout)(void *layout, int attribute, const void *value, size_t size);
  int (*create_preference)(void **preference);
  int (*destroy_preference)(void *preference);
  int (*set_preference)(void *preference, int attribute, const void *value, size_t size);
  int (*propose)(void *handle, void *operation, void *a, void *b, void *c, void *d,
                 void *preference, int most, quipu_proposal *proposals, int *count);
  int (*multiply)(void *handle, void *operation, const void *alpha, const void *a, void *a_layout,
                  const void *b, void *b_layout, const void *beta, const void *c, void *c_layout,
                  void *d, void *d_layout, const quipu_algorithm *algorithm, void *workspace,
                  size_t workspace_bytes, void *stream);
} quipu_product;
