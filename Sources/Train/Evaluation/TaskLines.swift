import Formats
import Shards
import Ground

extension TaskFile {
  /// Reads the first line; every member is known, so that a misspelt one is not passed over.
  mutating func readHeader(_ node: JSONNode) throws(TaskRefusal) {
    guard let name = node["task"]?.string, !name.isEmpty else {
      throw TaskRefusal(
        what: "the first line has no string \"task\"; it names the task and says how to run it")
    }
    self.name = name
    var refusal: TaskRefusal?
    node.forEachMember { key, value in
      do throws(TaskRefusal) { try readMember(key, value) } catch { refusal = refusal ?? error }
    }
    if let refusal { throw refusal }
    guard node["kind"] != nil else {
      throw TaskRefusal(what: "the first line has no \"kind\": \(Self.list(Kind.self))")
    }
  }

  private mutating func readMember(_ key: String, _ value: JSONNode) throws(TaskRefusal) {
    func text() throws(TaskRefusal) -> [UInt8] {
      guard let bytes = value.bytes else { throw TaskRefusal(what: "\"\(key)\" is no string") }
      return bytes
    }
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
      _ type: Choice.Type
    ) throws(TaskRefusal) -> Choice {
      guard let choice = value.string.flatMap({ Choice(rawValue: $0) }) else {
        throw TaskRefusal(what: "\"\(key)\" is none of \(Self.list(type))")
      }
      return choice
    }
    switch key {
    case "task": break
    case "kind": kind = try choice(Kind.self)
    case "normalisation": normalisation = try choice(Normalisation.self)
    case "examples": choosing = try choice(Choosing.self)
    case "unconditional": unconditional = try text()
    case "description": description = try text()
    case "separator": separator = try text()
    case "delimiter": delimiter = try text()
    case "stop":
      stops = value.elements.compactMap(\.bytes).filter { !$0.isEmpty }
      guard !stops.isEmpty, stops.count == value.elements.count else {
        throw TaskRefusal(what: "\"stop\" is no list of texts such as [\"\\n\"]")
      }
    case "maximumTokens":
      guard let number = value.integer, (1...4096).contains(number) else {
        throw TaskRefusal(what: "\"maximumTokens\" is no number from 1 to 4096")
      }
      maximumTokens = number
    default: throw TaskRefusal(what: "the first line has an unknown member \"\(key)\"")
    }
  }

  private static func list<Choice: RawRepresentable<String> & CaseIterable>(
    _: Choice.Type
  ) -> String {
    Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
  }

  mutating func addQuestion(_ node: JSONNode) throws(TaskRefusal) {
    let question = try kind == .choice ? choiceQuestion(node) : answerQuestion(node)
    switch node["part"]?.string {
    case "train": examples.append(question)
    case nil where node["part"] == nil, "test": questions.append(question)
    default: throw TaskRefusal(what: "\"part\" is neither \"train\" nor \"test\"")
    }
  }

  private func choiceQuestion(_ node: JSONNode) throws(TaskRefusal) -> Question {
    let pairs: [Pair]
    if node["contexts"] != nil {
      let ending = try Self.text(node, "continuation")
      pairs = try Self.texts(node, "contexts").map { Pair(context: $0, ending: ending) }
    } else {
      let context = try Self.text(node, "context")
      pairs = try Self.texts(node, "choices").map { Pair(context: context, ending: $0) }
    }
    guard pairs.count > 1 else {
      throw TaskRefusal(what: "there is one choice; at least 2 are needed")
    }
    guard pairs.allSatisfy({ !$0.ending.isEmpty }) else {
      throw TaskRefusal(what: "a choice is empty, and has no likelihood")
    }
    guard let right = node["answer"]?.integer, pairs.indices.contains(right) else {
      throw TaskRefusal(
        what: "\"answer\" is not the number of a choice, 0 to \(pairs.count - 1)")
    }
    return Question(pairs: pairs, right: right)
  }

  private func answerQuestion(_ node: JSONNode) throws(TaskRefusal) -> Question {
    let context = try Self.text(node, "context")
    let pairs = try Self.texts(node, "answers").map { Pair(context: context, ending: $0) }
    return Question(pairs: pairs, right: 0)
  }

  private static func text(_ node: JSONNode, _ key: String) throws(TaskRefusal) -> [UInt8] {
    guard let text = node[key]?.bytes else {
      throw TaskRefusal(what: "the question has no string \"\(key)\"")
    }
    return text
  }

  private static func texts(_ node: JSONNode, _ key: String) throws(TaskRefusal) -> [[UInt8]] {
    let elements = node[key]?.elements ?? []
    let texts = elements.compactMap(\.bytes)
    guard !texts.isEmpty, texts.count == elements.count else {
      throw TaskRefusal(what: "the question has no list of texts \"\(key)\"")
    }
    return texts
  }

  /// The examples before a question: the same for a seed and a number, whatever else is asked.
  func chosen(_ number: Int, _ shots: Int, _ seed: UInt64) -> [Int] {
    guard choosing == .drawn else { return Array(0..<shots) }
    let order = Permutation(
      count: examples.count, key: scatter(seed ^ scatter(UInt64(number) &+ 1)))
    return (0..<shots).map { order[$0] }
  }
}
