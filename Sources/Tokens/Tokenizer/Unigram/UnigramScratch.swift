/// What one thread keeps between two texts that it encodes with a unigram model.
///
/// Nothing in it changes a result. Use one for each thread, and keep it.
package struct UnigramScratch: Sendable {
  /// The best way to a place of the text.
  struct Node {
    var score: Float = 0
    /// The score of the second-best way, where it is asked for.
    var second: Float = 0
    /// The last piece of that way; -1 for a character that is none.
    var id: Int32 = -1
    /// Its bytes; 0 where no way is known yet.
    var length: Int32 = 0
  }

  /// The ids of a short unit.
  struct Slot {
    var key = ShortKey.none
    var count: Int32 = 0
    /// The ids are right where what comes before has a score between -limit and limit.
    var limit: Float = -1
    var ids = SIMD8<Int32>()
  }

  /// Two to the power of how many units are remembered; 64 bytes each, so 2 MiB.
  static let cacheBits: UInt64 = 15

  /// Normalised text, and room behind it to read whole words.
  var text: [UInt8] = []
  var nodes: [Node] = []
  /// The pieces of one unit, last first: ids and lengths in bytes.
  var path: [(id: Int32, length: Int32)] = []
  var cache: [Slot] = []

  /// The model that the cache is of.
  private var model: UInt64?

  package init() {}

  mutating func prepare(for model: UInt64) {
    if self.model == model { return }
    cache = Array(repeating: Slot(), count: 1 << Self.cacheBits)
    self.model = model
  }
}
