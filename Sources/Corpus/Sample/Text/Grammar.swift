/// A probabilistic grammar: symbols with alternatives, of which the dice take one.
///
/// Its source is text. `= name` begins a symbol with one alternative a line; `: name` begins a
/// symbol whose alternatives are words between blanks, where `_` stands for a blank. A name between
/// backquotes is a symbol; `@0`, `@1`, … are filled by the caller; `a` becomes "a" or "an"; `\n`,
/// `\t` and `\\` are a new line, a tab and a backslash. A symbol that is given again gathers both lists, so that a topic extends a language.
struct Grammar: Sendable {
  private enum Part: Sendable {
    case literal([UInt8])
    case symbol(Int)
    case bound(Int)
    case article
  }

  private var numbers: [String: Int] = [:]
  private var alternatives: [[[Part]]] = []

  /// Deeper than this the first alternative is taken, which must not lead back.
  private static let depthLimit = 14
  /// Stands for an article until the next word is known.
  private static let article: UInt8 = 1

  init(_ sources: String...) {
    for source in sources {
      var name = ""
      var isWords = false
      for line in source.split(separator: "\n") {
        if line.hasPrefix("= ") || line.hasPrefix(": ") {
          name = String(line.dropFirst(2))
          isWords = line.hasPrefix(":")
        } else if isWords {
          for word in line.split(separator: " ") {
            for (name, form) in inflections(of: String(word), as: name) { add(form, to: name) }
          }
        } else {
          add(String(line), to: name)
        }
      }
    }
    for (name, number) in numbers {
      precondition(!alternatives[number].isEmpty, "the grammar does not say what \(name) is")
    }
  }

  /// Rolls out one symbol.
  func text(_ name: String, _ dice: inout Dice, _ bound: [[UInt8]] = []) -> [UInt8] {
    guard let number = numbers[name] else { preconditionFailure("the grammar has no \(name)") }
    var raw: [UInt8] = []
    expand(number, 0, &dice, bound, into: &raw)
    return Self.withArticles(raw)
  }

  /// Rolls out one symbol and begins it with a capital letter.
  func sentence(_ name: String, _ dice: inout Dice, _ bound: [[UInt8]] = []) -> [UInt8] {
    capitalised(text(name, &dice, bound))
  }

  private func expand(
    _ symbol: Int, _ depth: Int, _ dice: inout Dice, _ bound: [[UInt8]], into text: inout [UInt8]
  ) {
    let choices = alternatives[symbol]
    let choice = depth > Self.depthLimit ? 0 : dice.roll(choices.count)
    for part in choices[choice] {
      switch part {
      case .literal(let bytes): text += bytes
      case .symbol(let inner): expand(inner, depth + 1, &dice, bound, into: &text)
      case .bound(let index): text += bound[index]
      case .article: text.append(Self.article)
      }
    }
  }

  private mutating func number(of name: String) -> Int {
    if let number = numbers[name] { return number }
    numbers[name] = alternatives.count
    alternatives.append([])
    return alternatives.count - 1
  }

  private mutating func add(_ alternative: String, to name: String) {
    var parts: [Part] = []
    let pieces = alternative.split(separator: "`", omittingEmptySubsequences: false)
    for (index, piece) in pieces.enumerated() {
      if index % 2 == 0 {
        if !piece.isEmpty { parts.append(.literal(unescaped(piece))) }
      } else if piece == "a" {
        parts.append(.article)
      } else if piece.first == "@", let index = Int(piece.dropFirst()) {
        parts.append(.bound(index))
      } else {
        parts.append(.symbol(number(of: String(piece))))
      }
    }
    let number = number(of: name)
    alternatives[number].append(parts)
  }

  private static func withArticles(_ raw: [UInt8]) -> [UInt8] {
    guard raw.contains(article) else { return raw }
    var text: [UInt8] = []
    text.reserveCapacity(raw.count + 8)
    for (index, byte) in raw.enumerated() {
      if byte != article {
        text.append(byte)
        continue
      }
      let next = raw[min(index + 2, raw.count)...].prefix(3)
      let sounds = next.first.map { "aeioAEIO".utf8.contains($0) } ?? false
      let isOpen = next.starts(with: "hou".utf8) || next.starts(with: "hon".utf8)
      let isU =
        next.first == 0x75 && !next.starts(with: "uni".utf8) && !next.starts(with: "use".utf8)
      text += sounds || isOpen || isU ? "an".utf8 : "a".utf8
    }
    return text
  }
}

/// `\n`, `\t` and `\\` as the characters they stand for; other backslashes stay.
private func unescaped(_ piece: Substring) -> [UInt8] {
  var bytes: [UInt8] = []
  var isEscaped = false
  for byte in piece.utf8 {
    if isEscaped {
      switch byte {
      case 0x6e: bytes.append(0x0a)
      case 0x74: bytes.append(0x09)
      case 0x5c: bytes.append(0x5c)
      default: bytes += [0x5c, byte]
      }
      isEscaped = false
    } else if byte == 0x5c {
      isEscaped = true
    } else {
      bytes.append(byte)
    }
  }
  return isEscaped ? bytes + [0x5c] : bytes
}

/// `text` with its first letter as a capital, in any script.
func capitalised(_ text: [UInt8]) -> [UInt8] {
  guard let first = text.first else { return text }
  if first < 0x80 {
    var text = text
    if 0x61...0x7a ~= first { text[0] = first - 0x20 }
    return text
  }
  var iterator = text.makeIterator()
  var decoder = UTF8()
  guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return text }
  return Array(scalar.properties.uppercaseMapping.utf8) + text.dropFirst(UTF8.width(scalar))
}
