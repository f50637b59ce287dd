/// Walks the attributes of a tag; stops behind its `>`.
///
/// - SeeAlso: The HTML standard, sections 13.2.5.32 to 13.2.5.40.
struct HTMLAttributes {
  struct Attribute {
    var name: Range<Int>
    /// Without quotes; references in it still stand.
    var value: Range<Int>
  }

  let bytes: [UInt8]
  private(set) var position: Int
  /// True once the `>` has been passed; false at the end means that the text ended first.
  private(set) var isClosed = false
  private(set) var isSelfClosing = false

  init(bytes: [UInt8], position: Int) {
    self.bytes = bytes
    self.position = position
  }

  mutating func next() -> Attribute? {
    var isAfterSlash = false
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: ">") {
        position += 1
        (isClosed, isSelfClosing) = (true, isAfterSlash)
        return nil
      }
      guard byte == UInt8(ascii: "/") || isSpace(byte) else { return attribute() }
      isAfterSlash = byte == UInt8(ascii: "/")
      position += 1
    }
    return nil
  }

  private mutating func attribute() -> Attribute? {
    let begin = position
    position += 1  // whatever the first byte is, `=` too, it belongs to the name
    while position < bytes.count {
      let byte = bytes[position]
      if isSpace(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ">")
        || byte == UInt8(ascii: "=")
      {
        break
      }
      position += 1
    }
    let name = begin..<position
    let equals = afterSpaces(position)
    guard equals < bytes.count, bytes[equals] == UInt8(ascii: "=") else {
      return Attribute(name: name, value: position..<position)
    }
    position = afterSpaces(equals + 1)
    guard position < bytes.count else { return nil }
    let quote = bytes[position]
    if quote == UInt8(ascii: ">") { return Attribute(name: name, value: position..<position) }
    if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      let first = position + 1
      position = first
      while position < bytes.count && bytes[position] != quote { position += 1 }
      guard position < bytes.count else { return nil }
      position += 1
      return Attribute(name: name, value: first..<position - 1)
    }
    let first = position
    while position < bytes.count && !isSpace(bytes[position])
      && bytes[position] != UInt8(ascii: ">")
    {
      position += 1
    }
    return Attribute(name: name, value: first..<position)
  }

  private func afterSpaces(_ begin: Int) -> Int {
    var index = begin
    while index < bytes.count && isSpace(bytes[index]) { index += 1 }
    return index
  }
}

extension HTMLTokenizer {
  /// The attributes of a tag in order, names in lower case, references in values decoded; of a name
  /// that stands twice, the first counts.
  package func attributes(of tag: HTMLTag) -> [(name: [UInt8], value: [UInt8])] {
    var found: [(name: [UInt8], value: [UInt8])] = []
    var names: Set<[UInt8]> = []
    var cursor = HTMLAttributes(bytes: bytes, position: tag.attributes.lowerBound)
    while let attribute = cursor.next() {
      let name = withoutNulls(bytes[attribute.name].map(folded))
      guard names.insert(name).inserted else { continue }
      found.append((name, decodedReferences(in: bytes, attribute.value, isAttribute: true)))
    }
    return found
  }

  /// The decoded value of the attribute `name`, in lower case; nil where the tag lacks it.
  package func attribute(_ name: StaticString, of tag: HTMLTag) -> [UInt8]? {
    var cursor = HTMLAttributes(bytes: bytes, position: tag.attributes.lowerBound)
    while let attribute = cursor.next() {
      if attribute.name.count == name.utf8CodeUnitCount,
        starts(with: name, at: attribute.name.lowerBound)
      {
        return decodedReferences(in: bytes, attribute.value, isAttribute: true)
      }
    }
    return nil
  }
}

/// U+0000 as U+FFFD, as the standard has it in names and values.
func withoutNulls(_ bytes: [UInt8]) -> [UInt8] {
  guard bytes.contains(0) else { return bytes }
  return bytes.flatMap { $0 == 0 ? [0xef, 0xbf, 0xbd] : [$0] }
}
