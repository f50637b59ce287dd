import Ground

/// A TensorBoard event file: TFRecord frames, each with one `Event` message.
///
/// - SeeAlso: `tensorboard/compat/proto/{event,summary}.proto` for the numbers of the fields;
///   `tensorflow/core/lib/io/record_writer.h` for the frames.
struct EventFile {
  private let file: AppendedFile

  /// Opens the file, or makes it, and cuts off what is later than `step`.
  init(_ path: String, after step: Int) throws(Fault) {
    file = try AppendedFile(path)
    try cut(after: step)
    guard try fileSize(path) == 0 else { return }
    var version = Message()
    version.double(1, 0)
    version.string(3, "brain.Event:2")
    try file.append(frame(version.bytes))
  }

  /// Cuts off the events that are later than `step`, and a frame that was cut short.
  func cut(after step: Int) throws(Fault) {
    let reader = BufferedReader(try FileReader(path: file.path))
    var whole = 0
    while let event = try nextFrame(reader), let number = Self.step(of: event), number <= step {
      whole = Int(reader.offset)
    }
    try file.cut(to: whole)
  }

  /// Adds the numbers of a step, as scalars under their tags.
  ///
  /// - Parameters:
  ///   - values: Stored with 24 bits, all that a scalar has.
  ///   - step: Not before that of the last call.
  ///   - time: In seconds since 1970.
  /// - Throws: `Fault` where the file cannot be written.
  func append(_ values: [(tag: String, value: Double)], step: Int, time: Double) throws(Fault) {
    var event = Message()
    event.double(1, time)
    event.integer(2, step)
    var summary = Message()
    for (tag, number) in values {
      var value = Message()
      value.string(1, tag)
      value.float(2, Float(number))
      summary.message(1, value)
    }
    event.message(5, summary)
    try file.append(frame(event.bytes))
  }

  /// Length and its checksum, the bytes and theirs.
  private func frame(_ bytes: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(bytes.count))
    return length + littleEndian(maskedCRC32C(length)) + bytes + littleEndian(maskedCRC32C(bytes))
  }

  /// The bytes of the next frame; nil where there is no whole one.
  private func nextFrame(_ reader: BufferedReader) throws(Fault) -> [UInt8]? {
    var head: [UInt8] = []
    guard try reader.read(12, into: &head) == 12,
      head[8...].elementsEqual(littleEndian(maskedCRC32C(head[..<8])))
    else { return nil }
    let length = head[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length < 1 << 20 else { return nil }  // ours are below a kilobyte
    var body: [UInt8] = []
    let count = Int(length)
    guard try reader.read(count + 4, into: &body) == count + 4,
      body[count...].elementsEqual(littleEndian(maskedCRC32C(body[..<count])))
    else { return nil }
    return Array(body[..<count])
  }

  /// The step of an event that this program wrote; 0 for that of the version.
  private static func step(of event: [UInt8]) -> Int? {
    guard event.count > 9, event[0] == 1 << 3 | 1 else { return nil }
    guard event[9] == 2 << 3 else { return 0 }
    var number: UInt64 = 0
    for (place, byte) in event[10...].prefix(9).enumerated() {
      number |= UInt64(byte & 0x7f) << (7 * UInt64(place))
      if byte < 0x80 { return Int(number) }
    }
    return nil
  }
}

/// A protocol buffer message on its way into bytes.
///
/// - SeeAlso: protobuf.dev/programming-guides/encoding.
private struct Message {
  private(set) var bytes: [UInt8] = []

  mutating func integer(_ field: Int, _ number: Int) {
    variable(UInt64(field) << 3)
    variable(UInt64(max(0, number)))
  }

  mutating func double(_ field: Int, _ number: Double) {
    variable(UInt64(field) << 3 | 1)
    bytes += littleEndian(number.bitPattern)
  }

  mutating func float(_ field: Int, _ number: Float) {
    variable(UInt64(field) << 3 | 5)
    bytes += littleEndian(number.bitPattern)
  }

  mutating func string(_ field: Int, _ text: String) { nested(field, Array(text.utf8)) }

  mutating func message(_ field: Int, _ message: Message) { nested(field, message.bytes) }

  private mutating func nested(_ field: Int, _ content: [UInt8]) {
    variable(UInt64(field) << 3 | 2)
    variable(UInt64(content.count))
    bytes += content
  }

  /// Seven bits a byte, the lowest first.
  private mutating func variable(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

private func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
  (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
}
