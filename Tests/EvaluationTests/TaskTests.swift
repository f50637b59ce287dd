import Evaluation
import Glibc
import Ground
import TestSupport
import Testing

@Suite struct TaskTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func task(_ lines: String...) throws -> TaskFile {
    try TaskFile(path: try folder.write(lines.joined(separator: "\n"), to: "task.jsonl"))
  }

  private func choice(_ more: String = "") -> String {
    #"{"task":"t","kind":"choice","delimiter":""\#(more)}"#
  }

  @Test func normalisationsDecideDifferently() throws {
    // After `:`, `a` is a little likelier than `b`, and after `b` comes another for sure.
    let model = bigrams([
      (token(":"), token("a"), 6), (token(":"), token("b"), 5.8), (token("b"), token("b"), 12),
      (token("?"), token("a"), 12),
    ])
    let question = #"{"context":":","choices":["a","bbb"],"answer":1}"#
    func right(_ normalisation: String, _ unconditional: String = "?") throws -> [Measurement] {
      try evaluator(model).evaluate(
        try task(
          choice(#","normalisation":"\#(normalisation)","unconditional":"\#(unconditional)""#),
          question))
    }
    let none = try right("none")
    #expect(none.map(\.measure) == ["accuracy", "accuracy by characters"])
    #expect(none.map(\.value) == [0, 1])
    #expect(try right("characters").map(\.value) == [1, 0])
    // After `?`, `a` is to be expected anyway and `b` is not.
    let unconditional = try right("unconditional")
    #expect(
      unconditional.map(\.measure) == ["accuracy by \"?\"", "accuracy", "accuracy by characters"])
    #expect(unconditional.map(\.value) == [1, 0, 1])
    // After `!`, neither is: the difference is that after `:` alone.
    #expect(try right("unconditional", "!").map(\.value) == [0, 0, 1])
  }

  @Test func ofEqualChoicesTheFirstIsTaken() throws {
    let task = try task(
      choice(), #"{"context":":","choices":["a","b"],"answer":0}"#,
      #"{"context":":","choices":["a","b"],"answer":1}"#)
    let found = try evaluator(bigrams([])).evaluate(task)
    #expect(found[0].value == 0.5)
  }

  @Test func theErrorIsThatOfAMean() throws {
    let line = { (right: Int) in #"{"context":":","choices":["a","b"],"answer":\#(right)}"# }
    let evaluator = try evaluator(bigrams([]))
    let found = try evaluator.evaluate(try task(choice(), line(0), line(0), line(1), line(0)))
    #expect(found[0].value == 0.75 && found[0].count == 4)
    #expect(found[0].error == (0.75 * 0.25 / 3).squareRoot())
    let one = try evaluator.evaluate(try task(choice(), line(0), line(1)), limit: 1)
    #expect(one[0].value == 1 && one[0].count == 1 && one[0].error == nil)
  }

  @Test func contextsMayBeTheChoices() throws {
    let model = bigrams([(token("y"), token("!"), 5)])
    let task = try task(
      choice(), #"{"contexts":["x","y"],"continuation":"!","answer":1}"#)
    #expect(try evaluator(model).evaluate(task)[0].value == 1)
  }

  @Test func theDelimiterStandsBetweenContextAndChoice() throws {
    let model = bigrams([(blank, token("b"), 5), (token(":"), token("a"), 5)])
    let question = #"{"context":":","choices":["a","b"],"answer":1}"#
    #expect(try evaluator(model).evaluate(try task(choice(), question))[0].value == 0)
    let blanks = #"{"task":"t","kind":"choice"}"#
    #expect(try evaluator(model).evaluate(try task(blanks, question))[0].value == 1)
  }

  private func fewShot(_ more: String = "") throws -> TaskFile {
    let train = (0..<5).map {
      #"{"part":"train","context":"\#($0):","choices":["no","x\#($0)"],"answer":1}"#
    }
    let test = (0..<8).map { #"{"context":"q\#($0):","choices":["a","b"],"answer":0}"# }
    return try TaskFile(
      path: try folder.write(
        ([#"{"task":"t","kind":"choice","description":"D\n","separator":"|"\#(more)}"#] + train
          + test).joined(separator: "\n"), to: "few.jsonl"))
  }

  @Test func examplesAreDrawnFromTheSeedAndTheQuestion() throws {
    let task = try fewShot()
    #expect(task.questionCount == 8)
    func text(_ number: Int, _ shots: Int, _ seed: UInt64 = 1) throws -> String {
      String(decoding: try task.preamble(of: number, shots: shots, seed: seed), as: UTF8.self)
    }
    #expect(try text(0, 0) == "D\n")
    let two = try text(0, 2)
    #expect(try text(0, 2) == two)
    #expect(try text(0, 3).hasPrefix(two))
    let drawn = try (0..<8).map { try text($0, 2) }
    #expect(Set(drawn).count > 3)
    #expect(try (0..<8).map { try text($0, 2, 2) } != drawn)
    // All five are there, each once, with its right answer.
    let all = try text(3, 5).dropFirst(2).split(separator: "|").sorted()
    #expect(all == ["0: x0", "1: x1", "2: x2", "3: x3", "4: x4"])
  }

  @Test func theFirstExamplesMayBeFixed() throws {
    let task = try fewShot(#","examples":"first""#)
    for number in 0..<3 {
      let text = try task.preamble(of: number, shots: 2, seed: UInt64(number))
      #expect(String(decoding: text, as: UTF8.self) == "D\n0: x0|1: x1|")
    }
  }

  @Test func tooFewExamplesAreAFault() throws {
    let task = try fewShot()
    let error = #expect(throws: Fault.self) {
      try evaluator(drawnModel()).evaluate(task, shots: 6)
    }
    #expect(
      error?.cause
        == .unusable(
          "6 examples are to stand before a question, and the task has 5; add lines with "
            + "\"part\": \"train\", or ask for fewer shots"))
  }

  @Test func threadsChangeNothing() throws {
    let task = try fewShot()
    let one = try evaluator(drawnModel(threads: 1, context: 64)).evaluate(task, shots: 3)
    let four = try evaluator(drawnModel(threads: 4, context: 64)).evaluate(task, shots: 3)
    #expect(one == four)
    #expect(one[0].shots == 3)
  }

  @Test func writtenAnswersAreCompared() throws {
    func share(_ text: String, _ answers: String, _ more: String = "") throws -> Double {
      try evaluator(writer(of: text, after: ":")).evaluate(
        try task(
          #"{"task":"t","kind":"answer"\#(more)}"#, #"{"context":":","answers":[\#(answers)]}"#)
      )[0].value
    }
    #expect(try share(" Pas\nt", #""pas""#) == 1)
    #expect(try share(" Pas\nt", #""other","PAS!""#) == 1)
    #expect(try share(" Pas\nt", #""past""#) == 0)
    #expect(try share(" Pas.t\n", #""pas""#) == 0)
    #expect(try share(" Pas.t\n", #""pas""#, #","stop":["\n","."]"#) == 1)
    // Without an end, as many tokens as the task allows.
    #expect(try share(" Past", #""pa""#, #","maximumTokens":3"#) == 1)
  }

  @Test func theEndTokenEndsAnAnswer() throws {
    let model = bigrams([(token(":"), token("x"), 9), (token("x"), 2, 9)])
    let task = try task(
      #"{"task":"t","kind":"answer"}"#, #"{"context":":","answers":["b","x"]}"#,
      #"{"context":":","answers":["b","x"]}"#)
    let found = try evaluator(model).evaluate(task)
    #expect(found.map(\.measure) == ["exact match"])
    #expect(found[0].value == 1)
  }

  @Test(arguments: [
    ("The Eiffel Tower.", "eiffel tower"), ("a  b\tthe", "b"), ("An", ""), ("theatre", "theatre"),
    ("“it’s”", "its"), ("1,000", "1000"), ("ÉTÉ", "été"),
  ])
  func comparing(text: String, expected: String) {
    #expect(comparable(Array(text.utf8)) == expected)
  }

  @Test(arguments: [
    ("", "byte 0: the task has no questions; each is a line after the first"),
    ("{}", "byte 0: line 1: the first line has no string \"task\""),
    (#"{"task":"t"}"#, #"byte 0: line 1: the first line has no "kind": "choice", "answer""#),
    (#"{"task":"t","kind":"x"}"#, #"byte 0: line 1: "kind" is none of "choice", "answer""#),
    (#"{"task":"t","kind":"choice","shot":1}"#, "line 1: the first line has an unknown member"),
    (#"{"task":"t","kind":"answer","stop":[]}"#, "line 1: \"stop\" is no list of texts"),
    (#"{"task":"t","kind":"answer","maximumTokens":0}"#, "line 1: \"maximumTokens\" is no number"),
    ("nonsense", "byte 0: line 1: not JSON"),
    (#"{"task":"t","kind":"choice"}"#, "byte 0: the task has no questions"),
  ])
  func aBadFirstLineIsAFault(line: String, what: String) throws {
    let error = #expect(throws: Fault.self) { try task(line) }
    let told = error?.description ?? ""
    #expect(told.contains("task.jsonl: byte 0: ") && told.contains(what), "\(told)")
  }

  @Test(arguments: [
    ("[", "not JSON"),
    ("{}", "the question has no string \"context\""),
    (#"{"context":"a"}"#, "the question has no list of texts \"choices\""),
    (#"{"context":"a","choices":["b",1],"answer":0}"#, "the question has no list of texts"),
    (#"{"context":"a","choices":["b"],"answer":0}"#, "there is one choice; at least 2 are needed"),
    (#"{"context":"a","choices":["b",""],"answer":0}"#, "a choice is empty"),
    (
      #"{"context":"a","choices":["b","c"],"answer":2}"#,
      "\"answer\" is not the number of a choice, 0 to 1"
    ),
    (#"{"context":"a","choices":["b","c"]}"#, "\"answer\" is not the number of a choice"),
    (
      #"{"context":"a","choices":["b","c"],"answer":0,"part":"dev"}"#,
      "\"part\" is neither \"train\" nor \"test\""
    ),
  ])
  func aBadQuestionIsAFaultWithItsPlace(line: String, what: String) throws {
    let error = #expect(throws: Fault.self) {
      try task(#"{"task":"t","kind":"choice"}"#, "", line)
    }
    let told = error?.description ?? ""
    #expect(told.contains("task.jsonl: byte 30: line 3: \(what)"), "\(told)")
  }
}
