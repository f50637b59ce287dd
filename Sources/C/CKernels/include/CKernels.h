#pragma once
#include <stdint.h>

/// One precision on one instruction set: the single-threaded inner loops of Compute.
///
/// All matrices are row-major; `ld` is the distance between rows in elements. Pointers are to the
/// element type of the table (`float` or `double`), and may be unaligned. Shapes and formulas stand
/// with the Swift operations that call these.
typedef struct quipu_kernels {
  const char *_Nonnull name;

  void (*_Nonnull multiply_rows)(const void *_Nonnull x, const void *_Nonnull w, long ld,
                                 void *_Nonnull y, long k, long n, int accumulate);

  void (*_Nonnull rms_norm)(const void *_Nonnull x, const void *_Nonnull gain, void *_Nonnull y,
                            void *_Nonnull inverse, long rows, long c, double epsilon);
  void (*_Nonnull rms_norm_again)(const void *_Nonnull x, const void *_Nonnull gain,
                                  const void *_Nonnull inverse, void *_Nonnull y, long rows, long c);
  void (*_Nonnull rms_norm_backward)(const void *_Nonnull dy, const void *_Nonnull x,
                                     const void *_Nonnull gain, const void *_Nonnull inverse,
                                     void *_Nonnull dx, void *_Nonnull dgain, long rows, long c);

  void (*_Nonnull rotate)(void *_Nonnull x, long ld, const void *_Nonnull cosines,
                          const void *_Nonnull sines, long row, long rows, long length, long start,
                          long heads, long half, int backward);

  void (*_Nonnull causal_softmax)(void *_Nonnull scores, long ld, long rows, long width,
                                  long visible, double scale, void *_Nonnull log_sum);
  void (*_Nonnull causal_softmax_again)(void *_Nonnull scores, long ld, long rows, long width,
                                        long visible, double scale, const void *_Nonnull log_sum);
  void (*_Nonnull row_dots)(const void *_Nonnull a, const void *_Nonnull b, long ld, long rows,
                            long n, void *_Nonnull dots);
  void (*_Nonnull score_gradient)(const void *_Nonnull p, void *_Nonnull dp, long ld, long rows,
                                  long width, const void *_Nonnull dots, double scale);

  void (*_Nonnull swiglu)(const void *_Nonnull gate_up, void *_Nonnull y, long rows, long h);
  void (*_Nonnull swiglu_backward)(const void *_Nonnull dy, void *_Nonnull gate_up,
                                   void *_Nonnull y, long rows, long h);

  void (*_Nonnull cross_entropy)(void *_Nonnull logits, const int32_t *_Nonnull targets, long rows,
                                 long v, double scale, int wants_gradient,
                                 double *_Nonnull losses);

  void (*_Nonnull accumulate)(void *_Nonnull sum, const void *_Nonnull x, long n);
  void (*_Nonnull adamw)(void *_Nonnull p, const void *_Nonnull g, void *_Nonnull m,
                         void *_Nonnull v, long n, double gradient_scale, double beta1,
                         double beta2, double step_size, double root_correction, double epsilon,
                         double keep);
  double (*_Nonnull sum_of_squares)(const void *_Nonnull x, long n);
} quipu_kernels;

/// Matrix multiplication of one precision on packed panels, one of whose strides must be 1.
///
/// A place of a panel is as large as an element of C and holds `pairs` neighbours of the depth: one
/// f32 or f64, or two bf16, rounded to nearest even. `(k + pairs - 1) / pairs` places make a depth of k,
/// and zeros make them a multiple of `step`.
typedef struct quipu_products {
  const char *_Nonnull name;
  long mr;     // rows of a packed panel of A
  long nr;     // columns of a packed panel of B
  long kc;     // depth of a panel at most
  long pairs;  // elements of the depth in one place of a panel
  long step;   // places of a panel are a multiple of this
  void (*_Nonnull pack_a)(void *_Nonnull packed, const void *_Nonnull a, long row_stride,
                          long column_stride, long m, long k);
  void (*_Nonnull pack_b)(void *_Nonnull packed, const void *_Nonnull b, long row_stride,
                          long column_stride, long k, long n);
  void (*_Nonnull multiply_packed)(const void *_Nonnull a, const void *_Nonnull b, long k,
                                   void *_Nonnull c, long ld, long m, long n, int accumulate);
} quipu_products;

/// The f32 table of a level (0 plain C, 1 NEON, 2 AVX2 + FMA, 3 AVX-512, 4 the same with AMX); null
/// where this processor, this system or this build lacks it.
const quipu_kernels *_Nullable quipu_kernels_f32(int level);
const quipu_products *_Nullable quipu_products_f32(int level);

/// Products of f32 matrices that are rounded to bf16 and summed in f32: on vectors from level 3 on
/// (AVX512-BF16), on tiles from 4 on (AMX); null below.
const quipu_products *_Nullable quipu_products_bf16(int level);

/// The f64 table: plain C, for gradient checks.
const quipu_kernels *_Nonnull quipu_kernels_f64(void);
const quipu_products *_Nonnull quipu_products_f64(void);

/// Runs `rounds` rounds of 24 independent multiply-adds on the widest vectors of a level and gives
/// the floating-point operations done: with a clock around it, the processor's own peak.
double quipu_peak_f32(int level, long rounds);

/// The same with products of bf16; 0 where the processor lacks them.
double quipu_peak_bf16(int level, long rounds);
