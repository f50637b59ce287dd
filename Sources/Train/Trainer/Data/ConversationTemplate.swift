import Formats
public import Ground

/// How the turns of a conversation become one text.
///
/// LLaMA's paper does not publish the one of LLaMA-I (arXiv:2302.13971, section 4), so the choice is
/// the user's.
///
/// - SeeAlso: `Docs/Formats/instructions.md`.
public struct ConversationTemplate: Equatable, Sendable {
  /// Text with places for `{text}` and `{input}`.
  struct Pattern: Equatable, Sendable {
    enum Part: Equatable, Sendable {
      case literal([UInt8])
      case text
      case input
    }

    var parts: [Part] = []

    init(_ pattern: [UInt8]) {
      let text = Array("{text}".utf8), input = Array("{input}".utf8)
      var literal: [UInt8] = []
      var place = 0
      func close() {
        if !literal.isEmpty { parts.append(.literal(literal)) }
        literal = []
      }
      while place < pattern.count {
        let isText = pattern[place...].starts(with: text)
        let isInput = !isText && pattern[place...].starts(with: input)
        if isText || isInput {
          close()
          parts.append(isText ? .text : .input)
          place += isText ? text.count : input.count
        } else {
          literal.append(pattern[place])
          place += 1
        }
      }
      close()
    }

    func filled(_ text: [UInt8], _ input: [UInt8] = []) -> [UInt8] {
      parts.flatMap { part in
        switch part {
        case .literal(let bytes): bytes
        case .text: text
        case .input: input
        }
      }
    }
  }

  let system, user, userWithInput: Pattern
  /// What stands before an answer, and is read, and what stands after it, and is learnt.
  let beforeAnswer, afterAnswer: [UInt8]

  init(system: String, user: String, userWithInput: String, before: String, after: String = "") {
    self.system = Pattern(Array(system.utf8))
    self.user = Pattern(Array(user.utf8))
    self.userWithInput = Pattern(Array(userWithInput.utf8))
    beforeAnswer = Array(before.utf8)
    afterAnswer = Array(after.utf8)
  }

  /// The question, a line feed and the answer: nothing is added that the model would have to learn.
  public static let plain = ConversationTemplate(
    system: "{text}\n\n", user: "{text}\n", userWithInput: "{text}\n\n{input}\n", before: "")

  /// Headings in the manner of Alpaca's.
  public static let sections = ConversationTemplate(
    system: "{text}\n\n", user: "### Instruction:\n{text}\n\n",
    userWithInput: "### Instruction:\n{text}\n\n### Input:\n{input}\n\n",
    before: "### Response:\n")

  /// The templates that have a name.
  public static let named: [(name: String, template: ConversationTemplate)] = [
    ("plain", plain), ("sections", sections),
  ]

  /// Reads a template's file: an object with `user`, `assistant` and, where wanted, `system` and
  /// `userWithInput`.
  public init(path: String) throws(Fault) {
    let text = try BufferedReader(try FileReader(path: path), limit: 1 << 20).readToEnd()
    let parser = JSONParser()
    let root: JSONNode
    do throws(JSONError) { root = try parser.parse(text) } catch {
      throw Fault(path, at: 0, .malformed("not JSON: \(error)"))
    }
    func pattern(_ name: String, default standard: String? = nil) throws(Fault) -> String {
      guard let pattern = root[name]?.string ?? standard else {
        throw Fault(path, at: 0, .malformed("the template has no string \"\(name)\""))
      }
      guard Pattern(Array(pattern.utf8)).parts.count(where: { $0 == .text }) == 1 else {
        throw Fault(
          path, at: 0, .malformed("\"\(name)\" has no {text}, or more than one; put in just one"))
      }
      return pattern
    }
    let user = try pattern("user")
    let withInput = try pattern("userWithInput", default: user + "{input}\n")
    let assistant = Pattern(Array(try pattern("assistant").utf8)).parts
    func literals(_ parts: ArraySlice<Pattern.Part>) -> String {
      let bytes = parts.flatMap { if case .literal(let bytes) = $0 { bytes } else { [UInt8]() } }
      return String(decoding: bytes, as: UTF8.self)
    }
    let place = assistant.firstIndex(of: .text) ?? 0
    self.init(
      system: try pattern("system", default: "{text}\n\n"), user: user, userWithInput: withInput,
      before: literals(assistant[..<place]), after: literals(assistant[(place + 1)...]))
  }

  /// A conversation as exchanges: what is read, and the answer to it, which is learnt.
  func exchanges(_ conversation: Conversation) -> [(read: [UInt8], learnt: [UInt8])] {
    var exchanges: [(read: [UInt8], learnt: [UInt8])] = []
    var read: [UInt8] = []
    for turn in conversation.turns {
      switch turn.role {
      case .system: read += system.filled(turn.text)
      case .user:
        read += turn.input.map { userWithInput.filled(turn.text, $0) } ?? user.filled(turn.text)
      case .assistant:
        exchanges.append((read + beforeAnswer, turn.text + afterAnswer))
        read = []
      }
    }
    return exchanges
  }
}
