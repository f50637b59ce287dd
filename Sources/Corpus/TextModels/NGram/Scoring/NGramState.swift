internal import CTextModels

/// What of the words read so far counts for the next word: at most order - 1 of them.
public struct NGramState: Sendable {
  var raw = quipu_ngram_state()

  /// Before any word.
  public init() {}

  /// How many words count.
  public var length: Int { Int(raw.length) }
}

extension NGramModel {
  /// The state after `<s>`: at the beginning of a sentence.
  public var beginState: NGramState {
    var state = NGramState()
    let place = layout.unigrams.lowerBound + Int(begin) * NGramLayout.unigramStride(kind) + 4
    state.raw.length = 1
    state.raw.words.0 = begin
    state.raw.backoffs.0 = unsafe memory.base.loadUnaligned(fromByteOffset: place, as: Float.self)
    return state
  }
}

/// Memory for scoring; one for each worker.
///
/// Its size never changes.
@safe public struct NGramScratch: ~Copyable {
  static let block = 1024
  let hashes: UnsafeMutablePointer<UInt64>
  let words: UnsafeMutablePointer<UInt32>

  public init() {
    unsafe hashes = .allocate(capacity: Self.block)
    unsafe words = .allocate(capacity: Self.block)
  }

  deinit {
    unsafe hashes.deallocate()
    unsafe words.deallocate()
  }
}
