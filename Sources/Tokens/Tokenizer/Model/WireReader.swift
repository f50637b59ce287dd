import Ground

/// Walks over the fields of one Protocol Buffers message inside a file.
///
/// Every length is checked against what is left before anything is taken, so a hostile file can
/// cause a fault but neither a trap nor more memory than its own size.
struct WireReader {
  struct Key {
    var number: Int
    var wire: Int
    /// Where the field begins in the file.
    var offset: Int
  }

  let file: String
  private let bytes: [UInt8]
  private(set) var position: Int
  let end: Int

  init(_ bytes: [UInt8], file: String) {
    self.init(bytes, range: 0..<bytes.count, file: file)
  }

  private init(_ bytes: [UInt8], range: Range<Int>, file: String) {
    self.bytes = bytes
    self.file = file
    position = range.lowerBound
    end = range.upperBound
  }

  func fault(_ what: String, at offset: Int) -> Fault {
    Fault(file, at: UInt64(offset), .malformed(what))
  }

  /// The next field's number and wire type; nil at the end of the message.
  mutating func readKey() throws(Fault) -> Key? {
    guard position < end else { return nil }
    let offset = position
    let key = try readVarint()
    let number = key >> 3
    guard number >= 1, number < 1 << 29 else {
      throw fault("\(number) is not a field number", at: offset)
    }
    return Key(number: Int(number), wire: Int(key & 7), offset: offset)
  }

  mutating func readField(_ key: Key) throws(Fault) -> WireMessage.Field {
    let value: WireMessage.Value =
      switch key.wire {
      case 0: .varint(try readVarint())
      case 1: .fixed64(try readFixed(8))
      case 2: .bytes(Array(bytes[try readRange()]))
      case 5: .fixed32(UInt32(try readFixed(4)))
      default: throw fault("wire type \(key.wire) is not used by models", at: key.offset)
      }
    return WireMessage.Field(number: key.number, value: value)
  }

  /// A reader of the message that stands here as a field, past which this reader then is.
  mutating func readMessage(_ key: Key) throws(Fault) -> WireReader {
    guard key.wire == 2 else {
      throw fault("field \(key.number) should hold a message", at: key.offset)
    }
    return WireReader(bytes, range: try readRange(), file: file)
  }

  private mutating func readRange() throws(Fault) -> Range<Int> {
    let length = try readVarint()
    guard length <= UInt64(end - position) else {
      throw Fault(
        file, at: UInt64(position),
        .truncated(expected: Int(clamping: length), found: end - position))
    }
    let start = position
    position += Int(length)
    return start..<position
  }

  private mutating func readVarint() throws(Fault) -> UInt64 {
    var number: UInt64 = 0
    let start = position
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else {
        throw Fault(
          file, at: UInt64(start), .truncated(expected: end - start + 1, found: end - start))
      }
      let byte = bytes[position]
      position += 1
      number |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return number }
    }
    throw fault("a number is longer than ten bytes", at: start)
  }

  private mutating func readFixed(_ count: Int) throws(Fault) -> UInt64 {
    guard end - position >= count else {
      throw Fault(file, at: UInt64(position), .truncated(expected: count, found: end - position))
    }
    var number: UInt64 = 0
    for index in 0..<count { number |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += count
    return number
  }
}
