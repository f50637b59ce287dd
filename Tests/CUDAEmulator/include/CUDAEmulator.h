#pragma once
#include "CCUDA.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Fills the tables with a device that is this processor: memory is the host's, kernels are their own
/// texts compiled as C++ with a fiber for each thread, products and attention are plain loops over
/// what the descriptors say.
///
/// It is for the meaning of calls, not for their speed: arguments, sizes, strides, the order of work.
/// Fresh memory is full of NaN, and what lies behind it may not be touched.
void quipu_emulate(quipu_driver *driver, quipu_compiler *compiler, quipu_product *product,
                   quipu_attention *attention);

#ifdef __cplusplus
}
#endif
