import ArgumentParser
import Compute
import Evaluation
import Formats
import Ground
import Llama
import Shards
import Tokenizer

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a model: perplexity by source, choices, and written answers.",
    discussion: """
        quipu evaluate run work/shards
        quipu evaluate run documents.jsonl.zst --stride 512
        quipu evaluate llama/7B piqa.jsonl boolq.jsonl --shots 5 --json

      A file is a task (its first line has "task") or documents ("text"), as its content says; a
      folder has token shards. See Docs/Formats/tasks.md.
      """)

  @Argument(help: "The folder of a model: a training run, Hugging Face's layout or Meta's.")
  var model: String

  @Argument(help: "Tasks, documents, or folders of token shards.")
  var files: [String]

  @Option(help: "Examples before each question of a task.")
  var shots = 0

  @Option(help: "Of the draw of examples.")
  var seed: UInt64 = 1

  @Option(help: "Only the first so many questions of a task, or documents of a file.")
  var limit: Int?

  @Option(
    help:
      "New tokens a window of text; fewer than the context, its default, cost more and see more.")
  var stride: Int?

  @Option(
    help: ArgumentHelp(
      "The token before a text: end for a run, where the text before ended; else begin.",
      valueName: "token"))
  var start: TextStart?

  @Option(
    help: ArgumentHelp(
      "SentencePiece's tokenizer.model; found in the model's folder by default.", valueName: "file")
  )
  var tokenizer: String?

  @OptionGroup var result: ResultOptions

  @OptionGroup var options: RunOptions

  func validate() throws {
    guard !files.isEmpty else { throw ValidationError("Name a task, documents or shards.") }
    guard shots >= 0 else { throw ValidationError("--shots is \(shots); it cannot be negative.") }
    if let limit, limit < 1 { throw ValidationError("--limit is \(limit); it must be at least 1.") }
    if let stride, stride < 1 {
      throw ValidationError("--stride is \(stride); it must be at least 1.")
    }
  }

  func run() throws {
    let subjects = try files.map { try Subject(path: $0) }  // told before the model is loaded
    let any = try AnyModel(path: model)
    let (tokenizer, path) = try any.tokenizer(tokenizer)
    let encoder = try TokenEncoder(tokenizer, file: path)
    let (loaded, _) = try any.model(
      maximumTokens: max(any.config.context, 2048), workers: WorkerPool(threads: options.jobs),
      message: options.say)
    let evaluator = try Evaluator(
      model: loaded, tokenizer: tokenizer, start: any.start(start, encoder), file: path)
    var rows: [(file: String, measurement: Measurement)] = []
    for (file, subject) in zip(files, subjects) {
      rows += try measure(file, subject, evaluator).map { (file, $0) }
    }
    if evaluator.truncated > 0 {
      options.say(
        "\(grouped(evaluator.truncated)) contexts were longer than the model's and lost their start\n"
      )
    }
    try print(rows)
  }

  private func measure(
    _ file: String, _ subject: Subject, _ evaluator: Evaluator
  ) throws -> [Measurement] {
    switch subject {
    case .task(let task):
      return try evaluator.evaluate(task, shots: shots, seed: seed, limit: limit)
    case .documents:
      let report = try evaluator.evaluate(documents: file, stride: stride, limit: limit)
      for fault in report.faults { options.say("skipped: \(fault)\n") }
      if report.bad > report.faults.count {
        options.say("and \(grouped(report.bad - report.faults.count)) bad lines more\n")
      }
      return report.measurements
    case .shards(let stream):
      let sources = try shardSources(of: stream)
      return try evaluator.evaluate(shards: stream, stride: stride, limit: limit) {
        shard, document in sources?[shard, document] ?? "shards"
      }.measurements
    }
  }

  private func print(_ rows: [(file: String, measurement: Measurement)]) throws {
    var output = StandardOutput()
    if result.json {
      var json = JSONWriter()
      json.array { json in
        for (file, row) in rows { json.object { $0.members(of: row, file: file) } }
      }
      try output.write(json.bytes + [0x0a])
    } else {
      var table = Table("file", "name", "shots", "measure", "value", "error", "count")
      for (file, row) in rows {
        table.add(
          fileName(of: file), row.name, row.shots.map { "\($0)" } ?? "-", row.measure,
          fixed(row.value, 4), row.error.map { fixed($0, 4) } ?? "-", grouped(row.count))
      }
      try output.write(table.text)
    }
    try output.flush()
  }
}

/// What a file is, by its content.
private enum Subject {
  case task(TaskFile)
  case documents
  case shards(TokenStream)

  init(path: String) throws {
    if fileKind(path) == .folder {
      // A build's folder has both splits; what a model is judged by is the validation's.
      let validation = path + "/validation"
      self = .shards(
        try TokenStream(folder: fileKind(validation) == .folder ? validation : path))
      return
    }
    let reader = try openDecoded(path)
    var line: [UInt8] = []
    while try reader.readLine(into: &line) != nil, line.allSatisfy({ $0 <= 0x20 }) {}
    let parser = JSONParser()
    let first = try? parser.parse(line)
    if first?["task"] != nil {
      self = .task(try TaskFile(path: path))
    } else if first?["text"] != nil {
      self = .documents
    } else {
      throw Fault(
        path, at: 0,
        .unusable(
          "the first line is neither a task's, with \"task\" and \"kind\", nor a document with "
            + "\"text\"; see Docs/Formats/tasks.md"))
    }
  }
}

extension JSONWriter {
  fileprivate mutating func members(of row: Measurement, file: String) {
    key("file")
    string(file)
    key("name")
    string(row.name)
    key("measure")
    string(row.measure)
    key("value")
    number(row.value)
    if let error = row.error {
      key("error")
      number(error)
    }
    key("count")
    integer(row.count)
    if let shots = row.shots {
      key("shots")
      integer(shots)
    }
  }
}
