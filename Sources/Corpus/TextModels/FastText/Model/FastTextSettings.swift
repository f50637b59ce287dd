/// What a fastText model was trained with, as its file says.
///
/// The names are those of the program's options and the initial values its defaults for `supervised`.
///
/// - SeeAlso: `facebookresearch/fastText` `src/args.h`, `src/args.cc`.
public struct FastTextSettings: Equatable, Sendable {
  /// How the scores of labels become probabilities; the raw value is the file's code.
  public enum Loss: Int32, Sendable, CaseIterable {
    case hierarchicalSoftmax = 1
    case negativeSampling = 2
    case softmax = 3
    case oneVersusAll = 4

    /// The program's name of it: `hs`, `ns`, `softmax` or `ova`.
    public var name: String {
      switch self {
      case .hierarchicalSoftmax: "hs"
      case .negativeSampling: "ns"
      case .softmax: "softmax"
      case .oneVersusAll: "ova"
      }
    }
  }

  /// What a model was trained for; the raw value is the file's code.
  public enum Kind: Int32, Sendable, CaseIterable {
    case continuousBagOfWords = 1
    case skipGram = 2
    case supervised = 3
  }

  public var dim: Int32 = 100
  public var ws: Int32 = 5
  public var epoch: Int32 = 5
  public var minCount: Int32 = 1
  public var neg: Int32 = 5
  public var wordNgrams: Int32 = 1
  public var loss = Loss.softmax
  public var kind = Kind.supervised
  /// Rows for hashed n-grams; no such rows where there are neither word nor character n-grams.
  public var bucket: Int32 = 2_000_000
  public var minn: Int32 = 0
  public var maxn: Int32 = 0
  public var lrUpdateRate: Int32 = 100
  public var t = 1e-4

  public init() {}

  /// What every label begins with in training text.
  public static let labelPrefix = "__label__"
}
