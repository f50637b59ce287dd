import Ground

/// The words of a text: what white space separates.
struct Words {
  /// A hash of each word, in order.
  private(set) var keys: [UInt64] = []
  /// Characters of each word.
  private(set) var lengths: [UInt32] = []
  /// Words that have a character which is no punctuation, and how many characters these have.
  private(set) var proper = 0
  private(set) var properLength = 0
  private(set) var alphabetic = 0
  /// How many different stop words there are.
  private(set) var stopWords = 0
  /// How often `#` stands in the text, and how often `...` or `…`.
  private(set) var hashes = 0
  private(set) var ellipses = 0

  var count: Int { keys.count }

  init(_ text: Span<UInt8>) {
    let table = Traits.table
    let traits = table.span
    let stops = Self.stopKeys
    keys.reserveCapacity(text.count / 6)
    lengths.reserveCapacity(text.count / 6)
    var found = 0
    var index = 0
    while index < text.count {
      var key = Self.start
      var length = 0
      var (any, all) = (UInt8(0), UInt8.max)
      var dots = 0
      while index < text.count {
        let byte = text[index]
        var value = UInt32(byte)
        var size = 1
        if byte >= 0x80 { (value, size) = text.scalar(at: index) }
        let kind = traits.traits(of: value)
        if kind.contains(.space) { break }
        any |= kind.rawValue
        all &= kind.rawValue
        key = (key ^ UInt64(value)) &* Self.prime
        length &+= 1
        index &+= size
        if kind.contains(.punctuation) {
          if value == 0x2e {
            dots &+= 1
            if dots % 3 == 0 { ellipses &+= 1 }
            continue
          }
          if value == 0x23 { hashes &+= 1 }
          if value == 0x2026 { ellipses &+= 1 }
        }
        dots = 0
      }
      if length > 0 {
        key ^= key &>> 32
        keys.append(key)
        lengths.append(UInt32(truncatingIfNeeded: length))
        if all & Traits.punctuation.rawValue == 0 {
          proper &+= 1
          properLength &+= length
        }
        if any & Traits.alphabetic.rawValue != 0 { alphabetic &+= 1 }
        if length <= 4, let number = stops.firstIndex(of: key) { found |= 1 &<< number }
      }
      if index < text.count { index &+= text.scalar(at: index).length }
    }
    stopWords = found.nonzeroBitCount
  }

  /// FNV-1a, 64 bits, over scalars instead of bytes.
  private static let start: UInt64 = 0xcbf2_9ce4_8422_2325
  private static let prime: UInt64 = 0x100_0000_01b3

  /// Gopher's eight stop words.
  private static let stopKeys = ["the", "be", "to", "of", "and", "that", "have", "with"].map {
    let key = $0.utf8.reduce(start) { ($0 ^ UInt64($1)) &* prime }
    return key ^ key &>> 32
  }
}
