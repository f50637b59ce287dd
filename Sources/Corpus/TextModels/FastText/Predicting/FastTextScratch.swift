import CTextModels
import Ground

/// What one thread keeps between two texts that it classifies with a ``FastTextModel``.
///
/// Nothing in it changes a result. Use one for each thread, and keep it: it has about 3 MiB, which
/// belong to one model at a time.
public struct FastTextScratch: ~Copyable, Sendable {
  /// Tokens that are found at once.
  static let batch = 128
  /// Rows that are collected before they are added.
  static let rowLimit = 4096

  /// The vectors that are used: those of this processor, unless a test asks for fewer.
  package var level = best
  /// The vectors that this processor has: 2 for AVX-512, 1 for AVX2, 0 for none of them.
  package static let best: CInt = quipu_fasttext_best()

  /// A text without its line feeds.
  var text: [UInt8] = []
  /// Where the tokens of a batch begin and end.
  let starts = Room<Int>(batch)
  let ends = Room<Int>(batch)
  /// Their keys, the number of their place in the cache, and the hashes of those not found there.
  let keys = Room<quipu_fasttext_key>(batch)
  let places = Room<Int32>(batch)
  let batchHashes = Room<UInt32>(batch)
  /// Rows to be added, and room behind them to copy more than are meant.
  let rows = Room<UInt32>(rowLimit + 64)
  /// Numbers of a token's n-grams.
  var numbers = Room<UInt32>(rowLimit)
  /// The hashes of a line's tokens.
  var hashes = Room<UInt32>(256)
  /// The sum of rows, and their mean.
  var hidden = Room<Float>(128)
  /// The products with the output matrix, and what they become.
  var products = Room<Float>(256)
  var heap = FastTextHeap()
  var cache = FastTextTokenCache(hasSubwords: false)

  /// The model that the cache is of.
  private var model = 0

  public init() {}

  /// Makes the scratch that of a model.
  mutating func prepare(for model: FastTextModel) {
    if self.model == model.identity { return }
    self.model = model.identity
    cache = FastTextTokenCache(hasSubwords: model.grams.longest > 0)
    hidden.reserve(model.input.columns)
    let panels = model.panels.map { $0.count * FastTextPanels.width } ?? 0
    products.reserve(max(panels, model.labelCount))
  }
}
