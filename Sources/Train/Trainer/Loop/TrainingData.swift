public import Ground
public import Shards

/// What a model is trained on and, if there is any, what it is judged by.
public struct TrainingData: Sendable {
  public let train: any SampleSource
  public let validation: (any SampleSource)?
  /// Of the order of sequences, where the build of the shards chose it.
  public let orderSeed: UInt64?

  public init(
    train: any SampleSource, validation: (any SampleSource)? = nil, orderSeed: UInt64? = nil
  ) {
    self.train = train
    self.validation = validation
    self.orderSeed = orderSeed
  }

  public init(train: TokenStream, validation: TokenStream? = nil) {
    self.init(train: TokenSamples(train), validation: validation.map { TokenSamples($0) })
  }

  /// Opens `folder/train` and, where it is there, `folder/validation`; or, where neither is there,
  /// the shards in `folder` itself.
  ///
  /// A `mix.json` beside the folder gives the order of sequences.
  ///
  /// - Throws: `Fault` where there are no shards, one is damaged, or they are not those of `mix.json`.
  public init(folder: String) throws(Fault) {
    let hasSplits = fileKind(folder + "/train") == .folder
    let train = try TokenStream(folder: hasSplits ? folder + "/train" : folder)
    let validation = folder + "/validation"
    let stems =
      hasSplits && fileKind(validation) == .folder ? try shardStems(in: validation) : []
    let mix = hasSplits ? try MixRecord(beside: folder) : nil
    try mix?.check(train, in: folder)
    self.init(
      train: TokenSamples(train),
      validation: stems.isEmpty ? nil : TokenSamples(try TokenStream(folder: validation)),
      orderSeed: mix?.seed)
  }

  /// Checks that a model of that vocabulary can learn from the data with that context.
  func check(vocabulary: Int, context: Int, evaluates: Bool) throws(Fault) {
    try train.check(vocabulary: vocabulary, context: context, role: "training")
    if evaluates {
      try validation?.check(vocabulary: vocabulary, context: context, role: "validation")
    }
  }
}
