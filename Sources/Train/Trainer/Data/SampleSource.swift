public import Ground

/// What a run learns from: numbered samples, each a row of inputs and targets.
///
/// Every rank has the same source and asks it for its own samples of a step; all that the ranks must
/// agree on, such as how many targets a step has, follows from the numbers of the samples alone.
public protocol SampleSource: Sendable {
  /// Tokens of all samples.
  var count: Int { get }

  /// By what a checkpoint knows that it is resumed with the same data.
  var marks: [ShardMark] { get }

  /// How many samples there are, of at most `context` inputs each; they are numbered from 0.
  func sampleCount(context: Int) -> Int

  /// The inputs and targets that count in some samples; cheap, as each rank asks it for a whole step.
  func size(of numbers: [Int], context: Int) -> SampleSize

  /// The samples as rows of one length.
  ///
  /// - Throws: `Fault` where a token is outside the model's vocabulary.
  func samples(_ numbers: [Int], context: Int, vocabulary: Int) throws(Fault) -> SampleBatch

  /// The documents that a sample is made of, in order.
  func origins(of number: Int, context: Int) -> [SampleOrigin]

  /// Checks that a model can learn from the source.
  ///
  /// - Parameters:
  ///   - vocabulary: Of the model.
  ///   - context: The most inputs of a sample.
  ///   - role: `training` or `validation`, for the message.
  /// - Throws: `Fault` where it has no sample, or its first tokens are outside the vocabulary.
  func check(vocabulary: Int, context: Int, role: String) throws(Fault)
}

/// Rows of one length, shorter samples padded at the end.
public struct SampleBatch: Equatable, Sendable {
  /// Rows times `length` tokens.
  public var inputs: [Int32]
  /// For each input the token after it, or -1 where no prediction is asked for.
  public var targets: [Int32]
  public var length: Int

  public init(inputs: [Int32], targets: [Int32], length: Int) {
    self.inputs = inputs
    self.targets = targets
    self.length = length
  }

  /// Samples, one a row.
  public var rows: Int { inputs.count / length }
}

/// How much there is in some samples, padding left out.
public struct SampleSize: Equatable, Sendable {
  public var inputs: Int
  /// Targets that are not -1: what a mean loss is divided by.
  public var targets: Int

  public init(inputs: Int, targets: Int) {
    self.inputs = inputs
    self.targets = targets
  }
}

/// Where a part of a sample is from.
public struct SampleOrigin: Hashable, Sendable {
  /// A shard's path, or a file.
  public var file: String
  /// The document's number in the shard, or the line in the file, both from 0.
  public var document: Int

  public init(file: String, document: Int) {
    self.file = file
    self.document = document
  }
}
