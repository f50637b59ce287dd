internal import Ground

/// Normally distributed numbers by their place: number i of a seed is the same on every machine, in
/// any order and on any thread.
///
/// Marsaglia's polar method on SplitMix64 bits. Only `+ - * /` and square roots, which IEEE 754 rounds
/// exactly, and a logarithm of our own: no mathematical library can change a bit.
public struct Gaussian: Sendable {
  private let seed: UInt64

  /// - Parameters:
  ///   - seed: Of the run.
  ///   - stream: Of the tensor: streams of a seed are independent.
  public init(seed: UInt64, stream: UInt64) {
    self.seed = scatter(seed ^ scatter(stream &+ 0x9e37_79b9_7f4a_7c15))
  }

  /// The number with mean 0 and deviation 1 at `index`.
  public subscript(index: Int) -> Double {
    // Two numbers come of one point; an index and its neighbour share it.
    var state = scatter(seed &+ UInt64(truncatingIfNeeded: index >> 1))
    while true {
      let x = uniform(&state), y = uniform(&state)
      let s = x * x + y * y
      if s < 1 && s > 0 {
        let factor = (-2 * logarithm(s) / s).squareRoot()
        return (index & 1 == 0 ? x : y) * factor
      }
    }
  }

  /// Between -1 and 1, in steps of 2⁻⁵².
  private func uniform(_ state: inout UInt64) -> Double {
    state &+= 0x9e37_79b9_7f4a_7c15
    return Double(scatter(state) >> 11) * 0x1p-52 - 1
  }
}

/// The natural logarithm of a positive number, within 1e-15 or so.
///
/// `log m · 2^e = 2 artanh((m - 1) / (m + 1)) + e log 2` with m in [√½, √2), as a series.
func logarithm(_ number: Double) -> Double {
  var mantissa = number.significand, exponent = Double(number.exponent)
  if mantissa > 2.0.squareRoot() {
    mantissa /= 2
    exponent += 1
  }
  let s = (mantissa - 1) / (mantissa + 1)
  var sum = 0.0
  for term in stride(from: 25, through: 1, by: -2) { sum = sum * s * s + 1 / Double(term) }
  return 2 * s * sum + exponent * 0.693147180559945309417
}
