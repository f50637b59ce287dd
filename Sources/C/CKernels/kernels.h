// The row operations of one table, as a template: the including file says REAL, TABLE, LEVEL.

#include "exponential.h"
#include "normalise.h"
#include "attend.h"
#include "pointwise.h"
#include "entropy.h"
#include "rows.h"

const quipu_kernels TABLE = {
    .name = LEVEL,
    .multiply_rows = multiply_rows,
    .rms_norm = rms_norm,
    .rms_norm_again = rms_norm_again,
    .rms_norm_backward = rms_norm_backward,
    .rotate = rotate,
    .causal_softmax = causal_softmax,
    .causal_softmax_again = causal_softmax_again,
    .row_dots = row_dots,
    .score_gradient = score_gradient,
    .swiglu = swiglu,
    .swiglu_backward = swiglu_backward,
    .cross_entropy = cross_entropy,
    .accumulate = accumulate,
    .adamw = adamw,
    .sum_of_squares = sum_of_squares,
};
