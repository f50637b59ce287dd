/// What one thread keeps between two texts that it encodes with a unigram model.
///
/// Nothing in it changes a result. Use one for each thread, and keep it.
package struct UnigramScratch: Sendable {
  /// The ids of a short unit.
  struct Slot {
    var key = ShortKey.none
    /// The ids are right where what comes before has a score between -limit and limit.
    var limit: Float = -1
    var count: Int32 = 0
    var ids = SIMD8<Int32>()

    static let idLimit = 8
  }

  /// Two to the power of how many units are remembered; 64 bytes each, so 2 MiB.
  static let cacheBits: UInt64 = 15

  /// Normalised text, and room behind it to read whole words.
  var text: [UInt8] = []
  /// The ids of one text, before it is known how many they are.
  var ids: [Int32] = []
  /// The places of one unit, for Viterbi's algorithm.
  var nodes: [UnigramNode] = []
  var cache: [Slot] = []

  /// The model that the cache is of.
  private var model: UInt64?

  package init() {}

  /// Makes room for a text of so many ids.
  mutating func prepare(for model: UInt64, ids count: Int) {
    if ids.count < count { ids = Array(repeating: 0, count: max(count, 2 * ids.count)) }
    if self.model == model { return }
    nodes = Array(repeating: UnigramNode(), count: ShortKey.limit + 1)
    cache = Array(repeating: Slot(), count: 1 << Self.cacheBits)
    self.model = model
  }
}
