public import Ground
public import Shards

/// Token shards cut into samples of the context's length, whatever documents they cross.
///
/// Every token but the first is a target once a pass.
public struct TokenSamples: SampleSource {
  public let stream: TokenStream

  public init(_ stream: TokenStream) { self.stream = stream }

  public var count: Int { stream.count }

  public var marks: [ShardMark] { stream.shards.map { ShardMark($0) } }

  public func sampleCount(context: Int) -> Int { stream.sequenceCount(length: context) }

  public func size(of numbers: [Int], context: Int) -> SampleSize {
    SampleSize(inputs: numbers.count * context, targets: numbers.count * context)
  }

  public func samples(
    _ numbers: [Int], context: Int, vocabulary: Int
  ) throws(Fault) -> SampleBatch {
    var inputs: [Int32] = []
    var targets: [Int32] = []
    inputs.reserveCapacity(numbers.count * context)
    targets.reserveCapacity(numbers.count * context)
    var tokens: [UInt32] = []
    for number in numbers {
      tokens.removeAll(keepingCapacity: true)
      try append(range(of: number, context), vocabulary: vocabulary, to: &tokens)
      for place in 0..<context {
        inputs.append(Int32(tokens[place]))
        targets.append(Int32(tokens[place + 1]))
      }
    }
    return SampleBatch(inputs: inputs, targets: targets, length: context)
  }

  public func origins(of number: Int, context: Int) -> [SampleOrigin] {
    var origins: [SampleOrigin] = []
    let range = range(of: number, context)
    let first = stream.origin(of: range.lowerBound), last = stream.origin(of: range.upperBound - 1)
    for shard in first.shard...last.shard {
      let reader = stream.shards[shard]
      guard reader.tokenCount > 0 else { continue }
      let from = shard == first.shard ? first.document : 0
      let end = shard == last.shard ? last.document : reader.documentCount - 1
      for document in from...max(from, end) {
        origins.append(SampleOrigin(file: reader.path, document: document))
      }
    }
    return origins
  }

  /// Looks at the first million tokens; later ones are checked when they are used.
  public func check(vocabulary: Int, context: Int, role: String) throws(Fault) {
    guard sampleCount(context: context) > 0 else {
      let remedy =
        role == "validation"
        ? "choose a shorter context, a larger validation fraction, or no validation"
        : "choose a shorter context or build a larger corpus"
      throw Fault(
        stream.shards.first?.path ?? "\(role) data", at: 0,
        .unusable(
          "the \(role) data has \(count) tokens, and one sequence needs \(context + 1); \(remedy)"))
    }
    var tokens: [UInt32] = []
    try append(0..<min(count, 1 << 20), vocabulary: vocabulary, to: &tokens)
  }

  private func range(of number: Int, _ context: Int) -> Range<Int> {
    number * context..<(number + 1) * context + 1
  }

  private func append(
    _ range: Range<Int>, vocabulary: Int, to tokens: inout [UInt32]
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
