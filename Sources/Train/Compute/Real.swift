internal import CKernels

/// The two precisions that operations exist in: `Float` to train with, `Double` to check gradients in.
///
/// Both are compiled from one C text (`Sources/C/CKernels`), so a gradient checked in f64 is the
/// formula that f32 runs.
public protocol Real: BinaryFloatingPoint, Sendable {}

extension Float: Real {}
extension Double: Real {}

/// The instruction set of the f32 kernels.
public enum InstructionSet: Int, CaseIterable, Sendable, Comparable {
  /// What every processor of the architecture has.
  case plain
  /// AVX2 with fused multiply-add.
  case avx2
  /// AVX-512 F, BW, DQ and VL.
  case avx512

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// True where this processor and this build have it.
  public var isHere: Bool { unsafe quipu_kernels_f32(CInt(rawValue)) != nil }

  /// The widest that is here.
  public static var widest: Self { allCases.last { $0.isHere } ?? .plain }

  /// Floating-point operations a second that one thread can do at most, measured for some 50 ms:
  /// multiply-adds that touch no memory.
  public func measuredPeak() -> Double {
    let clock = ContinuousClock()
    var best = 0.0
    for _ in 0..<5 {
      let start = clock.now
      let operations = quipu_peak_f32(CInt(rawValue), 500_000)
      best = max(best, operations / ((clock.now - start) / .seconds(1)))
    }
    return best
  }
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
