import Ground

/// What one thread keeps between two texts: its buffers, and the ids of units seen before.
///
/// Nothing in it changes a result. Use one for each thread, and keep it, for a warm cache is most of
/// the speed; taken to the encoder of another model it forgets what it knew.
public struct EncoderScratch: ~Copyable, Sendable {
  var window = TextWindow()
  var merger = UnitMerger()
  var batch = Room<WaitingUnit>(WaitingUnit.most)
  var ids = Room<Int32>(1 << 12)
  var cache = UnitCache(isNarrow: true)
  var longUnits = LongUnitCache(isNarrow: true)
  /// A whole text, for normalizers that do more than windows can.
  var normalized: [UInt8] = []
  var unigram = UnigramScratch()

  /// The model that the cache is of.
  private var model: UInt64 = 0

  public init() {}

  /// Forgets the units of another model, and takes those that are known without work.
  mutating func prepare(
    for model: UInt64, isNarrow: Bool, _ known: [(key: ShortKey, id: Int32)]
  ) {
    if self.model == model { return }
    cache = UnitCache(isNarrow: isNarrow)
    longUnits = LongUnitCache(isNarrow: isNarrow)
    cache.remember(known)
    self.model = model
  }
}

/// A unit whose place in the cache has been asked for.
struct WaitingUnit: BitwiseCopyable {
  /// So many wait at once.
  static let most = 32

  var key: ShortKey
  var start: Int
  var end: Int
}
