import Formats
public import Ground

/// A task: questions with choices or accepted answers, and examples to show before them.
///
/// - SeeAlso: `Docs/Formats/tasks.md`.
public struct TaskFile: Equatable, Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    /// The most likely of several continuations.
    case choice
    /// A text that the model writes, which must be one of the accepted ones.
    case answer
  }

  /// What the log-likelihood of a choice is compared by.
  ///
  /// - SeeAlso: LLaMA, section 3 (arXiv:2302.13971): by characters, but by the unconditional
  ///   probability for OpenBookQA and BoolQ.
  public enum Normalisation: String, CaseIterable, Sendable {
    case none, characters, unconditional
  }

  /// Which examples stand before a question.
  public enum Choosing: String, CaseIterable, Sendable {
    /// Drawn anew for each question, from the seed and the question's number.
    case drawn
    /// The first of the file, before every question.
    case first
  }

  /// One choice: what is read, and what is scored after it.
  struct Pair: Equatable, Sendable {
    var context: [UInt8]
    var ending: [UInt8]
  }

  struct Question: Equatable, Sendable {
    /// Of kind `choice`: the choices; of kind `answer`: the context with each accepted answer.
    var pairs: [Pair]
    /// The right one's index; 0 for kind `answer`.
    var right: Int
  }

  public let path: String
  public internal(set) var name = ""
  public internal(set) var kind = Kind.choice
  public internal(set) var normalisation = Normalisation.characters
  /// The context of the unconditional probability.
  var unconditional = Array("Answer:".utf8)
  /// Stands once, before examples and question.
  var description: [UInt8] = []
  /// Between an example and what follows it.
  var separator = Array("\n\n".utf8)
  /// Between a context and its ending.
  var delimiter = Array(" ".utf8)
  var choosing = Choosing.drawn
  /// What ends a written answer, whichever comes first.
  var stops = [Array("\n".utf8)]
  var maximumTokens = 32
  var questions: [Question] = []
  var examples: [Question] = []

  /// Questions that count, examples left out.
  public var questionCount: Int { questions.count }

  /// Reads a task: a line that says what it is, then a line a question.
  ///
  /// - Throws: `Fault` at the line that breaks the format; a task with a question left out would
  ///   measure something else.
  public init(path: String) throws(Fault) {
    self.path = path
    let reader = try openDecoded(path)
    let parser = JSONParser()
    var line: [UInt8] = []
    var number = 0
    var hasHeader = false
    while true {
      guard try !reader.isAtEnd() else { break }
      let start = reader.offset
      guard let piece = try reader.readLine(into: &line) else { break }
      number += 1
      if line.allSatisfy({ $0 <= 0x20 }) { continue }
      if piece == .tooLong { throw reader.fault(.tooLong(limit: line.count), at: start) }
      do {
        let node = try parser.parse(line)
        if hasHeader { try addQuestion(node) } else { try readHeader(node) }
        hasHeader = true
      } catch let refusal as TaskRefusal {
        throw reader.fault(.malformed("line \(number): \(refusal.what)"), at: start)
      } catch {
        throw reader.fault(.malformed("line \(number): not JSON: \(error)"), at: start)
      }
    }
    guard !questions.isEmpty else {
      throw Fault(
        path, at: 0,
        .unusable(
          "the task has no questions; each is a line after the first, and those with \"part\": "
            + "\"train\" are examples"))
    }
  }

  /// The right continuation of a question, as an example shows it.
  private func shown(_ question: Question) -> [UInt8] {
    let pair = question.pairs[question.right]
    return pair.context + delimiter + pair.ending + separator
  }

  /// What stands before question `number`: the description and `shots` examples.
  ///
  /// - Throws: `Fault` where there are fewer examples.
  package func preamble(of number: Int, shots: Int, seed: UInt64) throws(Fault) -> [UInt8] {
    guard shots <= examples.count else {
      throw Fault(
        path, at: 0,
        .unusable(
          "\(shots) examples are to stand before a question, and the task has "
            + "\(examples.count); add lines with \"part\": \"train\", or ask for fewer shots"))
    }
    guard shots > 0 else { return description }
    return chosen(number, shots, seed).reduce(description) { $0 + shown(examples[$1]) }
  }
}

/// Why a line of a task is none.
struct TaskRefusal: Error {
  var what: String
}
