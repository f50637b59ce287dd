import Glibc

/// Weights as numbers of bins that hold equally many of them; a bin stands for its mean.
///
/// - SeeAlso: Federico and Bertoldi 2006, "How many bits are needed to store probabilities for
///   phrase-based translation?"; kpu/kenlm `lm/quantize.cc`.
struct WeightBins {
  /// What each number stands for, ascending from `reserved` on.
  private(set) var means: [Float]
  /// Numbers kept for the two zeros of weights for backing off.
  private let reserved: Int

  /// Bins for logarithms.
  static func logarithms(_ values: [Float], bits: Int) -> WeightBins {
    WeightBins(values, count: 1 << bits, reserving: [])
  }

  /// Bins for weights of backing off: number 0 is negative zero, number 1 zero; `values` has neither.
  static func backoffs(_ values: [Float], bits: Int) -> WeightBins {
    WeightBins(values, count: 1 << bits, reserving: [-0.0, 0])
  }

  private init(_ values: [Float], count: Int, reserving zeros: [Float]) {
    let sorted = values.sorted()
    let bins = count - zeros.count
    reserved = zeros.count
    means = zeros
    var start = 0
    for bin in 0..<bins {
      let end = sorted.count * (bin + 1) / bins
      if start == end {
        means.append(bin > 0 ? means[means.count - 1] : -.infinity)
      } else {
        let sum = sorted[start..<end].reduce(0.0) { $0 + Double($1) }
        means.append(Float(sum / Double(Float(end - start))))
      }
      start = end
    }
  }

  /// The number of the bin for a logarithm.
  func number(_ value: Float) -> Int {
    var low = reserved
    var high = means.count
    while low < high {
      let middle = (low + high) / 2
      if means[middle] < value { low = middle + 1 } else { high = middle }
    }
    if low == reserved { return reserved }
    if low == means.count { return low - 1 }
    return value - means[low - 1] < means[low] - value ? low - 1 : low
  }

  /// The number of the bin for a weight of backing off.
  func backoffNumber(_ value: Float) -> Int {
    value == 0 ? (value.sign == .minus ? 0 : 1) : number(value)
  }
}
