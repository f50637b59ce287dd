public import ArgumentParser
import Ground
public import Shards
import Tokenizer

struct ShardsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shards",
    abstract: "Look at token shards, check them, and rewrite them for other trainers.",
    discussion: "  quipu shards list work/shards/train",
    subcommands: [List.self, Cat.self, Verify.self, Export.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List shards with their documents and tokens.",
      discussion: "  quipu shards list work/shards/train")

    @Argument(help: "A folder of shards.")
    var folder: String

    @OptionGroup var result: ResultOptions

    func run() throws {
      var table = Table("shard", "documents", "tokens", "bytes a token")
      for stem in try stems(in: folder) {
        let shard = try ShardReader(path: stem)
        table.add(
          stem, grouped(shard.documentCount), grouped(shard.tokenCount), "\(shard.width.rawValue)")
      }
      try result.print(table)
    }
  }

  struct Cat: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print documents of a shard: their tokens, or their text.",
      discussion:
        "  quipu shards cat work/shards/train/00000 --documents 3 --model work/tokenizer/tokenizer.model"
    )

    @Argument(help: "A shard, without .bin.")
    var shard: String

    @Option(help: "The first document.")
    var first = 0

    @Option(help: "How many documents.")
    var documents = 1

    @Option(help: "A tokenizer, to print text.")
    var model: String?

    func validate() throws {
      guard first >= 0, documents >= 0 else {
        throw ValidationError("--first and --documents must not be negative.")
      }
    }

    func run() throws {
      let reader = try ShardReader(path: shardStem(shard))
      let decoder = try model.map { TokenDecoder(try TokenizerModel(path: $0), file: $0) }
      var output = StandardOutput()
      for document in first..<max(first, min(reader.documentCount, first + documents)) {
        let tokens = reader.tokens(ofDocument: document)
        if let decoder {
          try output.write(try decoder.decode(tokens.map { Int32(bitPattern: $0) }) + [0x0a])
        } else {
          try output.write(tokens.map(String.init).joined(separator: " ") + "\n")
        }
      }
      try output.flush()
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check that every shard's index fits its tokens.",
      discussion: "  quipu shards verify work/shards/train --vocabulary 32000")

    @Argument(help: "A folder of shards.")
    var folder: String

    @Option(help: "Every token must be below this.")
    var vocabulary = 1 << 31

    @OptionGroup var result: ResultOptions

    func run() throws {
      var table = Table("shard", "documents", "tokens")
      for stem in try stems(in: folder) {
        let summary = try ShardReader(path: stem).verify(vocabulary: vocabulary)
        table.add(stem, grouped(summary.documents), grouped(summary.tokens))
      }
      try result.print(table)
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Rewrite shards for llm.c, datatrove or NumPy; Megatron reads them as they are.",
      discussion: "  quipu shards export work/shards/train --format llmc --output out")

    @Argument(help: "A folder of shards.")
    var folder: String

    @Option(help: "llmc, datatrove or npy.")
    var format: ExportFormat

    @Option(help: "The folder to write to.")
    var output: String

    func run() throws {
      let readers = try stems(in: folder).map { try ShardReader(path: $0) }
      try makeFolder(output)
      let files = try Shards.export(readers, as: format, to: output, name: "shards")
      var text = StandardOutput()
      for file in files { try text.write(file + "\n") }
      try text.flush()
    }
  }
}

extension ExportFormat: ExpressibleByArgument {}

/// The shards of a folder; at least one.
private func stems(in folder: String) throws -> [String] {
  let stems = try shardStems(in: folder)
  guard !stems.isEmpty else {
    throw Fault(folder, at: 0, .unusable("there is no shard here; try its folder `train`"))
  }
  return stems
}
