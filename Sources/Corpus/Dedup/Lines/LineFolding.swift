import Ground

/// Brings lines into the form that CCNet compares, with the same bytes as its Python.
///
/// Strip; lower case; every decimal digit to `0`; control characters and 34 marks deleted.
///
/// - SeeAlso: cc_net `text_normalizer.py`, `normalize_for_dedup`. The paper (arXiv:1911.00359,
///   3.1) says all punctuation and accents; the published data come from the code.
struct LineFolding {
  // CCNet's list also names U+FF11, a digit, which is `0` before marks are looked for.
  private static let marks = "，。、„”“«»」「《》´∶：？！（）；–—．～’…━〈〉【】％►"

  /// What becomes of every scalar of the basic plane: itself or another, or one of the following.
  private static let table: [UInt16] = (0..<0x10000).map { UInt16(folded(UInt32($0))) }
  private static let deleted: UInt32 = 0
  /// Has to be looked at in its context: a capital sigma, or a capital of two small scalars.
  private static let special: UInt32 = 1

  private let table = Self.table
  private var buffer: [UInt8] = []
  private var count = 0

  /// The folded line.
  var bytes: [UInt8] { Array(buffer[..<count]) }

  /// CCNet's key of the folded line.
  var key: UInt64 { sha1Prefix(buffer.span.extracting(0..<count)) }

  /// Folds the line that lies in `range` of `text`.
  mutating func fold(_ text: Span<UInt8>, _ range: Range<Int>) {
    let line = text.strippedAsPython(range)
    // No scalar grows by more than a malformed byte does, which becomes U+FFFD.
    let room = 3 * line.count + 4
    if buffer.count < room { buffer = [UInt8](repeating: 0, count: 2 * room) }
    let table = table
    count = unsafe buffer.withUnsafeMutableBufferPointer { output in
      unsafe Self.fold(text, line, by: table.span, into: output)
    }
  }

  private static func fold(
    _ text: Span<UInt8>, _ line: Range<Int>, by table: Span<UInt16>,
    into output: UnsafeMutableBufferPointer<UInt8>
  ) -> Int {
    var made = 0
    var index = line.lowerBound
    while index < line.upperBound {
      let byte = text[index]
      if byte < 0x80 {
        let folded = UInt8(truncatingIfNeeded: table[Int(byte)])
        unsafe output[made] = folded
        made &+= folded == 0 ? 0 : 1
        index &+= 1
        continue
      }
      let scalar = text.scalar(at: index, below: line.upperBound)
      var folded = scalar.value < 0x10000 ? UInt32(table[Int(scalar.value)]) : folded(scalar.value)
      if folded == special && scalar.value == 0x3a3 {
        folded = text.isFinalSigma(at: index, in: line) ? 0x3c2 : 0x3c3
      } else if folded == special {
        unsafe output[made] = 0x69  // U+0130 is an i with a dot above
        made &+= 1
        folded = 0x307
      }
      if folded != deleted { unsafe made &+= encode(folded, into: output, at: made) }
      index &+= scalar.length
    }
    return made
  }

  private static func folded(_ value: UInt32) -> UInt32 {
    guard let scalar = Unicode.Scalar(value) else { return 0xfffd }
    if value < 0x20 || (0x7f..<0xa0).contains(value) { return deleted }
    let properties = scalar.properties
    if properties.generalCategory == .decimalNumber { return 0x30 }
    if Self.markValues.contains(value) { return deleted }
    if value == 0x3a3 || value == 0x130 { return special }
    let lower = properties.lowercaseMapping.unicodeScalars
    guard let first = lower.first, lower.count == 1 else { return value }
    return first.value
  }

  private static let markValues = Set(marks.unicodeScalars.map(\.value))
}

/// Writes one scalar as UTF-8 and says how many bytes that took.
@inline(__always)
private func encode(
  _ value: UInt32, into output: UnsafeMutableBufferPointer<UInt8>, at index: Int
) -> Int {
  func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: value >> shift) & 0x3f }
  if value < 0x80 {
    unsafe output[index] = UInt8(truncatingIfNeeded: value)
    return 1
  }
  if value < 0x800 {
    unsafe output[index] = 0xc0 | UInt8(truncatingIfNeeded: value >> 6)
    unsafe output[index + 1] = tail(0)
    return 2
  }
  if value < 0x10000 {
    unsafe output[index] = 0xe0 | UInt8(truncatingIfNeeded: value >> 12)
    unsafe output[index + 1] = tail(6)
    unsafe output[index + 2] = tail(0)
    return 3
  }
  unsafe output[index] = 0xf0 | UInt8(truncatingIfNeeded: value >> 18)
  unsafe output[index + 1] = tail(12)
  unsafe output[index + 2] = tail(6)
  unsafe output[index + 3] = tail(0)
  return 4
}
