import Ground

/// A Protocol Buffers message as its fields stand in the file: nothing is lost, known or not.
///
/// - SeeAlso: protobuf.dev/programming-guides/encoding.
struct WireMessage: Equatable, Sendable {
  enum Value: Equatable, Sendable {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes([UInt8])
    case fixed32(UInt32)
  }

  struct Field: Equatable, Sendable {
    var number: Int
    var value: Value
  }

  private(set) var fields: [Field] = []

  init() {}

  /// How a field is written.
  enum Wire: Int {
    case varint = 0
    case bytes = 2
    case fixed32 = 5
  }

  /// - Throws: `Fault` at the first field that is cut, broken, or not written as `wire` says.
  init(_ reader: consuming WireReader, wire: (Int) -> Wire?) throws(Fault) {
    while let key = try reader.readKey() {
      if let wire = wire(key.number), wire.rawValue != key.wire {
        throw reader.fault("field \(key.number) of the settings has the wrong type", at: key.offset)
      }
      fields.append(try reader.readField(key))
    }
  }

  mutating func append(_ field: Field) { fields.append(field) }

  /// The last value of a field, which is the one that counts.
  subscript(_ number: Int) -> Value? {
    fields.last { $0.number == number }?.value
  }

  func all(_ number: Int) -> [Value] {
    fields.lazy.filter { $0.number == number }.map(\.value)
  }

  /// Puts `values` where the field's number belongs among the others, in place of the old ones.
  mutating func set(_ number: Int, _ values: [Value]) {
    fields.removeAll { $0.number == number }
    let place = fields.firstIndex { $0.number > number } ?? fields.endIndex
    fields.insert(contentsOf: values.map { Field(number: number, value: $0) }, at: place)
  }

  func write(to bytes: inout [UInt8]) {
    for field in fields { bytes.appendField(field.number, field.value) }
  }
}

extension [UInt8] {
  mutating func appendVarint(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  mutating func appendField(_ number: Int, _ value: WireMessage.Value) {
    let key = UInt64(number) << 3
    switch value {
    case .varint(let payload):
      appendVarint(key)
      appendVarint(payload)
    case .fixed64(let payload):
      appendVarint(key | 1)
      append(payload)
    case .bytes(let payload):
      appendVarint(key | 2)
      appendVarint(UInt64(payload.count))
      append(contentsOf: payload)
    case .fixed32(let payload):
      appendVarint(key | 5)
      append(payload)
    }
  }

  /// Appends a number in little-endian order.
  private mutating func append(_ number: some FixedWidthInteger) {
    for shift in stride(from: 0, to: type(of: number).bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }
}
