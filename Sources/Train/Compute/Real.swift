internal import CKernels
import Glibc

/// The two precisions that operations exist in: `Float` to train with, `Double` to check gradients in.
///
/// Both are compiled from one C text (`Sources/C/CKernels`), so a gradient checked in f64 is the
/// formula that f32 runs.
public protocol Real: BinaryFloatingPoint, Sendable {}

extension Float: Real {}
extension Double: Real {}

/// The instruction set of the kernels.
public enum InstructionSet: Int, CaseIterable, Sendable, Comparable {
  /// What every processor of the architecture has.
  case plain
  /// Advanced SIMD, which every 64-bit Arm processor has.
  case neon
  /// AVX2 with fused multiply-add.
  case avx2
  /// AVX-512 F, BW, DQ and VL; where there is BF16, products of bf16 by it.
  case avx512
  /// The same, but products of bf16 on AMX's tiles.
  case amx

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// True where this processor and this build have it.
  public var isHere: Bool { unsafe quipu_kernels_f32(CInt(rawValue)) != nil }

  /// The widest that is here.
  public static var widest: Self { allCases.last { $0.isHere } ?? .plain }
}

/// How matrix products round what they multiply; sums are f32 always.
public enum Products: String, CaseIterable, Sendable {
  /// As it is.
  case f32
  /// Rounded to bf16, nearest even, as AVX512-BF16 and AMX multiply it.
  ///
  /// Magnitudes below 2^-126 count as 0, those from 2^128 - 2^119 on as infinite; NaN stays NaN.
  /// Products of a few rows, which wait for memory and not for arithmetic, are not rounded.
  case bf16

  /// True where this processor and this build have it; nothing is emulated.
  public var isHere: Bool { isHere(on: .widest) }

  /// True where an instruction set, of those that are here, has it.
  public func isHere(on instructions: InstructionSet) -> Bool {
    unsafe table(on: instructions) != nil
  }

  /// Floating-point operations a second that one thread can do at most, measured for some 50 ms:
  /// multiply-adds that touch no memory.
  public func measuredPeak() -> Double {
    let level = CInt(InstructionSet.widest.rawValue)
    return bestRate { rounds in
      self == .bf16 ? quipu_peak_bf16(level, rounds) : quipu_peak_f32(level, rounds)
    }
  }

  fileprivate func table(on instructions: InstructionSet) -> UnsafePointer<quipu_products>? {
    let level = CInt(instructions.rawValue)
    return unsafe self == .bf16 ? quipu_products_bf16(level) : quipu_products_f32(level)
  }
}

/// The best rate of five runs of `work`, which gives the operations done, in the thread's own time:
/// other programs do not spoil it.
private func bestRate(of work: (_ rounds: Int) -> Double) -> Double {
  func seconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
  var best = 0.0
  for _ in 0..<5 {
    let start = seconds()
    let operations = work(500_000)
    best = max(best, operations / max(seconds() - start, 1e-9))
  }
  return best
}

/// The kernels for a precision.
func kernels<Scalar: Real>(
  _ scalar: Scalar.Type, _ instructions: InstructionSet
) -> UnsafePointer<quipu_kernels> {
  if scalar == Float.self, let table = unsafe quipu_kernels_f32(CInt(instructions.rawValue)) {
    return unsafe table
  }
  precondition(scalar != Float.self, "this processor lacks \(instructions)")
  return unsafe quipu_kernels_f64()
}

/// The products for a precision: f64 has its own alone.
func products<Scalar: Real>(
  _ scalar: Scalar.Type, _ instructions: InstructionSet, _ products: Products
) -> UnsafePointer<quipu_products> {
  guard scalar == Float.self else { return unsafe quipu_products_f64() }
  guard let table = unsafe products.table(on: instructions) else {
    preconditionFailure("this processor lacks \(products) on \(instructions)")
  }
  return unsafe table
}
