import ArgumentParser
import Compute
import Ground
import Llama
import Tokenizer

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a trained model in Hugging Face's or Meta's layout.",
    discussion: """
        quipu export run --output model --type bf16
        quipu export run --output model --format meta --parts 2

      The model is a training run, or a folder in either layout: so one becomes the other.
      """)

  enum Number: String, CaseIterable, ExpressibleByArgument {
    case f32, bf16, f16

    var type: ElementType {
      switch self {
      case .f32: .f32
      case .bf16: .bf16
      case .f16: .f16
      }
    }
  }

  enum Format: String, CaseIterable, ExpressibleByArgument { case huggingface, meta }

  @Argument(help: "The folder of a model.")
  var folder: String

  @Option(help: "The folder to write.")
  var output: String

  @Option(help: "Whose layout.")
  var format = Format.huggingface

  @Option(help: "How parameters are stored.")
  var type = Number.f32

  @Option(help: "With --format huggingface, the most bytes of parameters in a file.")
  var shardSize = ByteCount(5_000_000_000)

  @Option(help: "With --format meta, the files that the model is cut into.")
  var parts = 1

  @OptionGroup var options: RunOptions

  func validate() throws {
    guard (1...99).contains(parts) else {
      throw ValidationError("--parts is \(parts); it must be 1 to 99.")
    }
    guard format == .meta || parts == 1 else {
      throw ValidationError("--parts is for --format meta; --shard-size cuts Hugging Face's files.")
    }
  }

  func run() throws {
    let any = try AnyModel(path: folder)
    let (model, step) = try any.model(
      maximumTokens: 1, workers: WorkerPool(threads: options.jobs), message: options.say)
    switch format {
    case .huggingface:
      try model.exportHuggingFace(to: output, as: type.type, shardBytes: shardSize.bytes)
    case .meta: try model.exportMeta(to: output, as: type.type, parts: parts)
    }
    if let path = any.tokenizerPath {
      let tokenizer = try TokenizerModel(path: path)
      try tokenizer.write(to: "\(output)/tokenizer.model")
      if format == .huggingface {
        try writeAtomically(tokenizerJSON(of: tokenizer), to: "\(output)/tokenizer.json")
        try writeAtomically(
          tokenizerConfigJSON(of: tokenizer, contextLength: model.config.context),
          to: "\(output)/tokenizer_config.json")
        try writeAtomically(
          specialTokensMapJSON(of: tokenizer), to: "\(output)/special_tokens_map.json")
      }
    }
    let what = step.map { "the model of step \($0)" } ?? "the model"
    options.say("\(output): \(what), \(grouped(model.config.parameterCount)) parameters\n")
  }
}
