#pragma once
#include "CCUDA.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Fills the tables with eight devices that are this processor: memory is the host's, kernels are
/// their own texts compiled as C++ with a fiber for each thread, products and attention are plain
/// loops over what the descriptors say, ranks of a collective are threads of this process.
///
/// It is for the meaning of calls, not for their speed: arguments, sizes, strides, contexts, and the
/// order of work. Each stream is carried out by a thread of its own, later than the call; recorded
/// work of which neither waits for the other is carried out in any order. Fresh memory is full of NaN,
/// what lies behind it may not be touched, and a kernel that is given memory of another device ends
/// that device's context with error 700. There is no default stream.
void quipu_emulate(quipu_driver *driver, quipu_compiler *compiler, quipu_product *product,
                   quipu_attention *attention, quipu_collective *collective);

/// Makes streams pause between their work from now on, for times that follow from the seed; 0 stops it.
///
/// What is not made to wait then comes too early or too late.
void quipu_emulate_delays(uint64_t seed);

/// Gives every communicator of a device an error that `async_error` tells, as a broken link does.
void quipu_emulate_broken_link(int device, int code);

#ifdef __cplusplus
}
#endif
