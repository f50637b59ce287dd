import Ground

// A post in a sorter's run: its bytes' count, ten numbers of eight bytes each, then five texts, each
// after its count. Little-endian; never kept beyond a unit, so without a version.

extension Post {
  func append(to bytes: inout [UInt8]) {
    let texts = [created, title, text, tags, licence]
    let numbers = [
      thread, isAnswer ? 1 : 0, number, score, accepted, Int(bitPattern: UInt(place.order)),
      Int(bitPattern: UInt(place.offset)), Int(bitPattern: UInt(place.skip)), place.length,
    ]
    bytes.append(number: texts.reduce(8 * (numbers.count + texts.count)) { $0 + $1.count })
    for number in numbers { bytes.append(number: number) }
    for text in texts {
      bytes.append(number: text.count)
      bytes += text
    }
  }

  /// The next post of a run; nil at its end.
  init?(from reader: BufferedReader, room: inout [UInt8]) throws(Fault) {
    room.removeAll(keepingCapacity: true)
    guard try reader.read(8, into: &room) == 8 else { return nil }
    var index = 0
    let count = room.number(&index)
    room.removeAll(keepingCapacity: true)
    guard count >= 0, try reader.read(count, into: &room) == count else {
      throw reader.fault(.truncated(expected: count, found: room.count))
    }
    index = 0
    thread = room.number(&index)
    isAnswer = room.number(&index) == 1
    number = room.number(&index)
    score = room.number(&index)
    accepted = room.number(&index)
    place.order = UInt64(UInt(bitPattern: room.number(&index)))
    place.offset = UInt64(UInt(bitPattern: room.number(&index)))
    place.skip = UInt64(UInt(bitPattern: room.number(&index)))
    place.length = room.number(&index)
    created = room.text(&index)
    title = room.text(&index)
    text = room.text(&index)
    tags = room.text(&index)
    licence = room.text(&index)
  }
}

extension [UInt8] {
  fileprivate mutating func append(number: Int) {
    let bits = UInt64(bitPattern: Int64(number))
    for shift in stride(from: 0, to: 64, by: 8) {
      append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
  }

  /// Zero where the bytes have an end before.
  fileprivate func number(_ index: inout Int) -> Int {
    guard index + 8 <= count else { return 0 }
    defer { index += 8 }
    return (0..<8).reversed().reduce(0) { $0 << 8 | Int(self[index + $1]) }
  }

  fileprivate func text(_ index: inout Int) -> [UInt8] {
    let length = Swift.max(0, Swift.min(number(&index), count - index))
    defer { index += length }
    return Array(self[index..<index + length])
  }
}
