import Ground

/// The first bytes of a KenLM binary: what it is, how its numbers look, how many n-grams it holds.
///
/// | bytes | content |
/// |---|---|
/// | 0 ..< 56 | `mmap lm http://kheafield.com/code format version 5`, a line feed, zeros |
/// | 56 ..< 68 | the floats 0, 1 and -0.5 |
/// | 68 ..< 80 | the words 1, 2³²-1 and 0 |
/// | 80 ..< 88 | 1 in 64 bits |
/// | 88 ..< 108 | order, probing multiplier, kind, has words, version of the tables |
/// | 108 ... | how many n-grams of each order, in 64 bits; zeros up to a multiple of 8 |
///
/// - SeeAlso: kpu/kenlm `lm/binary_format.cc`.
struct NGramHeader: Equatable {
  static let beginning = Array("mmap lm http://kheafield.com/code".utf8)
  private static let beforeVersion = beginning + Array(" format version ".utf8)
  private static let incomplete = beginning + Array(" incomplete\n".utf8)
  private static let version = 5
  private static let fixedCount = 108
  /// The longest n-grams that KenLM's files hold.
  static let maximumOrder = 6

  var kind: NGramKind
  /// Buckets of a hash table for each n-gram.
  var multiplier: Float
  var hasWords: Bool
  /// N-grams of each order, from 1 on.
  var counts: [UInt64]

  var order: Int { counts.count }
  var byteCount: Int { Self.byteCount(order: order) }

  static func byteCount(order: Int) -> Int { (fixedCount + 8 * order + 7) / 8 * 8 }
}

extension NGramHeader {
  /// Reads the header at the beginning of a file.
  ///
  /// - Throws: `Fault` that says what kind of file it is instead.
  init(reading bytes: UnsafeRawBufferPointer, path: String) throws(Fault) {
    try unsafe Self.checkMagic(bytes, path: path)
    guard bytes.count >= Self.fixedCount else {
      throw Fault(path, at: 0, .truncated(expected: Self.fixedCount, found: bytes.count))
    }
    try unsafe Self.checkNumbers(bytes, path: path)
    let order = unsafe Int(bytes[88])
    guard (2...Self.maximumOrder).contains(order) else {
      throw Fault(
        path, at: 88, .malformed("order \(order); KenLM's binaries have 2 to \(Self.maximumOrder)"))
    }
    let size = Self.byteCount(order: order)
    guard bytes.count >= size else {
      throw Fault(path, at: 0, .truncated(expected: size, found: bytes.count))
    }
    multiplier = unsafe bytes.loadUnaligned(fromByteOffset: 92, as: Float.self)
    guard multiplier >= 1, multiplier.isFinite else {
      throw Fault(path, at: 92, .malformed("probing multiplier \(multiplier), below 1"))
    }
    let number = unsafe bytes.loadUnaligned(fromByteOffset: 96, as: UInt32.self)
    guard let kind = NGramKind(rawValue: number) else {
      throw Fault(
        path, at: 96, .malformed("model type \(number) is not known; made by a newer KenLM?"))
    }
    self.kind = kind
    hasWords = unsafe bytes[100] != 0
    let tables = unsafe bytes.loadUnaligned(fromByteOffset: 104, as: UInt32.self)
    guard tables == kind.tableVersion else {
      throw Fault(
        path, at: 104,
        .malformed(
          "version \(tables) of the \(kind.name); this reads version \(kind.tableVersion)"))
    }
    counts = (0..<order).map {
      unsafe bytes.loadUnaligned(fromByteOffset: Self.fixedCount + 8 * $0, as: UInt64.self)
    }
  }

  /// True where a file begins as KenLM's binaries do, whatever follows.
  static func isBinary(_ bytes: [UInt8]) -> Bool { bytes.starts(with: Array("mmap lm ".utf8)) }

  private static func checkMagic(
    _ bytes: UnsafeRawBufferPointer, path: String
  ) throws(Fault) {
    let text = unsafe Array(bytes.prefix(fixedCount))
    if text.starts(with: incomplete) {
      throw Fault(path, at: 0, .malformed("the program that built this model did not finish"))
    }
    guard text.starts(with: beforeVersion) else {
      throw Fault(path, at: 0, .malformed("not a KenLM binary"))
    }
    let digits = text[beforeVersion.count...].prefix { (0x30...0x39).contains($0) }
    let found = digits.prefix(9).reduce(0) { 10 * $0 + Int($1 - 0x30) }
    guard !digits.isEmpty, found == version else {
      let age = found > version ? "a newer" : "an older"
      throw Fault(
        path, at: UInt64(beforeVersion.count),
        .malformed(
          "made by \(age) KenLM (format \(found); this reads \(version)): build it from its ARPA file"
        ))
    }
  }

  /// Compares the numbers that show byte order and sizes.
  private static func checkNumbers(
    _ bytes: UnsafeRawBufferPointer, path: String
  ) throws(Fault) {
    let wanted = numbers
    if unsafe bytes[0..<wanted.count].elementsEqual(wanted) { return }
    let place = unsafe zip(bytes, wanted).prefix { $0 == $1 }.map { _ in 0 }.count
    let one = unsafe Array(bytes[60..<64])
    let isShort = unsafe bytes[0..<76].elementsEqual(wanted[..<76]) && bytes[76] == 1
    throw Fault(
      path, at: UInt64(place),
      .malformed(
        isShort
          ? "made by an old 32-bit build of KenLM: build it from its ARPA file"
          : one == [0x3f, 0x80, 0, 0]
            ? "made on a machine with the other byte order: build it from its ARPA file"
            : "KenLM's test numbers are not what they should be"))
  }

  /// The first 88 bytes of every file.
  private static let numbers: [UInt8] = {
    var bytes = beforeVersion + Array("\(version)\n".utf8)
    bytes += Array(repeating: 0, count: 56 - bytes.count)
    for float: Float in [0, 1, -0.5] { bytes += littleEndian(float.bitPattern) }
    for word: UInt32 in [1, .max, 0] { bytes += littleEndian(word) }
    return bytes + littleEndian(UInt64(1))
  }()

  /// The header as it stands in the file.
  var bytes: [UInt8] {
    var bytes = Self.numbers
    bytes += [UInt8(order), 0, 0, 0]
    bytes += Self.littleEndian(multiplier.bitPattern)
    bytes += Self.littleEndian(kind.rawValue)
    bytes += [hasWords ? 1 : 0, 0, 0, 0]
    bytes += Self.littleEndian(kind.tableVersion)
    for count in counts { bytes += Self.littleEndian(count) }
    return bytes + Array(repeating: 0, count: byteCount - bytes.count)
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
