/// What one thread keeps between two texts: its buffers, and the ids of short units seen before.
///
/// Nothing in it changes a result. Use one for each thread, and keep it, for a warm cache is most of
/// the speed; taken to the encoder of another model it forgets what it knew.
public struct EncoderScratch: Sendable {
  struct Slot {
    var key = ShortKey.none
    var count = 0
    var ids = SIMD8<Int32>()
  }

  /// Two to the power of how many units are remembered; 64 bytes each, so 2 MiB.
  static let cacheBits: UInt64 = 15

  /// Normalised text, and room behind it to read whole words.
  var text: [UInt8] = []
  var cache = [Slot](repeating: Slot(), count: 1 << cacheBits)
  var merger = UnitMerger()

  /// The model that the cache is of.
  private var model: UInt64 = 0

  public init() {}

  mutating func prepare(for model: UInt64) {
    if self.model == model { return }
    cache = Array(repeating: Slot(), count: 1 << Self.cacheBits)
    self.model = model
  }
}
