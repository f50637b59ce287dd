import Ground

/// What filters ask of a character, answered as Python answers it.
struct Traits: OptionSet {
  let rawValue: UInt8

  /// `str.isalpha`: a letter.
  static let alphabetic = Traits(rawValue: 1)
  /// `str.isalnum`: a letter, digit or other number.
  static let alphanumeric = Traits(rawValue: 2)
  /// `str.isspace`: white space and the four information separators.
  static let space = Traits(rawValue: 4)
  /// A line ends here for `str.splitlines`.
  static let lineEnd = Traits(rawValue: 8)
  /// datatrove's punctuation and controls, `utils/text.py`.
  static let punctuation = Traits(rawValue: 16)
  /// `\d`: a decimal digit.
  static let digit = Traits(rawValue: 32)
  static let uppercase = Traits(rawValue: 64)

  init(rawValue: UInt8) { self.rawValue = rawValue }

  init(of value: UInt32) {
    self = []
    if value &- 9 < 5 || value &- 0x1c < 4 || Self.spaces.contains(value) { insert(.space) }
    if value &- 0xa < 4 || value &- 0x1c < 3 || [0x85, 0x2028, 0x2029].contains(value) {
      insert(.lineEnd)
    }
    if Self.marks.contains(value) || value < 0x20 && value != 9 && value != 10
      || value &- 0x7f < 0x21
    {
      insert(.punctuation)
    }
    guard let properties = Unicode.Scalar(value)?.properties else { return }
    switch properties.generalCategory {
    case .uppercaseLetter, .titlecaseLetter: formUnion([.alphabetic, .alphanumeric, .uppercase])
    case .lowercaseLetter, .modifierLetter, .otherLetter: formUnion([.alphabetic, .alphanumeric])
    case .decimalNumber: formUnion([.digit, .alphanumeric])
    default: if properties.numericType != nil { insert(.alphanumeric) }
    }
  }

  private static let spaces: Set<UInt32> = Set(
    [0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000] + Array(0x2000...0x200a))
  private static let marks = Set(
    "!/—”:％１〈&(、━\\【#%「」，】；+^]~“《„';’{|∶´[=-`*．（–？！：$～«〉,><》)?）。…@_.\"}►»"
      .unicodeScalars.map(\.value))

  /// The traits of the basic plane.
  static let table: [Traits] = (0..<0x10000).map { Traits(of: UInt32($0)) }
}

extension Span where Element == Traits {
  /// The traits of any scalar.
  @inline(__always)
  func traits(of value: UInt32) -> Traits {
    value < 0x10000 ? self[Int(value)] : Traits(of: value)
  }
}

extension Span where Element == UInt8 {
  /// The scalar that ends before `index`, and its bytes.
  @inline(__always)
  func scalar(before index: Int) -> (value: UInt32, length: Int) {
    var start = index &- 1
    while start > 0, index &- start < 4, self[start] & 0xc0 == 0x80 { start &-= 1 }
    let scalar = self.scalar(at: start)
    return start &+ scalar.length == index ? scalar : (0xfffd, 1)
  }

  /// How many characters lie in `range`.
  func characters(in range: Range<Int>) -> Int {
    unsafe extracting(range).withUnsafeBufferPointer { bytes in
      var count = 0
      for index in 0..<bytes.count { count &+= unsafe bytes[index] & 0xc0 == 0x80 ? 0 : 1 }
      return count
    }
  }

  /// True where `part` stands at `index`.
  @inline(__always)
  func has(_ part: StaticString, at index: Int, below end: Int) -> Bool {
    let length = part.utf8CodeUnitCount
    guard index >= 0, index &+ length <= end else { return false }
    for offset in 0..<length where unsafe self[index &+ offset] != part.utf8Start[offset] {
      return false
    }
    return true
  }

  /// `range` without white space at its ends.
  func stripped(_ range: Range<Int>) -> Range<Int> {
    let table = Traits.table
    let traits = table.span
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end {
      let scalar = self.scalar(at: start)
      guard traits.traits(of: scalar.value).contains(.space) else { break }
      start += scalar.length
    }
    while start < end {
      let scalar = self.scalar(before: end)
      guard traits.traits(of: scalar.value).contains(.space) else { break }
      end -= scalar.length
    }
    return start..<Swift.max(start, end)
  }

  /// The lines without their ends, as Python's `splitlines`: none for an empty text, and none
  /// behind the last end.
  func splitLines() -> [Range<Int>] {
    let table = Traits.table
    let traits = table.span
    var lines: [Range<Int>] = []
    var (start, index) = (0, 0)
    while index < count {
      let byte = self[index]
      if byte &- 0x20 < 0x60 {
        index &+= 1
        continue
      }
      let scalar = self.scalar(at: index)
      guard traits.traits(of: scalar.value).contains(.lineEnd) else {
        index &+= scalar.length
        continue
      }
      lines.append(start..<index)
      let isPair = scalar.value == 0xd && index &+ 1 < count && self[index &+ 1] == 0xa
      index &+= isPair ? 2 : scalar.length
      start = index
    }
    if start < count { lines.append(start..<count) }
    return lines
  }
}
