/// A part of a manifest in one spelling: JSON without blanks, keys in byte order, defaults written.
///
/// Two manifests that mean the same give the same bytes, whatever their order, comments and layout;
/// the pipeline hashes them into the names of units of work.
enum Canonical {
  case text(String)
  case number(Double)
  case flag(Bool)
  case list([Canonical])
  case fields([String: Canonical?])

  var bytes: [UInt8] {
    var json = ""
    write(to: &json)
    return Array(json.utf8)
  }

  private func write(to json: inout String) {
    switch self {
    case .text(let text): Self.write(text, to: &json)
    case .number(let number): json += shortest(number)
    case .flag(let flag): json += flag ? "true" : "false"
    case .list(let values):
      json += "["
      for (index, value) in values.enumerated() {
        if index > 0 { json += "," }
        value.write(to: &json)
      }
      json += "]"
    case .fields(let fields):
      json += "{"
      var isFirst = true
      for key in fields.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
        guard case .some(.some(let value)) = fields[key] else { continue }
        if !isFirst { json += "," }
        isFirst = false
        Self.write(key, to: &json)
        json += ":"
        value.write(to: &json)
      }
      json += "}"
    }
  }

  private static func write(_ text: String, to json: inout String) {
    json += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": json += "\\\(scalar)"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: json.unicodeScalars.append(scalar)
      }
    }
    json += "\""
  }

  static func integer(_ number: Int) -> Canonical { .number(Double(number)) }
}
