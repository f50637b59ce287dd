public import Ground
import Llama
public import Shards

/// The tokens that a model is trained on and, if there are any, those it is judged by.
public struct TrainingData: Sendable {
  public let train: TokenStream
  public let validation: TokenStream?

  public init(train: TokenStream, validation: TokenStream? = nil) {
    self.train = train
    self.validation = validation
  }

  /// Opens `folder/train` and, where it is there, `folder/validation`; or, where neither is there,
  /// the shards in `folder` itself.
  ///
  /// - Throws: `Fault` where there are no shards or one is damaged.
  public init(folder: String) throws(Fault) {
    let hasSplits = fileKind(folder + "/train") == .folder
    train = try TokenStream(folder: hasSplits ? folder + "/train" : folder)
    let validation = folder + "/validation"
    let stems =
      hasSplits && fileKind(validation) == .folder ? try shardStems(in: validation) : []
    self.validation = stems.isEmpty ? nil : try TokenStream(folder: validation)
  }

  /// Checks that a model of that vocabulary can learn from the data with that context.
  ///
  /// Looks at the first million tokens; later ones are checked when they are used.
  func check(vocabulary: Int, context: Int, evaluates: Bool) throws(Fault) {
    let name = train.shards.first?.path ?? "training data"
    guard train.sequenceCount(length: context) > 0 else {
      throw Fault(
        name, at: 0,
        .unusable(
          "the training data has \(train.count) tokens, and one sequence needs \(context + 1); "
            + "choose a shorter context or build a larger corpus"))
    }
    if evaluates, let validation, validation.sequenceCount(length: context) == 0 {
      throw Fault(
        validation.shards.first?.path ?? "validation data", at: 0,
        .unusable(
          "the validation data has \(validation.count) tokens, and one sequence needs "
            + "\(context + 1); choose a shorter context, a larger validation fraction, or no "
            + "validation"))
    }
    var tokens: [UInt32] = []
    try append(0..<min(train.count, 1 << 20), of: train, vocabulary: vocabulary, to: &tokens)
  }

  /// The inputs and targets of sequences, one after another.
  func sequences(
    _ numbers: [Int], of stream: TokenStream, context: Int, vocabulary: Int
  ) throws(Fault) -> (inputs: [Int32], targets: [Int32]) {
    var inputs: [Int32] = []
    var targets: [Int32] = []
    inputs.reserveCapacity(numbers.count * context)
    targets.reserveCapacity(numbers.count * context)
    var tokens: [UInt32] = []
    for number in numbers {
      tokens.removeAll(keepingCapacity: true)
      let range = number * context..<(number + 1) * context + 1
      try append(range, of: stream, vocabulary: vocabulary, to: &tokens)
      for place in 0..<context {
        inputs.append(Int32(tokens[place]))
        targets.append(Int32(tokens[place + 1]))
      }
    }
    return (inputs, targets)
  }

  private func append(
    _ range: Range<Int>, of stream: TokenStream, vocabulary: Int, to tokens: inout [UInt32]
  ) throws(Fault) {
    stream.append(range, to: &tokens)
    guard let wrong = tokens.firstIndex(where: { $0 >= vocabulary }) else { return }
    let origin = stream.origin(of: range.lowerBound + wrong)
    throw Fault(
      stream.shards[origin.shard].path, at: 0,
      .unusable(
        "document \(origin.document) has token \(tokens[wrong]), and the model's vocabulary is "
          + "\(vocabulary): the shards were made with another tokenizer; set the model's "
          + "vocabulary-size to that of the tokenizer"))
  }
}
