/// What one thread keeps between two texts that it encodes with a unigram model.
///
/// Nothing in it changes a result. Use one for each thread, and keep it.
package struct UnigramScratch: Sendable {
  /// The ids of a short unit, in one line of the processor's cache.
  struct Slot {
    var key = UnitKey.none
    /// The ids are right where what comes before has a score between -limit and limit.
    var limit: Float = -1
    var count: Int32 = 0
    var ids: (Int32, Int32, Int32, Int32, Int32, Int32) = (0, 0, 0, 0, 0, 0)

    static let idLimit = 6
  }

  /// Two to the power of how many units are remembered; 64 bytes each, so 2 MiB.
  static let cacheBits: UInt64 = 15
  /// How many units are cut before they are looked up.
  static let batch = 64

  /// Normalised text, and room behind it to read whole words.
  var text: [UInt8] = []
  /// Where in `text` that lies which became the unknown piece, or bytes: for each run of it.
  var unknowns: [Range<Int>] = []
  /// The ids of one text, before it is known how many they are.
  var ids: [Int32] = []
  /// The places of one unit, for Viterbi's algorithm.
  var nodes: [UnigramNode] = []
  var cache: [Slot] = []
  /// Where the units of a batch begin, and the last ends.
  var starts = [Int](repeating: 0, count: batch + 1)
  /// The slots of a batch.
  var places = [Int32](repeating: 0, count: batch)

  /// The model that the cache is of.
  private var model: UInt64?

  package init() {}

  /// Makes room for a text of so many ids.
  mutating func prepare(for model: UInt64, ids count: Int) {
    if ids.count < count { ids = Array(repeating: 0, count: max(count, 2 * ids.count)) }
    if self.model == model { return }
    nodes = Array(repeating: UnigramNode(), count: UnitKey.limit + 1)
    cache = Array(repeating: Slot(), count: 1 << Self.cacheBits)
    self.model = model
  }
}

extension UnigramScratch {
  /// Pointers to the buffers of fixed size.
  @unsafe
  struct Buffers {
    var ids: UnsafeMutablePointer<Int32>
    var cache: UnsafeMutablePointer<Slot>
    var starts: UnsafeMutablePointer<Int>
    var places: UnsafeMutablePointer<Int32>
  }

  /// Lends the buffers to `body`, with the nodes, of which it may need more.
  ///
  /// - Precondition: `prepare` was called.
  @inline(__always)
  mutating func withBuffers(_ body: (Buffers, inout [UnigramNode]) -> Int) -> Int {
    unsafe ids.withUnsafeMutableBufferPointer { ids in
      unsafe cache.withUnsafeMutableBufferPointer { cache in
        unsafe starts.withUnsafeMutableBufferPointer { starts in
          unsafe places.withUnsafeMutableBufferPointer { places in
            guard let ids = ids.baseAddress, let cache = cache.baseAddress,
              let starts = starts.baseAddress, let places = places.baseAddress
            else { return 0 }
            return unsafe body(
              Buffers(ids: ids, cache: cache, starts: starts, places: places), &nodes)
          }
        }
      }
    }
  }
}
