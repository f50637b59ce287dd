/// The parameters of `\def`: what stands before the first argument and behind each.
///
/// `\def\a#1#2` has two plain arguments, `\def\be#1\ee` one that goes up to `\ee`, and `\def\a[#1]`
/// one between brackets.
struct MacroParameters {
  private(set) var prefix: [UInt8] = []
  /// What ends each argument; empty for a plain one.
  private(set) var delimiters: [[UInt8]] = []

  /// Reads what stands between the name and the body, blanks left out; nil for the rarer forms, as
  /// `#{`.
  init?(_ text: [UInt8]) {
    var index = 0
    while index < text.count {
      let byte = text[index]
      index += 1
      if byte == UInt8(ascii: "#") {
        let number = UInt8(clamping: delimiters.count + 0x31)
        guard index < text.count, text[index] == number, number <= UInt8(ascii: "9") else {
          return nil
        }
        index += 1
        delimiters.append([])
      } else if delimiters.isEmpty {
        prefix.append(byte)
      } else {
        delimiters[delimiters.count - 1].append(byte)
      }
    }
  }

  /// Where `delimiter` stands in `text` from `start` on, outside of groups; nil where it does not
  /// before the group around it ends.
  static func find(_ delimiter: [UInt8], in text: [UInt8], from start: Int) -> Range<Int>? {
    var depth = 0
    var index = start
    while index < text.count {
      if depth == 0, text[index] == delimiter.first, stands(delimiter, in: text, at: index) {
        return index..<index + delimiter.count
      }
      switch text[index] {
      case UInt8(ascii: "\\"): index += 1
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"): depth -= 1
      default: break
      }
      if depth < 0 { return nil }
      index += 1
    }
    return nil
  }

  /// True where the bytes at `start` are `delimiter` and no longer command.
  static func stands(_ delimiter: [UInt8], in text: [UInt8], at start: Int) -> Bool {
    let end = start + delimiter.count
    guard end <= text.count, text[start..<end].elementsEqual(delimiter) else { return false }
    return end == text.count || !isLetter(text[end]) || !delimiter.endsWithName
  }
}
