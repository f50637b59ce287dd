// Products of column-major matrices as cuBLASLt's descriptors say them.
#include <cmath>
#include <vector>

#include "include/CUDAEmulator.h"
#include "numbers.h"
#include "runtime.h"

namespace {
struct Operation {
  int arithmetic, scalars, transposesA = 0, transposesB = 0;
};

struct Layout {
  int type;
  int64_t rows, columns, stride, batch = 1, step = 0;

  int64_t at(int64_t row, int64_t column, int64_t number) const {
    return number * step + column * stride + row;
  }
};

constexpr int f32 = 0, bf16 = 14;

float read(const void *matrix, const Layout &layout, int64_t at) {
  return layout.type == f32 ? static_cast<const float *>(matrix)[at]
                            : widened(static_cast<const uint16_t *>(matrix)[at]);
}

int check(const Operation &o, const Layout &a, const Layout &b, const Layout &c, const Layout &d) {
  int64_t m = o.transposesA ? a.columns : a.rows, k = o.transposesA ? a.rows : a.columns;
  int64_t n = o.transposesB ? b.rows : b.columns, depth = o.transposesB ? b.columns : b.rows;
  bool fits = k == depth && d.rows == m && d.columns == n && c.rows == m && c.columns == n &&
              c.type == d.type && a.type == bf16 && b.type == bf16 && o.arithmetic == 68 &&
              o.scalars == f32 && a.batch == d.batch && b.batch == d.batch && c.batch == d.batch;
  for (auto layout : {&a, &b, &c, &d}) fits &= layout->stride >= layout->rows;
  return fits ? 0 : 7;
}

int multiply(void *handle, void *operation, const void *alpha, const void *a, void *aLayout, const void *b,
             void *bLayout, const void *beta, const void *c, void *cLayout, void *d, void *dLayout,
             const quipu_algorithm *algorithm, void *, size_t, void *stream) {
  if (*static_cast<Device **>(handle) != current) return 7;
  Operation o = *static_cast<Operation *>(operation);
  Layout A = *static_cast<Layout *>(aLayout), B = *static_cast<Layout *>(bLayout);
  Layout C = *static_cast<Layout *>(cLayout), D = *static_cast<Layout *>(dLayout);
  if (algorithm->opaque[0] != 0x616c676f) return 15;
  if (int code = check(o, A, B, C, D)) return code;
  float by = *static_cast<const float *>(alpha), plus = *static_cast<const float *>(beta);
  return perform(stream, {a, b, c, d}, [=] {
    int64_t depth = o.transposesA ? A.rows : A.columns;
    std::vector<float> row(depth), column(depth);
    for (int64_t number = 0; number < D.batch; number++)
      for (int64_t n = 0; n < D.columns; n++) {
        for (int64_t k = 0; k < depth; k++)
          column[k] = read(b, B, o.transposesB ? B.at(n, k, number) : B.at(k, n, number));
        for (int64_t m = 0; m < D.rows; m++) {
          float sum = 0;
          for (int64_t k = 0; k < depth; k++)
            sum += read(a, A, o.transposesA ? A.at(k, m, number) : A.at(m, k, number)) * column[k];
          int64_t place = D.at(m, n, number);
          float value = by * sum;
          if (plus != 0) value += plus * read(c, C, C.at(m, n, number));
          if (D.type == f32)
            static_cast<float *>(d)[place] = value;
          else
            static_cast<uint16_t *>(d)[place] = narrowed(value);
        }
      }
  }) ? 14 : 0;
}

int propose(void *, void *operation, void *a, void *b, void *c, void *d, void *, int most,
            quipu_proposal *proposals, int *count) {
  if (int code = check(*static_cast<Operation *>(operation), *static_cast<Layout *>(a),
                       *static_cast<Layout *>(b), *static_cast<Layout *>(c),
                       *static_cast<Layout *>(d)))
    return code;
  *count = most < 2 ? most : 2;
  for (int i = 0; i < *count; i++) {
    proposals[i] = {};
    proposals[i].algorithm.opaque[0] = 0x616c676f;
  }
  return 0;
}
}  // namespace

void emulateProducts(quipu_product *table) {
  table->create = [](void **handle) {
    if (standing()) return 1;
    return *handle = new Device *(current), 0;
  };
  table->destroy = [](void *handle) { return delete static_cast<Device **>(handle), 0; };
  table->version = []() -> size_t { return 130002; };
  table->create_operation = [](void **operation, int arithmetic, int scalars) {
    return *operation = new Operation{arithmetic, scalars}, 0;
  };
  table->destroy_operation = [](void *operation) {
    return delete static_cast<Operation *>(operation), 0;
  };
  table->set_operation = [](void *operation, int attribute, const void *value, size_t size) {
    if (size != 4 || (attribute != 3 && attribute != 4)) return 7;
    auto &made = *static_cast<Operation *>(operation);
    (attribute == 3 ? made.transposesA : made.transposesB) = *static_cast<const int *>(value);
    return 0;
  };
  table->create_layout = [](void **layout, int type, uint64_t rows, uint64_t columns,
                            int64_t stride) {
    return *layout = new Layout{type, int64_t(rows), int64_t(columns), stride}, 0;
  };
  table->destroy_layout = [](void *layout) { return delete static_cast<Layout *>(layout), 0; };
  table->set_layout = [](void *layout, int attribute, const void *value, size_t size) {
    auto &made = *static_cast<Layout *>(layout);
    if (attribute == 5 && size == 4)
      made.batch = *static_cast<const int32_t *>(value);
    else if (attribute == 6 && size == 8)
      made.step = *static_cast<const int64_t *>(value);
    else
      return 7;
    return 0;
  };
  table->create_preference = [](void **preference) { return *preference = new char, 0; };
  table->destroy_preference = [](void *preference) {
    return delete static_cast<char *>(preference), 0;
  };
  table->set_preference = [](void *, int attribute, const void *, size_t size) {
    bool isKnown = (attribute == 1 && size == 8) || (attribute >= 5 && attribute <= 8 && size == 4);
    return isKnown ? 0 : 7;
  };
  table->propose = propose;
  table->multiply = multiply;
}
