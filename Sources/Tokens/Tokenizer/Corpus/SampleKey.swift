import Ground

/// A sentence's place in the order of which a sample takes the first.
///
/// A sentence of weight w has the key -ln(u)/w, with u between 0 and 1; the N smallest keys are a
/// sample without replacement in which weights count as they should. Here u is a hash of the seed,
/// the sentence and where it stands, so that neither threads nor the order of files matter.
///
/// - SeeAlso: Efraimidis and Spirakis, "Weighted random sampling with a reservoir", Information
///   Processing Letters 97 (2006).
struct SampleKey: Comparable, Sendable {
  /// Keys of these weights fall into the bins of a `SampleCut`.
  static let weights = 1e-6...1e6

  /// The key's bits: they have the order of the numbers, which are positive.
  let bits: UInt64
  /// Decides between equal keys.
  let tie: UInt64

  /// The key of a sentence that stands `offset` bytes into a text; `document` is a hash that tells
  /// texts apart.
  init(_ sentence: Span<UInt8>, document: UInt64, offset: UInt64, seed: UInt64, weight: Double) {
    let hash = xxh3Wide(sentence)
    let place = scatter(scatter(scatter(seed) &+ document) &+ offset)
    let chance = scatter(hash.high ^ place)
    let uniform = (Double(chance >> 11) + 0.5) * 0x1p-53
    bits = (-naturalLogarithm(uniform) / weight).bitPattern
    tie = scatter(hash.low &+ place)
  }

  init(bits: UInt64, tie: UInt64) {
    self.bits = bits
    self.tie = tie
  }

  static func < (left: Self, right: Self) -> Bool {
    (left.bits, left.tie) < (right.bits, right.tie)
  }
}

/// The logarithm of a normal positive number, to about 1e-16, by operations that every machine
/// rounds alike: a sample must not depend on whose `log` is linked.
///
/// - SeeAlso: ln m = 2 artanh((m - 1) / (m + 1)), for m between √½ and √2.
package func naturalLogarithm(_ number: Double) -> Double {
  var exponent = Double(number.exponent)
  var mantissa = number.significand
  if mantissa > 1.414_213_562_373_095_1 {
    mantissa /= 2
    exponent += 1
  }
  let ratio = (mantissa - 1) / (mantissa + 1)
  let square = ratio * ratio
  var sum = 0.0
  for odd in stride(from: 23.0, through: 1, by: -2) { sum = sum * square + 1 / odd }
  return exponent * 0.693_147_180_559_945_3 + 2 * ratio * sum
}
