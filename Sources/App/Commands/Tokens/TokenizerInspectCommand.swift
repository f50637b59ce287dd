import ArgumentParser
import Ground
import Tokenizer

struct TokenizerInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a model file holds, how it fits a text, or why a word splits as it does.",
    discussion: """
        quipu tokenizer inspect tokenizer.model
        quipu tokenizer inspect tokenizer.model --text corpus.txt.zst
        quipu tokenizer inspect tokenizer.model --word "tokenizers"
      """)

  @Argument(help: "The model file.")
  var model: String

  @Option(help: "A file whose lines are encoded, to see how well the pieces cover it.")
  var text: String?

  @Option(help: "A word whose merges are shown one by one.")
  var word: String?

  @Option(help: "So many of the longest pieces.")
  var longest = 10

  @OptionGroup var result: ResultOptions

  func validate() throws {
    guard longest >= 0 else { throw ValidationError("--longest must not be negative.") }
  }

  func run() throws {
    let tokenizer = try TokenizerModel(path: model)
    if let word { return try explain(word, tokenizer) }
    if let text { return try result.print(coverage(of: text, tokenizer)) }
    try result.print(summary(tokenizer))
  }

  private func summary(_ tokenizer: TokenizerModel) -> Table {
    let summary = ModelSummary(tokenizer, longest: longest)
    var table = Table("what", "value")
    table.add("kind", tokenizer.trainer.modelType.map { "\($0)" } ?? "unknown")
    table.add("normalizer", tokenizer.normalizer.name)
    table.add("pieces", grouped(tokenizer.pieces.count))
    for kind in TokenizerModel.Piece.Kind.allCases {
      if let count = summary.counts[kind] { table.add("\(kind) pieces", grouped(count)) }
    }
    table.add("single characters", grouped(summary.characters))
    table.add("pieces that begin a word", grouped(summary.wordStarts))
    table.add("merges", grouped(summary.merges))
    table.add("character coverage", "\(summary.characterCoverage)")
    let lengths = summary.lengths.enumerated().dropFirst().filter { $0.element > 0 }
    table.add(
      "pieces by length",
      lengths.map { "\($0.offset): \(grouped($0.element))" }.joined(separator: "  "))
    table.add("longest", summary.longest.map { tokenizer.pieces[$0].text }.joined(separator: " "))
    return table
  }

  private func coverage(of path: String, _ tokenizer: TokenizerModel) throws -> Table {
    let encoder = try TokenEncoder(tokenizer, file: model)
    let reader = try openDecoded(path)
    var coverage = TextCoverage(tokenizer)
    var scratch = EncoderScratch()
    var line: [UInt8] = []
    var ids: [Int32] = []
    while let piece = try reader.readLine(into: &line) {
      guard piece == .whole else { throw reader.fault(.tooLong(limit: line.count)) }
      ids.removeAll(keepingCapacity: true)
      encoder.encode(line, into: &ids, scratch: &scratch)
      coverage.add(ids, bytes: line.count)
    }
    var table = Table("what", "value")
    table.add("bytes", grouped(coverage.bytes))
    table.add("tokens", grouped(coverage.tokens))
    table.add("bytes a token", fixed(coverage.bytesPerToken, 3))
    let share = Double(coverage.bytesAndUnknown) / Double(max(coverage.tokens, 1))
    table.add(
      "bytes and unknown", "\(grouped(coverage.bytesAndUnknown)), \(fixed(100 * share, 3)) %")
    table.add("pieces used", "\(grouped(coverage.piecesUsed)) of \(grouped(encoder.count))")
    let frequent = coverage.counts.indices.sorted {
      (coverage.counts[$1], $0) < (coverage.counts[$0], $1)
    }
    table.add(
      "most frequent", frequent.prefix(10).map { tokenizer.pieces[$0].text }.joined(separator: " "))
    return table
  }

  private func explain(_ word: String, _ tokenizer: TokenizerModel) throws {
    let trace = try MergeTrace(tokenizer, word, file: model)
    var merges = Table("step", "merge", "id", "score", "then")
    merges.add("0", "", "", "", trace.start.joined(separator: " "))
    for (number, step) in trace.steps.enumerated() {
      merges.add(
        "\(number + 1)", "\(step.left) + \(step.right)", "\(step.id)", "\(step.score)",
        step.symbols.joined(separator: " "))
    }
    var pieces = Table("token", "id", "kind")
    for id in trace.ids {
      let piece = tokenizer.pieces[Int(id)]
      pieces.add(piece.text, "\(id)", "\(piece.kind)")
    }
    try result.print(merges, pieces)
  }
}
