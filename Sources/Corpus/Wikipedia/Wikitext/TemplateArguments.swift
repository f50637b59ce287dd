/// The arguments of a template, without white space around them.
struct TemplateArguments {
  /// Those without a name, from the first on; a name that is a number places its value.
  private(set) var plain: [[UInt8]] = []
  private var named: [String: [UInt8]] = [:]

  /// - Parameter content: Name and arguments, parted by bars; bars in links part nothing.
  init(_ content: ArraySlice<UInt8>) {
    var depth = 0
    var start: Int?
    var index = content.startIndex
    while index < content.endIndex {
      switch content[index] {
      case UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "]"): depth = max(0, depth - 1)
      case UInt8(ascii: "|") where depth == 0:
        if let start { add(content[start..<index]) }
        start = index + 1
      default: break
      }
      index += 1
    }
    if let start { add(content[start...]) }
  }

  /// The argument of a number, from 1 on; empty where it is not given.
  subscript(number: Int) -> [UInt8] { plain.indices.contains(number - 1) ? plain[number - 1] : [] }

  /// The argument of a name; empty where it is not given.
  subscript(name: String) -> [UInt8] { named[name] ?? [] }

  private mutating func add(_ argument: ArraySlice<UInt8>) {
    let name = argument.prefix(64).prefix(while: isNameByte)
    guard name.endIndex < argument.endIndex, argument[name.endIndex] == UInt8(ascii: "="),
      !name.isEmpty
    else {
      plain.append(trimmed(argument))
      return
    }
    let key = String(decoding: trimmed(name), as: UTF8.self)
    let value = trimmed(argument[(name.endIndex + 1)...])
    if let number = Int(key), number == plain.count + 1 {
      plain.append(value)
    } else {
      named[key] = value
    }
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    let folded = byte | 0x20
    return folded >= 0x61 && folded <= 0x7a || byte >= 0x30 && byte <= 0x39 || byte <= 0x20
      || byte >= 0x80 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }

  private func trimmed(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var text = text.drop { $0 <= 0x20 }
    while let last = text.last, last <= 0x20 { text.removeLast() }
    return Array(text)
  }
}
