import ArgumentParser
import Ground
import Tokenizer

struct TokenizerInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a model file holds.",
    discussion: "  quipu tokenizer inspect tokenizer.model")

  @Argument(help: "The model file.")
  var model: String

  @OptionGroup var result: ResultOptions

  func run() throws {
    let tokenizer = try TokenizerModel(path: model)
    let summary = ModelSummary(tokenizer)
    var table = Table("what", "value")
    table.add("pieces", grouped(tokenizer.pieces.count))
    for kind in TokenizerModel.Piece.Kind.allCases {
      if let count = summary.counts[kind] { table.add("\(kind) pieces", grouped(count)) }
    }
    table.add("single characters", grouped(summary.characters))
    table.add("pieces that begin a word", grouped(summary.wordStarts))
    table.add("merges", grouped(summary.merges))
    table.add("character coverage", "\(summary.characterCoverage)")
    table.add("longest", summary.longest.map { tokenizer.pieces[$0].text }.joined(separator: " "))
    try result.print(table)
  }
}
