import ArgumentParser
import Compute
import Ground
import Llama
import Tokenizer

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Let a trained model go on with a text.",
    discussion: """
        quipu generate run --prompt "The history of" --max-tokens 64
        quipu generate run --prompt "Once" --temperature 0.8 --top-p 0.9 --seed 7
        quipu generate llama/7B --prompt "Once"

      The folder is a training run, or holds Hugging Face's config.json and safetensors, or Meta's
      params.json and consolidated.*.pth; its tokenizer.model is SentencePiece's.
      """)

  @Argument(help: "The folder of a model.")
  var folder: String

  @Option(help: "The text to go on with.")
  var prompt: String

  @Option(help: "The most tokens to write.")
  var maxTokens = 64

  @Option(help: "0 takes the most likely token each time.")
  var temperature = 0.0

  @Option(help: "Draw only from the most likely tokens that together reach this probability.")
  var topP = 1.0

  @Option(help: "The same seed gives the same text.")
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "The token before the text: end for a run, where the text before ended; else begin.",
      valueName: "token"))
  var start: TextStart?

  @Option(help: "The SentencePiece model; the folder's own by default.")
  var tokenizer: String?

  @OptionGroup var options: RunOptions

  func validate() throws {
    guard temperature >= 0 else { throw ValidationError("--temperature must not be negative.") }
    guard topP > 0, topP <= 1 else { throw ValidationError("--top-p must be above 0, 1 at most.") }
    guard maxTokens >= 0 else { throw ValidationError("--max-tokens must not be negative.") }
  }

  func run() throws {
    let any = try AnyModel(path: folder)
    let (tokenizer, path) = try any.tokenizer(tokenizer)
    let encoder = try TokenEncoder(tokenizer, file: path)
    let decoder = TokenDecoder(tokenizer, file: path)
    let (model, _) = try any.model(
      maximumTokens: 1, workers: WorkerPool(threads: options.jobs), message: options.say)
    let ids = (any.start(start, encoder).map { [$0] } ?? []) + encoder.encode(Array(prompt.utf8))
    guard !ids.isEmpty else {
      throw Fault(folder, at: 0, .unusable("there is nothing to go on with: the prompt is empty"))
    }
    if let wrong = ids.first(where: { $0 >= any.config.vocabularySize }) {
      throw Fault(
        path, at: 0,
        .unusable(
          "the tokenizer gives token \(wrong); the model knows \(any.config.vocabularySize)"))
    }
    let room = model.config.context - ids.count
    guard room > 0 else {
      throw Fault(
        folder, at: 0,
        .unusable(
          "the prompt has \(ids.count) tokens; the model's context is \(model.config.context)"))
    }
    var output = StandardOutput()
    try output.write(prompt)
    let written = Generator(model: model).write(
      after: ids, count: min(maxTokens, room),
      sampling: Sampling(temperature: temperature, topP: topP, seed: seed), end: encoder.endID)
    let whole = try decoder.decode(encoder.encode(Array(prompt.utf8)) + written)
    try output.write(Array(whole.dropFirst(prompt.utf8.count)) + [0x0a])
    try output.flush()
  }
}
