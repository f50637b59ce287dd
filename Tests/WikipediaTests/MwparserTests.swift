import Ground
import TestSupport
import Testing
import Wikipedia

/// The tokenizer's own cases of mwparserfromhell: their tokens say what `strip_code` gives.
///
/// Most that differ are about markup without an end, which stays there as it is and is removed here;
/// the others are headings without text, tags that wikitext does not know, names of templates with
/// line ends, and bold without an end. A change of these numbers wants a look at the cases.
@Suite struct MwparserTests {
  @Test(.enabled(if: Samples.areHere, "\(Samples.absence)"))
  func strippedAsMwparserfromhellDoes() throws {
    var agree = 0
    var differ = 0
    let folder = try Samples.path("wikipedia/mwparserfromhell")
    for file in try names(in: folder) where file.hasSuffix(".mwtest") {
      let text = String(decoding: try openDecoded("\(folder)/\(file)").readToEnd(), as: UTF8.self)
      for part in text.components(parting: "---\n") {
        guard let test = Case(part), let wanted = Stripper().strip(test.tokens) else { continue }
        let given = Wikitext(language: "en").plainText(of: Array(test.input.utf8))
        if squeezed(String(decoding: given, as: UTF8.self)) == squeezed(wanted) {
          agree += 1
        } else {
          differ += 1
        }
      }
    }
    #expect(agree >= 352)
    #expect(differ <= 220)
  }

  /// Words and punctuation without the white space around them.
  private func squeezed(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value > 0x20 }))
  }
}

private struct Case {
  var name = ""
  var input = ""
  var tokens: [Token] = []

  init?(_ text: String) {
    for line in text.split(separator: "\n") {
      if line.hasPrefix("name:") {
        name = String(line.dropFirst(5).drop { $0 == " " })
      } else if line.hasPrefix("input:") {
        // Quotes within are not escaped: the first and the last one are what bounds it.
        let bounds = line.dropFirst(6).drop { $0 == " " }.dropFirst().dropLast()
        var scanner = Scanner("\"" + bounds.replacing("\"", with: "\\\"") + "\"")
        input = scanner.string() ?? ""
      } else if line.hasPrefix("output:") {
        var scanner = Scanner(line.dropFirst(7))
        tokens = scanner.tokens()
      }
    }
    if name.isEmpty || input.isEmpty { return nil }
  }
}

private struct Token {
  var name: String
  var values: [String: String]
}

/// Reads Python's literals.
private struct Scanner {
  private let text: [Unicode.Scalar]
  private var index = 0

  init(_ text: some StringProtocol) { self.text = Array(text.unicodeScalars) }

  mutating func string() -> String? {
    while index < text.count, text[index] != "\"" { index += 1 }
    guard index < text.count else { return nil }
    index += 1
    var value = ""
    while index < text.count, text[index] != "\"" {
      if text[index] == "\\", index + 1 < text.count {
        index += 1
        switch text[index] {
        case "n": value += "\n"
        case "t": value += "\t"
        case "r": value += "\r"
        default: value.unicodeScalars.append(text[index])
        }
      } else {
        value.unicodeScalars.append(text[index])
      }
      index += 1
    }
    index += 1
    return value
  }

  mutating func tokens() -> [Token] {
    var tokens: [Token] = []
    while index < text.count {
      guard text[index].properties.isAlphabetic else {
        index += 1
        continue
      }
      var token = Token(name: word(), values: [:])
      index += 1
      while index < text.count, text[index] != ")" {
        if text[index].properties.isAlphabetic {
          let key = word()
          index += 1
          if text[index] == "\"" {
            token.values[key] = string()
          } else {
            token.values[key] = word()
          }
        } else {
          index += 1
        }
      }
      tokens.append(token)
    }
    return tokens
  }

  private mutating func word() -> String {
    var word = ""
    while index < text.count,
      text[index].properties.isAlphabetic || text[index] == "_"
        || text[index].properties.numericType != nil
    {
      word.unicodeScalars.append(text[index])
      index += 1
    }
    return word
  }
}

/// Plays the tokens, as `Wikicode.strip_code` would after the script's own removals.
private struct Stripper {
  private var stack = [("", "", "")]  // kind, text, what came before a separator

  mutating func push(_ kind: String) { stack.append((kind, "", "")) }
  mutating func add(_ text: String) { stack[stack.count - 1].1 += text }

  func strip(_ tokens: [Token]) -> String? {
    var copy = self
    return copy.play(tokens)
  }

  private mutating func play(_ tokens: [Token]) -> String? {
    let hidden: Set<String> = [
      "ref", "table", "gallery", "math", "score", "section", "timeline", "graph", "imagemap",
      "inputbox", "templatedata", "categorytree", "references",
    ]
    for token in tokens {
      let last = stack.count - 1
      guard last >= 0 else { return nil }
      switch token.name {
      case "Text": add(token.values["text"] ?? "")
      case "TemplateOpen", "CommentStart", "ArgumentOpen", "WikilinkOpen", "HTMLEntityStart":
        push(token.name)
      case "ExternalLinkOpen":
        push(token.values["brackets"] == "False" ? "Bare" : "Bracketed")
      case "TagOpenOpen": push("Tag")
      case "TagAttrStart": if stack[last].2.isEmpty { stack[last].2 = stack[last].1 + " " }
      case "TagCloseOpen":
        let name = stack[last].2.isEmpty ? stack[last].1 : stack[last].2
        stack[last] = ("Content", "", name)
      case "TagOpenClose": push("CloseName")
      case "TemplateClose", "CommentEnd", "TagCloseSelfclose": stack.removeLast()
      case "ArgumentSeparator", "WikilinkSeparator", "ExternalLinkSeparator":
        stack[last].2 = stack[last].1 + "\u{0}"
        stack[last].1 = ""
      case "ArgumentClose":
        let top = stack.removeLast()
        add(top.2.isEmpty ? "" : top.1)
      case "WikilinkClose":
        let top = stack.removeLast()
        add(top.1.isEmpty ? "" : top.1)
      case "ExternalLinkClose":
        let top = stack.removeLast()
        add(top.0 == "Bracketed" && top.2.isEmpty ? "" : top.1)
      case "HTMLEntityEnd":
        let top = stack.removeLast()
        let named = [
          "nbsp": "\u{a0}", "lt": "<", "gt": ">", "amp": "&", "Sigma": "Σ", "mdash": "—",
        ]
        if top.2 == "#" {
          let digits = top.1.first == "x" || top.1.first == "X" ? String(top.1.dropFirst()) : top.1
          let radix = digits == top.1 ? 10 : 16
          add(UInt32(digits, radix: radix).flatMap(Unicode.Scalar.init).map { String($0) } ?? "?")
        } else {
          guard let value = named[top.1] else { return nil }
          add(value)
        }
      case "HTMLEntityNumeric": stack[last].2 = "#"
      case "HTMLEntityHex": stack[last].1 += token.values["char"] ?? "x"
      case "TagCloseClose":
        stack.removeLast()
        guard let content = stack.popLast(), content.0 == "Content" else { return nil }
        let name = content.2.split(separator: " ").first.map { $0.lowercased() } ?? ""
        if !hidden.contains(name) { add(content.1) }
      case "HeadingStart", "HeadingEnd", "TemplateParamSeparator", "TemplateParamEquals",
        "TagAttrEquals", "TagAttrQuote":
        break
      default: return nil
      }
    }
    return stack.count == 1 ? stack[0].1 : nil
  }
}

extension String {
  fileprivate func components(parting mark: String) -> [String] {
    var parts = [""]
    for line in split(separator: "\n", omittingEmptySubsequences: false) {
      if line + "\n" == mark { parts.append("") } else { parts[parts.count - 1] += line + "\n" }
    }
    return parts
  }
}
