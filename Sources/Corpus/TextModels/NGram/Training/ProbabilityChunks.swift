import Ground

/// Interpolated n-grams of one length, to become lines.
struct ProbabilityChunk: Sendable {
  /// The words of each, last word first.
  var words: [UInt32] = []
  var probabilities: [Float] = []
  /// nil for the longest.
  var backoffs: [Float]?
  /// How many n-grams were read for it, pruned ones with them.
  var read = 0
}

/// Interpolates the n-grams of one length with the probabilities of the (n-1)-grams, in order.
@safe final class ProbabilityChunks: @unchecked Sendable {
  private let length: Int
  private let walk: NGramWalk
  private let count: Int
  private let estimates: NumberReader
  private let backoffs: NumberReader?
  private let output: NumberWriter
  private let size: Int
  private let uniform: Float

  /// Interpolates the last of `lists`, which has all shorter n-grams before it.
  ///
  /// `estimates` has for each its probability before interpolation and the weight of the shorter one;
  /// `shorter` has the probabilities of the (n-1)-grams, and is nil for unigrams, below which is
  /// `uniform`. A chunk has at most `size` n-grams.
  init(
    _ lists: ArraySlice<NGramList>, estimates: NumberFile, shorter: NumberFile?,
    uniform: Float, backoffs: NumberFile?, size: Int, folder: String
  ) throws(Fault) {
    length = lists.count
    self.uniform = uniform
    walk = NGramWalk(lists, values: shorter)
    count = lists[lists.endIndex - 1].words.count
    self.estimates = estimates.reader()
    self.backoffs = backoffs?.reader()
    self.size = size
    output = try NumberWriter(in: folder)
  }

  /// The next n-grams that are not pruned; nil after the last.
  func next() throws(Fault) -> ProbabilityChunk? {
    let first = walk.rank + 1
    guard first < count else {
      try walk.check()
      try estimates.check()
      try backoffs?.check()
      return nil
    }
    let length = length
    var chunk = ProbabilityChunk()
    var probabilities: [Float] = []
    var weights: [Float] = []
    var made = 0
    let words = unsafe [UInt32](unsafeUninitializedCapacity: size * length) { words, used in
      unsafe probabilities = [Float](unsafeUninitializedCapacity: size) { room, filled in
        unsafe weights = [Float](unsafeUninitializedCapacity: backoffs == nil ? 0 : size) {
          weights, weighed in
          if let base = words.baseAddress {
            var rest = count - first
            while made < size && rest > 0 {
              rest &-= 1
              walk.advance()
              let own = estimates.nextFloat()
              let weight = estimates.nextFloat()
              let below = length == 1 ? uniform : Float(bitPattern: walk.extendedValue)
              let probability = own + weight * below
              output.append(probability)
              let backoff = backoffs?.nextFloat() ?? 1
              if walk.isPruned { continue }
              unsafe walk.write(base + made * length)
              unsafe room[made] = probability
              if backoffs != nil { unsafe weights[made] = backoff }
              made &+= 1
            }
          }
          weighed = backoffs == nil ? 0 : made
        }
        filled = made
      }
      used = made * length
    }
    chunk.read = walk.rank + 1 - first
    chunk.words = words
    chunk.probabilities = probabilities
    chunk.backoffs = backoffs == nil ? nil : weights
    return chunk
  }

  /// The probabilities of all n-grams, once there is no next.
  func finish() throws(Fault) -> NumberFile { try output.finish() }
}
