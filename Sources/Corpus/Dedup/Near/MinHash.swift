import Ground

/// How near duplicates are found: MinHash signatures over word n-grams, banded.
///
/// Two texts of Jaccard similarity J share a band with probability `1 - (1 - J^rows)^bands`.
///
/// - SeeAlso: The defaults are FineWeb's (arXiv:2406.17557; datatrove `dedup/minhash.py`).
public struct MinHash: Hashable, Sendable {
  /// Words of a shingle.
  public var shingle = 5
  public var bands = 14
  public var rows = 8
  public var seed: UInt64 = 1

  public init() {}

  /// Numbers of a signature.
  public var count: Int { bands * rows }

  /// Names the settings in the header of a signature file.
  var digest: UInt64 {
    xxh3("minhash/1/\(shingle)/\(bands)/\(rows)/\(seed)".utf8.map { $0 })
  }

  /// The band keys of a signature: equal where all rows of the band are.
  func keys(of signature: [UInt32]) -> [UInt64] {
    (0..<bands).map { band in
      unsafe signature[band * rows..<(band + 1) * rows].withUnsafeBytes { raw in
        xxh3(unsafe Span(_unsafeBytes: raw), seed: UInt64(band))
      }
    }
  }

  /// The share of equal numbers: an unbiased estimate of the Jaccard similarity.
  public static func similarity(_ left: [UInt32], _ right: [UInt32]) -> Double {
    guard left.count == right.count, !left.isEmpty else { return 0 }
    var equal = 0
    for index in left.indices where left[index] == right[index] { equal += 1 }
    return Double(equal) / Double(left.count)
  }
}

/// Computes MinHash signatures; reuses its buffers, so one a worker.
///
/// The k-th number is the least `a_k · x + b_k` modulo 2³² over the shingles' hashes x, read as
/// signed since such a least is cheaper without SSE4, with odd `a_k`: multiply-shift hashing, whose high bits, which decide the least, are universal
/// (Dietzfelbinger et al. 1997).
public struct MinHashSigner {
  private let settings: MinHash
  private let factors: [Int32]
  private let offsets: [Int32]
  private var words: [UInt64] = []

  public init(_ settings: MinHash = MinHash()) {
    precondition(settings.count > 0 && settings.shingle > 0, "\(settings) has no rows or words")
    self.settings = settings
    func number(_ index: Int) -> Int32 {
      Int32(truncatingIfNeeded: scatter(scatter(settings.seed) &+ UInt64(index)) >> 32)
    }
    factors = (0..<settings.count).map { number(2 * $0) | 1 }
    offsets = (0..<settings.count).map { number(2 * $0 + 1) }
  }

  /// The signature of a text, `bands · rows` numbers; nil for a text without words.
  ///
  /// A text of fewer words than a shingle is one shingle, so it is near to its equals only.
  ///
  /// - Complexity: O(n + words · count).
  public mutating func signature(of text: [UInt8]) -> [UInt32]? {
    WordFolding.fineWeb.hashWords(of: text.span, into: &words)
    if words.isEmpty { return nil }
    makeShingles(&words, n: settings.shingle)
    var least = [Int32](repeating: .max, count: settings.count)
    unsafe least.withUnsafeMutableBufferPointer { least in
      unsafe factors.withUnsafeBufferPointer { factors in
        unsafe offsets.withUnsafeBufferPointer { offsets in
          for word in words {
            let x = Int32(truncatingIfNeeded: word &>> 32)
            for index in 0..<least.count {
              let value = unsafe factors[index] &* x &+ offsets[index]
              unsafe least[index] = unsafe min(least[index], value)
            }
          }
        }
      }
    }
    return least.map { UInt32(bitPattern: $0) }
  }
}
