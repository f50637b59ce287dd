/// JSON written by hand, piece by piece.
struct JSONText {
  private(set) var bytes: [UInt8] = []

  mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// Appends UTF-8 as a string, with everything escaped that JSON wants so.
  mutating func string(_ text: [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    bytes.append(0x22)
    for byte in text {
      switch byte {
      case 0x22, 0x5c: bytes += [0x5c, byte]
      case 0..<0x20, 0x7f:
        raw("\\u00")
        bytes += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(0x22)
  }

  /// Appends items, each on a line that begins with `indent`, with commas between.
  mutating func list<Items: Sequence>(
    _ items: Items, indent: String, _ item: (inout JSONText, Items.Element) -> Void
  ) {
    var isFirst = true
    for element in items {
      if !isFirst { raw(",") }
      isFirst = false
      raw(indent)
      item(&self, element)
    }
  }

  /// Appends the rule that puts `<s>` in front of a text, or null where there is no such piece.
  mutating func template(_ model: TokenizerModel) {
    let id = model.trainer.beginID
    guard model.pieces.indices.contains(id) else {
      raw("null")
      return
    }
    var name = JSONText()
    name.string(model.pieces[id].bytes)
    let begin = String(decoding: name.bytes, as: UTF8.self)
    func special(_ type: Int) -> String {
      "{\"SpecialToken\": {\"id\": \(begin), \"type_id\": \(type)}}"
    }
    func sequence(_ name: String, _ type: Int) -> String {
      "{\"Sequence\": {\"id\": \"\(name)\", \"type_id\": \(type)}}"
    }
    raw("{\"type\": \"TemplateProcessing\", \"single\": [\(special(0)), \(sequence("A", 0))], ")
    raw("\"pair\": [\(special(0)), \(sequence("A", 0)), \(special(1)), \(sequence("B", 1))], ")
    raw("\"special_tokens\": {\(begin): {\"id\": \(begin), \"ids\": [\(id)], ")
    raw("\"tokens\": [\(begin)]}}}")
  }
}

/// Bytes as base64 with padding.
func base64(_ bytes: [UInt8]) -> String {
  let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  text.reserveCapacity((bytes.count + 2) / 3 * 4)
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let count = min(3, bytes.count - start)
    var word: UInt32 = 0
    for index in 0..<3 { word = word << 8 | (index < count ? UInt32(bytes[start + index]) : 0) }
    for index in 0..<4 {
      let digit = Int(word >> UInt32(18 - 6 * index) & 63)
      text.append(index <= count ? digits[digit] : 0x3d)
    }
  }
  return String(decoding: text, as: UTF8.self)
}
