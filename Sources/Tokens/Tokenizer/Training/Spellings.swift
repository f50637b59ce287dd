/// The bytes of symbols, by number.
struct Spellings: ~Copyable {
  private var bytes = FlatArray<UInt8>()
  /// By symbol, where it begins; then where the last one ends.
  private var starts = FlatArray<UInt32>()
  /// By symbol, its first eight bytes as a number that sorts like them.
  private var prefixes = FlatArray<UInt64>()

  init() { starts.append(0) }

  var count: Int { prefixes.count }

  subscript(symbol: Int) -> [UInt8] {
    (Int(starts[symbol])..<Int(starts[symbol + 1])).map { bytes[$0] }
  }

  mutating func append(_ spelling: [UInt8]) {
    for byte in spelling { bytes.append(byte) }
    close()
  }

  /// Adds the symbol that two others make.
  mutating func append(_ left: UInt32, _ right: UInt32) {
    for symbol in [left, right] {
      for index in starts[Int(symbol)]..<starts[Int(symbol) + 1] {
        bytes.append(bytes[Int(index)])
      }
    }
    close()
  }

  private mutating func close() {
    let start = Int(starts[count])
    var prefix: UInt64 = 0
    for index in 0..<8 {
      prefix = prefix << 8 | (start + index < bytes.count ? UInt64(bytes[start + index]) : 0)
    }
    prefixes.append(prefix)
    starts.append(UInt32(bytes.count))
  }

  /// The first eight bytes of two symbols in a row, as a number that sorts like them.
  func prefix(_ left: UInt32, _ right: UInt32) -> UInt64 {
    let length = UInt64(starts[Int(left) + 1] - starts[Int(left)])
    let first = prefixes[Int(left)]
    return length >= 8 ? first : first | prefixes[Int(right)] >> (8 * length)
  }

  /// True where what the first pair spells comes before what the second does.
  func precedes(_ one: Pair, _ two: Pair) -> Bool {
    let first = self[Int(one.left)] + self[Int(one.right)]
    let second = self[Int(two.left)] + self[Int(two.right)]
    return first.lexicographicallyPrecedes(second)
  }
}
