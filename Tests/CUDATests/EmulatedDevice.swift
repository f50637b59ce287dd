import CCUDA
import CUDA
import CUDAEmulator
import Testing

/// A device that is this processor, so that all but speed can be tested without a GPU.
enum EmulatedDevice {
  /// One of the eight; `change` makes NCCL's table that of another version.
  static func make(
    _ ordinal: Int = 0, change: (inout quipu_collective) -> Void = { _ in }
  ) throws(CUDAError) -> CUDADevice {
    var driver = quipu_driver(), compiler = quipu_compiler(), product = quipu_product()
    var attention = quipu_attention(), collective = quipu_collective()
    unsafe quipu_emulate(&driver, &compiler, &product, &attention, &collective)
    change(&collective)
    return try CUDADevice(
      CUDALibraries(
        driver: driver, compiler: compiler, product: product, attention: attention,
        collective: collective), ordinal: ordinal)
  }

  static func engine(
    _ ordinal: Int = 0, isFused: Bool = true, isDeterministic: Bool = false
  ) throws(CUDAError) -> CUDAEngine {
    try CUDAEngine(
      try make(ordinal), isDeterministic: isDeterministic, isFused: isFused,
      cache: KernelCache(folder: nil))
  }
}

/// The tests that use it, one at a time: all use the same devices.
@Suite(.serialized) struct EmulatedTests {}
