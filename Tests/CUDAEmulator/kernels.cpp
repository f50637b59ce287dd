// The kernels' own texts, as C++.
#include <functional>
#include <tuple>
#include <utility>

#include "device.h"
#include "kernels.h"

#include "../../Sources/C/CCUDA/kernels/common.cuh"

#include "../../Sources/C/CCUDA/kernels/embedding.cu"
#include "../../Sources/C/CCUDA/kernels/flat.cu"
#include "../../Sources/C/CCUDA/kernels/loss.cu"
#include "../../Sources/C/CCUDA/kernels/norm.cu"
#include "../../Sources/C/CCUDA/kernels/pointwise.cu"
#include "../../Sources/C/CCUDA/kernels/softmax.cu"

namespace {
template <class Argument>
const void *pointer(Argument argument) {
  if constexpr (std::is_pointer_v<Argument>)
    return argument;
  else
    return nullptr;
}

template <class... Arguments, size_t... Number>
KernelCall bound(void (*kernel)(Arguments...), void **arguments, std::index_sequence<Number...>) {
  std::tuple<Arguments...> copies(*static_cast<Arguments *>(arguments[Number])...);
  return {[=] { std::apply(kernel, copies); }, {pointer(std::get<Number>(copies))...}};
}

template <class... Arguments>
KernelCall bound(void (*kernel)(Arguments...), void **arguments) {
  return bound(kernel, arguments, std::index_sequence_for<Arguments...>());
}

#define KERNEL(name) {#name, [](void **arguments) { return bound(name, arguments); }}
const struct {
  const char *name;
  Bind bind;
} all[] = {
    KERNEL(rms_norm),          KERNEL(rms_norm_again),      KERNEL(rms_norm_backward_1),
    KERNEL(rms_norm_backward_2), KERNEL(rms_norm_backward_4), KERNEL(add_sums),
    KERNEL(rotate),            KERNEL(swiglu),              KERNEL(swiglu_backward),
    KERNEL(embed),             KERNEL(embed_backward),      KERNEL(cross_entropy),
    KERNEL(softmax_shard),     KERNEL(join_softmax),        KERNEL(softmax_shard_gradient),
    KERNEL(adamw),
    KERNEL(adamw_bf16),        KERNEL(squares),             KERNEL(total),
    KERNEL(first_broken),      KERNEL(add_bf16),            KERNEL(add_f32),
    KERNEL(round_to_bf16),     KERNEL(noise),
    KERNEL(causal_softmax),    KERNEL(causal_softmax_again), KERNEL(score_gradient),
    KERNEL(head_dots),
};
}  // namespace

Bind kernelNamed(const char *name) {
  for (auto &kernel : all)
    if (strcmp(kernel.name, name) == 0) return kernel.bind;
  return nullptr;
}
