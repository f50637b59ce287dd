import Ground

/// Parses one element of XML that was cut out of a file, such as an `XMLRecord`.
///
/// In Swift rather than by libxml2, whose headers bring ICU's along, and these clash with Foundation's
/// in every target above. What a record may hold is small: tags, attributes, text, CDATA, comments,
/// processing instructions, references to characters and the five entities. A document type is refused,
/// so that no entity can be declared and none expands; nothing is loaded from elsewhere; elements nest
/// 64 deep at most, without recursion. Text that is not UTF-8 or not well-formed is refused.
///
/// - SeeAlso: W3C, Extensible Markup Language (XML) 1.0, fifth edition.
public struct XMLParser: Sendable {
  public init() {}

  /// The element that `text` holds; white space, comments and an XML declaration may stand around it.
  ///
  /// - Complexity: O(n).
  public func parse(_ text: [UInt8]) throws(XMLError) -> XMLElement {
    guard isValidUTF8(text) else { throw XMLError("not UTF-8", at: 0) }
    var scanner = XMLScanner(text: text)
    return try scanner.element()
  }
}

private struct XMLScanner {
  let text: [UInt8]
  private var index = 0
  private var open: [XMLElement] = []
  private var root: XMLElement?

  private static let deepest = 64

  init(text: [UInt8]) {
    self.text = text
    if text.starts(with: [0xef, 0xbb, 0xbf]) { index = 3 }
  }

  mutating func element() throws(XMLError) -> XMLElement {
    while index < text.count {
      if text[index] != UInt8(ascii: "<") {
        try characters()
      } else if has("</") {
        try endTag()
      } else if has("<!--") {
        try skip(to: "-->", from: index + 4)
      } else if has("<?") {
        try skip(to: "?>", from: index + 2)
      } else if has("<![CDATA[") {
        let start = index + 9
        try skip(to: "]]>", from: start)
        try append(text[start..<index - 3])
      } else if has("<!") {
        throw fault("a document type is not accepted")
      } else {
        try startTag()
      }
    }
    guard let root, open.isEmpty else {
      throw fault(open.last.map { "<\($0.name)> has no end" } ?? "there is no element")
    }
    return root
  }

  private mutating func startTag() throws(XMLError) {
    guard root == nil else { throw fault("a second element") }
    guard open.count < Self.deepest else { throw fault("elements nest too deep") }
    index += 1
    var element = XMLElement(name: try name(), attributes: [], text: [], children: [])
    while true {
      let start = index
      skipSpace()
      guard index < text.count else { throw fault("<\(element.name) is cut short") }
      if has("/>") {
        index += 2
        return close(element)
      }
      if text[index] == UInt8(ascii: ">") {
        index += 1
        open.append(element)
        return
      }
      guard index > start else { throw fault("attributes are not parted by space") }
      let attribute = try name()
      guard element[attribute] == nil else { throw fault("attribute \(attribute) comes twice") }
      element.attributes.append((attribute, try value()))
    }
  }

  private mutating func value() throws(XMLError) -> [UInt8] {
    skipSpace()
    guard has("=") else { throw fault("an attribute has no value") }
    index += 1
    skipSpace()
    guard index < text.count, text[index] == 0x22 || text[index] == 0x27 else {
      throw fault("an attribute's value has no quotes")
    }
    let quote = text[index]
    index += 1
    var value: [UInt8] = []
    while index < text.count, text[index] != quote {
      let run = index
      while index < text.count, text[index] != quote, !isSpecial(text[index]) { index += 1 }
      value += text[run..<index]
      guard index < text.count, text[index] != quote else { break }
      switch text[index] {
      case UInt8(ascii: "&"): try reference(into: &value)
      case 0x09, 0x0a, 0x0d:
        index += has("\r\n") ? 2 : 1
        value.append(0x20)
      default: throw fault("a value holds what no value may")
      }
    }
    guard index < text.count else { throw fault("an attribute's value has no end") }
    index += 1
    return value
  }

  private mutating func endTag() throws(XMLError) {
    index += 2
    let name = try name()
    skipSpace()
    guard has(">") else { throw fault("</\(name) is cut short") }
    index += 1
    guard let element = open.popLast(), element.name == name else {
      throw fault("</\(name)> ends what did not begin")
    }
    close(element)
  }

  private mutating func close(_ element: XMLElement) {
    if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
  }

  private mutating func characters() throws(XMLError) {
    while index < text.count, text[index] != UInt8(ascii: "<") {
      let run = index
      while index < text.count, text[index] >= 0x20, !isSpecial(text[index]) { index += 1 }
      try append(text[run..<index])
      guard index < text.count, text[index] != UInt8(ascii: "<") else { return }
      switch text[index] {
      case UInt8(ascii: "&"):
        var decoded: [UInt8] = []
        try reference(into: &decoded)
        try append(decoded[...])
      case 0x09, 0x0a:
        try append(text[index...index])
        index += 1
      case 0x0d:  // line ends are one \n each
        try append([0x0a])
        index += has("\r\n") ? 2 : 1
      default: throw fault("a control character")
      }
    }
  }

  private mutating func append(_ bytes: ArraySlice<UInt8>) throws(XMLError) {
    if !open.isEmpty {
      open[open.count - 1].text += bytes
    } else if bytes.contains(where: { $0 > 0x20 }) {
      throw fault("text outside of the element")
    }
  }

  /// `&amp;`, `&#233;` and the like.
  private mutating func reference(into output: inout [UInt8]) throws(XMLError) {
    // The longest that means something is shorter.
    let limit = min(index + 16, text.count)
    guard let end = text[index..<limit].firstIndex(of: UInt8(ascii: ";")) else {
      throw fault("`&` begins no reference")
    }
    let name = String(decoding: text[index + 1..<end], as: UTF8.self)
    if let entity = predefined[name] {
      output.append(entity)
    } else if let scalar = scalar(name), let bytes = UTF8.encode(scalar) {
      output.append(contentsOf: bytes)
    } else {
      throw fault("&\(name); stands for nothing")
    }
    index = end + 1
  }

  private func scalar(_ name: String) -> Unicode.Scalar? {
    guard name.hasPrefix("#") else { return nil }
    let isHexadecimal = name.hasPrefix("#x")
    let digits = name.dropFirst(isHexadecimal ? 2 : 1)
    guard digits.first != "+", let number = UInt32(digits, radix: isHexadecimal ? 16 : 10),
      number >= 0x20 || [0x09, 0x0a, 0x0d].contains(number), number & 0xfffe != 0xfffe
    else { return nil }
    return Unicode.Scalar(number)
  }

  private mutating func name() throws(XMLError) -> String {
    let start = index
    while index < text.count, !endsName(text[index]) { index += 1 }
    guard index > start else { throw fault("a name is missing") }
    return String(decoding: text[start..<index], as: UTF8.self)
  }

  private func endsName(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x00...0x20, 0x22, 0x26, 0x27, 0x2f, 0x3c, 0x3d, 0x3e: true  // " & ' / < = >
    default: false
    }
  }

  private func isSpecial(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x26 || byte == 0x3c }

  private mutating func skipSpace() {
    while index < text.count, text[index] <= 0x20, endsLineOrSpace(text[index]) { index += 1 }
  }

  private func endsLineOrSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
  }

  private mutating func skip(to end: StaticString, from start: Int) throws(XMLError) {
    let begin = index
    index = start
    while index < text.count, !has(end) { index += 1 }
    guard index < text.count else { throw XMLError("it has no \(end)", at: begin) }
    index += end.utf8CodeUnitCount
  }

  private func has(_ part: StaticString) -> Bool {
    guard index + part.utf8CodeUnitCount <= text.count else { return false }
    return part.withUTF8Buffer { wanted in
      for offset in 0..<wanted.count where unsafe wanted[offset] != text[index + offset] {
        return false
      }
      return true
    }
  }

  private func fault(_ what: String) -> XMLError { XMLError(what, at: index) }
}

private let predefined: [String: UInt8] = [
  "amp": 0x26, "apos": 0x27, "gt": 0x3e, "lt": 0x3c, "quot": 0x22,
]
