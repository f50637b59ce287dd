/// What a character reference such as `&eacute;` or `&#233;` stands for.
struct HTMLReference {
  /// Bytes behind the `&`.
  var length: Int
  var first: UInt32
  /// 0 for the most that stand for one scalar only.
  var second: UInt32 = 0
}

/// The named character references, by a hash table built on first use.
struct HTMLReferences: Sendable {
  static let all = HTMLReferences()

  private struct Entry {
    var name: Range<Int>
    var first: UInt32
    var second: UInt32
    /// True where the semicolon may be missing.
    var isLegacy: Bool
  }

  private var names: [UInt8] = []
  private var entries: [Entry] = []
  /// Numbers of entries, counted from 1; 0 for an empty slot.
  private var slots = [UInt16](repeating: 0, count: 8192)

  /// The longest name, `CounterClockwiseContourIntegral`, and the longest that needs no semicolon.
  private static let longest = 31
  private static let longestLegacy = 6

  private init() {
    var parts = htmlNames.utf8.split(separator: UInt8(ascii: " ")).makeIterator()
    while var name = parts.next(), let value = parts.next() {
      let isLegacy = name.first == UInt8(ascii: "!")
      if isLegacy { name.removeFirst() }
      let scalars = value.split(separator: UInt8(ascii: "+"))
        .map { UInt32(Substring($0), radix: 16) ?? 0xfffd }
      let begin = names.count
      names.append(contentsOf: name)
      entries.append(
        Entry(
          name: begin..<names.count, first: scalars[0],
          second: scalars.count > 1 ? scalars[1] : 0, isLegacy: isLegacy))
      var slot = Self.slot(names, begin..<names.count)
      while slots[slot] != 0 { slot = (slot + 1) & 8191 }
      slots[slot] = UInt16(entries.count)
    }
  }

  /// FNV-1a, to 13 bits.
  private static func slot(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
    var hash: UInt32 = 2_166_136_261
    for index in range { hash = (hash ^ UInt32(bytes[index])) &* 16_777_619 }
    return Int((hash ^ hash >> 13) & 8191)
  }

  private func entry(_ bytes: [UInt8], _ range: Range<Int>) -> Entry? {
    var slot = Self.slot(bytes, range)
    while slots[slot] != 0 {
      let entry = entries[Int(slots[slot]) - 1]
      if entry.name.count == range.count,
        range.indices.allSatisfy({
          bytes[$0] == names[entry.name.lowerBound + $0 - range.lowerBound]
        })
      {
        return entry
      }
      slot = (slot + 1) & 8191
    }
    return nil
  }

  /// The reference behind the `&` before `begin`; nil where that `&` is only itself.
  ///
  /// In attributes, `&copy=` and `&copyright` are no references.
  func reference(in bytes: [UInt8], from begin: Int, to end: Int, isAttribute: Bool)
    -> HTMLReference?
  {
    guard begin < end else { return nil }
    if bytes[begin] == UInt8(ascii: "#") { return numeric(bytes, from: begin, to: end) }
    var index = begin
    while index < end && index - begin <= Self.longest && isLetterOrDigit(bytes[index]) {
      index += 1
    }
    if index < end, bytes[index] == UInt8(ascii: ";"), let entry = entry(bytes, begin..<index) {
      return HTMLReference(length: index + 1 - begin, first: entry.first, second: entry.second)
    }
    var length = min(index - begin, Self.longestLegacy)
    while length >= 2 {
      let after = begin + length
      if let entry = entry(bytes, begin..<after), entry.isLegacy {
        let isCutOff =
          isAttribute && after < end
          && (bytes[after] == UInt8(ascii: "=") || isLetterOrDigit(bytes[after]))
        return isCutOff ? nil : HTMLReference(length: length, first: entry.first)
      }
      length -= 1
    }
    return nil
  }

  private func numeric(_ bytes: [UInt8], from begin: Int, to end: Int) -> HTMLReference? {
    var index = begin + 1
    let isHexadecimal = index < end && bytes[index] | 0x20 == UInt8(ascii: "x")
    if isHexadecimal { index += 1 }
    let digits = index
    var value: UInt32 = 0
    while index < end {
      let byte = bytes[index]
      let letter = (byte | 0x20) &- 0x61
      let digit: UInt8
      if byte &- 0x30 < 10 {
        digit = byte &- 0x30
      } else if isHexadecimal && letter < 6 {
        digit = letter + 10
      } else {
        break
      }
      value = min(value * (isHexadecimal ? 16 : 10) + UInt32(digit), 0x11_0000)
      index += 1
    }
    guard index > digits else { return nil }
    if index < end && bytes[index] == UInt8(ascii: ";") { index += 1 }
    return HTMLReference(length: index - begin, first: Self.scalar(value))
  }

  /// The scalar that a number stands for: those of Windows-1252 for 80 to 9f, as the standard's
  /// section 13.2.5.80 tells, and U+FFFD for what is none.
  private static func scalar(_ number: UInt32) -> UInt32 {
    switch number {
    case 0x80...0x9f: windows1252[Int(number) - 0x80]
    case 0, 0xd800...0xdfff, 0x11_0000...: 0xfffd
    default: number
    }
  }

  private static let windows1252: [UInt32] = [
    0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039,
    0x152, 0x8d, 0x17d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc,
    0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
  ]
}

/// `bytes[range]` with its character references decoded; U+0000 becomes U+FFFD in attributes.
package func decodedReferences(in bytes: [UInt8], _ range: Range<Int>, isAttribute: Bool)
  -> [UInt8]
{
  var decoded: [UInt8] = []
  decoded.reserveCapacity(range.count)
  var index = range.lowerBound
  while index < range.upperBound {
    let byte = bytes[index]
    index += 1
    if byte == UInt8(ascii: "&"),
      let reference = HTMLReferences.all.reference(
        in: bytes, from: index, to: range.upperBound, isAttribute: isAttribute)
    {
      decoded.appendScalar(reference.first)
      if reference.second != 0 { decoded.appendScalar(reference.second) }
      index += reference.length
    } else {
      decoded.append(byte)
    }
  }
  return isAttribute ? withoutNulls(decoded) : decoded
}

extension [UInt8] {
  /// Appends the UTF-8 of a scalar; U+FFFD for a number that is none.
  fileprivate mutating func appendScalar(_ number: UInt32) {
    append(
      contentsOf: UTF8.encode(Unicode.Scalar(number) ?? "\u{fffd}")
        ?? UTF8.encodedReplacementCharacter)
  }
}
