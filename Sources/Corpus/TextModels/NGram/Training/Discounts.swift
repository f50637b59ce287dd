import Ground

/// What modified Kneser-Ney smoothing takes from adjusted counts of 1, 2, and 3 and more.
///
/// In single precision and in this order of steps, so that models are those of `lmplz` to the bit.
///
/// - SeeAlso: Chen and Goodman, "An empirical study of smoothing techniques for language modeling",
///   1998, equation 26.
struct Discounts: Equatable {
  var amounts: [Float]
  var isFallback = false

  init(amounts: [Float]) {
    self.amounts = amounts
    isFallback = true
  }

  /// The discounts of n-grams of `length` words.
  ///
  /// - Throws: `Fault` where the counts give none and there is no fallback.
  init(_ counts: CountStatistics, length: Int, fallback: [Float]?) throws(Fault) {
    do {
      try self.init(counts, length: length)
    } catch {
      guard let fallback else { throw error }
      self.init(amounts: (0..<3).map { fallback[min($0, fallback.count - 1)] })
    }
  }

  private init(_ counts: CountStatistics, length: Int) throws(Fault) {
    let way =
      "the text is small or repeats itself: use more, drop duplicates, or give discounts with "
      + "--discount-fallback"
    let ofCount = [0, counts.ones, counts.twos, counts.threes, counts.fours]
    if let missing = (1...3).first(where: { ofCount[$0] == 0 }) {
      throw fault(
        "no \(length)-gram has the adjusted count \(missing), so that no discount can be estimated; \(way)"
      )
    }
    let y = Float(counts.ones) / Float(Double(counts.ones) + 2 * Double(counts.twos))
    amounts = (1...3).map { count in
      let taken: Float = Float(count + 1) * y * Float(ofCount[count + 1])
      return Float(count) - taken / Float(ofCount[count])
    }
    for (index, amount) in amounts.enumerated() where amount < 0 || amount > Float(index + 1) {
      throw fault(
        "the discount of \(length)-grams with the adjusted count \(index + 1) would be \(amount), which "
          + "is not within 0...\(index + 1); \(way)")
    }
  }

  @inline(__always)
  func of(_ count: UInt32) -> Float { count == 0 ? 0 : amounts[Int(min(count, 3)) - 1] }

  /// The count less its discount.
  @inline(__always)
  func applied(to count: UInt32) -> Float { Float(count) - of(count) }
}

/// The n-grams that share a context: what their words are counted, and what is left for the rest.
struct ContextSums {
  var total: UInt64 = 0
  var pruned: UInt64 = 0
  var ones: UInt64 = 0
  var twos: UInt64 = 0
  var more: UInt64 = 0

  @inline(__always)
  mutating func add(_ count: UInt32, isPruned: Bool) {
    total &+= UInt64(count)
    if isPruned {
      pruned &+= UInt64(count)
    } else {
      switch count {
      case 0: break
      case 1: ones &+= 1
      case 2: twos &+= 1
      default: more &+= 1
      }
    }
  }

  /// The probability that goes to shorter contexts: all that was discounted or pruned.
  @inline(__always)
  func gamma(_ discounts: Discounts) -> Float {
    var gamma: Float = 0
    gamma += discounts.of(1) * Float(ones)
    gamma += discounts.of(2) * Float(twos)
    gamma += discounts.of(3) * Float(more)
    gamma += Float(pruned)
    return gamma / Float(total)
  }
}
