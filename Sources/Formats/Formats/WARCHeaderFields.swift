/// The named lines of a header, as WARC and HTTP write them: `Name: value`, up to an empty line.
///
/// Lines may end in `\r\n` or `\n`; a line that begins with white space goes on with the value
/// before it; a line without a colon is passed over. Names are compared without regard to case.
public struct HeaderFields: Sendable {
  private let bytes: [UInt8]
  private var fields: [(name: Range<Int>, value: Range<Int>)] = []
  /// Bytes of the header, its empty line included.
  public let length: Int

  /// Reads the header that begins at `start` of `source`.
  ///
  /// - Complexity: O(header).
  public init(_ source: [UInt8], from start: Int = 0) {
    var lines: [Range<Int>] = []
    var index = min(start, source.count)
    while index < source.count {
      let begin = index
      while index < source.count && source[index] != 0x0a { index += 1 }
      var end = index
      index = min(index + 1, source.count)
      if end > begin && source[end - 1] == 0x0d { end -= 1 }
      if begin == end { break }
      lines.append(begin - start..<end - start)
    }
    bytes = Array(source[min(start, source.count)..<index])
    length = bytes.count
    for line in lines { add(line) }
  }

  private mutating func add(_ line: Range<Int>) {
    if isSpace(bytes[line.lowerBound]) {
      guard let last = fields.last else { return }
      fields[fields.count - 1].value = last.value.lowerBound..<line.upperBound
      return
    }
    guard let colon = line.first(where: { bytes[$0] == UInt8(ascii: ":") }) else { return }
    let name = trimmed(line.lowerBound..<colon)
    if !name.isEmpty { fields.append((name, trimmed(colon + 1..<line.upperBound))) }
  }

  private func trimmed(_ range: Range<Int>) -> Range<Int> {
    var range = range
    while let first = range.first, isSpace(bytes[first]) { range.removeFirst() }
    while let last = range.last, isSpace(bytes[last]) { range.removeLast() }
    return range
  }

  public var isEmpty: Bool { fields.isEmpty }

  /// The value of the first field `name`, folded lines joined by a space; nil where there is none.
  public subscript(name: String) -> String? {
    fields.first { isNamed(name, $0.name) }.map { text($0.value) }
  }

  /// The values of all fields `name`, in order.
  public func values(of name: String) -> [String] {
    fields.filter { isNamed(name, $0.name) }.map { text($0.value) }
  }

  private func isNamed(_ name: String, _ range: Range<Int>) -> Bool {
    var name = name
    guard name.utf8.count == range.count else { return false }
    return name.withUTF8 { name in
      for offset in 0..<name.count
      where unsafe folded(name[offset]) != folded(bytes[range.lowerBound + offset]) {
        return false
      }
      return true
    }
  }

  private func text(_ range: Range<Int>) -> String {
    var value = bytes[range]
    if value.contains(0x0a) {
      value = ArraySlice(
        value.split(separator: 0x0a)
          .map { Array($0.drop(while: isSpace).reversed().drop(while: isSpace).reversed()) }
          .joined(separator: [0x20]))
    }
    return String(decoding: value, as: UTF8.self)
  }
}
