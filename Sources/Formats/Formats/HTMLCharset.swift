extension HTMLPage {
  /// The character set that a `meta` element in the first 1,024 bytes declares: a label as written,
  /// in lower case; nil where none does.
  ///
  /// - SeeAlso: The HTML standard, section 13.2.3.2, "prescan a byte stream".
  public static func declaredCharset(in bytes: [UInt8]) -> String? {
    let head = bytes.count <= 1024 ? bytes : Array(bytes[..<1024])
    var tokenizer = HTMLTokenizer(head)
    while let token = tokenizer.next() {
      guard case .start(let tag) = token, tag.name.count == 4,
        tokenizer.starts(with: "meta", at: tag.name.lowerBound)
      else { continue }
      if let label = charset(ofMeta: tokenizer, tag) { return label }
    }
    return nil
  }

  private static func charset(ofMeta tokenizer: HTMLTokenizer, _ tag: HTMLTag) -> String? {
    var label: [UInt8]?
    if let direct = tokenizer.attribute("charset", of: tag) {
      label = direct
    } else if let kind = tokenizer.attribute("http-equiv", of: tag),
      kind.map(folded) == Array("content-type".utf8),
      let content = tokenizer.attribute("content", of: tag)
    {
      label = charsetParameter(of: content)
    }
    guard let label else { return nil }
    let trimmed = label.drop(while: isSpace).reversed().drop(while: isSpace).reversed().map(folded)
    let name = String(decoding: trimmed, as: UTF8.self)
    if name.isEmpty { return nil }
    // Who can read this declaration does not read UTF-16.
    return name.hasPrefix("utf-16") ? "utf-8" : name
  }

  /// The `charset` of a media type such as `text/html; charset=utf-8`; nil where it has none.
  public static func charsetParameter(of mediaType: [UInt8]) -> [UInt8]? {
    let tokenizer = HTMLTokenizer(mediaType)
    var index = 0
    while index < mediaType.count {
      guard tokenizer.starts(with: "charset", at: index) else {
        index += 1
        continue
      }
      index += 7
      while index < mediaType.count && isSpace(mediaType[index]) { index += 1 }
      guard index < mediaType.count, mediaType[index] == UInt8(ascii: "=") else { continue }
      index += 1
      while index < mediaType.count && isSpace(mediaType[index]) { index += 1 }
      let rest = mediaType[index...]
      guard let quote = rest.first else { return nil }
      if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
        let value = rest.dropFirst()
        return value.firstIndex(of: quote).map { Array(value[..<$0]) }
      }
      return Array(rest.prefix { !isSpace($0) && $0 != UInt8(ascii: ";") })
    }
    return nil
  }
}
