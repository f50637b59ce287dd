/// True where a tag of `text` has more than `most` attributes.
///
/// libxml2 compares every attribute of a tag with all before it, before it tells of any. Up to the
/// first place where a text is not well-formed, tags are seen here as libxml2 sees them; behind it,
/// it parses nothing.
///
/// - Complexity: O(n).
func hasMoreAttributes(than most: Int, in text: [UInt8]) -> Bool {
  var index = 0
  while let start = text.firstIndex(of: UInt8(ascii: "<"), from: index) {
    let end: Int?
    if text.has("<!--", at: start) {
      end = text.end(of: "-->", from: start + 4)
    } else if text.has("<![CDATA[", at: start) {
      end = text.end(of: "]]>", from: start + 9)
    } else if text.has("<?", at: start) {
      end = text.end(of: "?>", from: start + 2)
    } else {
      guard let (tagEnd, values) = text.tag(from: start + 1, most: most) else { return false }
      if values > most { return true }
      end = tagEnd
    }
    guard let end else { return false }
    index = end
  }
  return false
}

extension [UInt8] {
  /// The index behind the `>` of a tag, and how many quoted values it has, looked at up to `most`.
  fileprivate func tag(from start: Int, most: Int) -> (end: Int, values: Int)? {
    var values = 0
    var index = start
    while index < count {
      let byte = self[index]
      index += 1
      if byte == UInt8(ascii: ">") { return (index, values) }
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        values += 1
        if values > most { return (index, values) }
        guard let end = firstIndex(of: byte, from: index) else { return nil }
        index = end + 1
      }
    }
    return nil
  }

  fileprivate func firstIndex(of byte: UInt8, from start: Int) -> Int? {
    var index = start
    while index < count, self[index] != byte { index += 1 }
    return index < count ? index : nil
  }

  fileprivate func end(of part: StaticString, from start: Int) -> Int? {
    var index = start
    while index < count, !has(part, at: index) { index += 1 }
    return index < count ? index + part.utf8CodeUnitCount : nil
  }

  fileprivate func has(_ part: StaticString, at index: Int) -> Bool {
    guard index + part.utf8CodeUnitCount <= count else { return false }
    return part.withUTF8Buffer { wanted in
      for offset in 0..<wanted.count where unsafe wanted[offset] != self[index + offset] {
        return false
      }
      return true
    }
  }
}
