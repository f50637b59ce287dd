import Formats

/// What a model is to learn to answer: turns that end with the assistant's.
struct Conversation: Equatable {
  enum Role: String {
    case system, user, assistant
  }

  struct Turn: Equatable {
    var role: Role
    var text: [UInt8]
    /// What the user adds to an instruction, as in Alpaca's data; nil where there is none.
    var input: [UInt8]?
  }

  var turns: [Turn]

  /// Why a line is no conversation, for its fault.
  struct Refusal: Error {
    var what: String
  }

  /// Reads one of the three forms: `prompt` and `response`; `instruction`, `input` and `output`;
  /// `messages` with `role` and `content`.
  init(_ node: JSONNode) throws(Refusal) {
    if let messages = node["messages"] {
      turns = try Self.turns(messages)
    } else if node["instruction"] != nil {
      let input = try node["input"].map { input throws(Refusal) in
        try Self.text(input, "input")
      }
      turns = [
        Turn(
          role: .user, text: try Self.text(node["instruction"], "instruction"),
          input: input?.isEmpty == false ? input : nil),
        Turn(role: .assistant, text: try Self.text(node["output"], "output")),
      ]
    } else if node["prompt"] != nil {
      turns = [
        Turn(role: .user, text: try Self.text(node["prompt"], "prompt")),
        Turn(role: .assistant, text: try Self.text(node["response"], "response")),
      ]
    } else {
      throw Refusal(what: "the line has none of \"prompt\", \"instruction\" and \"messages\"")
    }
    guard turns.last?.role == .assistant else {
      throw Refusal(what: "the last message is not the assistant's, so nothing is to be learnt")
    }
    for turn in turns where turn.role == .assistant && turn.text.isEmpty {
      throw Refusal(what: "an answer is empty")
    }
  }

  private static func turns(_ messages: JSONNode) throws(Refusal) -> [Turn] {
    var turns: [Turn] = []
    for message in messages.elements {
      guard let role = message["role"]?.string.flatMap({ Role(rawValue: $0) }) else {
        throw Refusal(what: "a message's \"role\" is none of system, user and assistant")
      }
      turns.append(Turn(role: role, text: try text(message["content"], "content")))
    }
    guard turns.first?.role != .assistant else {
      throw Refusal(what: "the first message is the assistant's, which answers nothing")
    }
    return turns
  }

  private static func text(_ node: JSONNode?, _ name: String) throws(Refusal) -> [UInt8] {
    guard let text = node?.bytes else { throw Refusal(what: "the line has no string \"\(name)\"") }
    return text
  }
}
