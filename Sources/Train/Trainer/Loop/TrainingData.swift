public import Ground
public import Shards

/// What a model is trained on and, if there is any, what it is judged by.
public struct TrainingData: Sendable {
  public let train: any SampleSource
  public let validation: (any SampleSource)?

  public init(train: any SampleSource, validation: (any SampleSource)? = nil) {
    self.train = train
    self.validation = validation
  }

  public init(train: TokenStream, validation: TokenStream? = nil) {
    self.init(train: TokenSamples(train), validation: validation.map { TokenSamples($0) })
  }

  /// Opens `folder/train` and, where it is there, `folder/validation`; or, where neither is there,
  /// the shards in `folder` itself.
  ///
  /// - Throws: `Fault` where there are no shards or one is damaged.
  public init(folder: String) throws(Fault) {
    let hasSplits = fileKind(folder + "/train") == .folder
    let train = try TokenStream(folder: hasSplits ? folder + "/train" : folder)
    let validation = folder + "/validation"
    let stems =
      hasSplits && fileKind(validation) == .folder ? try shardStems(in: validation) : []
    self.init(train: train, validation: stems.isEmpty ? nil : try TokenStream(folder: validation))
  }

  /// Checks that a model of that vocabulary can learn from the data with that context.
  func check(vocabulary: Int, context: Int, evaluates: Bool) throws(Fault) {
    try train.check(vocabulary: vocabulary, context: context, role: "training")
    if evaluates {
      try validation?.check(vocabulary: vocabulary, context: context, role: "validation")
    }
  }
}
