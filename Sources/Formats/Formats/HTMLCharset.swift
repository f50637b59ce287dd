extension HTMLPage {
  /// The character set that a `meta` element declares: a label in lower case; nil where none does.
  ///
  /// Browsers search the first 1,024 bytes and begin again where their parser finds a declaration
  /// later. Here one search goes up to `body` and through 16 KiB at most, which is longer than
  /// heads with such declarations are. As there, scripts count: many write the declaration.
  ///
  /// - SeeAlso: The HTML standard, sections 13.2.3.2, "prescan a byte stream", and 13.2.3.4.
  public static func declaredCharset(in bytes: [UInt8]) -> String? {
    let head = bytes.count <= 1 << 14 ? bytes : Array(bytes[..<(1 << 14)])
    var tokenizer = HTMLTokenizer(head)
    while let token = tokenizer.next() {
      guard case .start(let tag) = token else { continue }
      switch HTMLElement.table.element(tag.key) {
      case .body: return nil
      case .void:
        if tag.name.count == 4, tokenizer.starts(with: "meta", at: tag.name.lowerBound),
          let label = charset(ofMeta: tokenizer, tag)
        {
          return label
        }
      default: break
      }
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
    let marks = Array("-_:.+".utf8)
    guard !name.isEmpty, name.utf8.allSatisfy({ isLetterOrDigit($0) || marks.contains($0) }) else {
      return nil
    }
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
