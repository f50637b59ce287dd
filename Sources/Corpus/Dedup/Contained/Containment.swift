public import Ground

/// How books inside other books are found: by the share of word n-grams of the smaller one.
///
/// C(A, B) = |A ∩ B| / min(|A|, |B|) over the sets of shingles. LLaMA drops books "with more than
/// 90% content overlap" (arXiv:2302.13971, 2.1) and says no more; 13 words are Gopher's shingle.
public struct Containment: Hashable, Sendable {
  /// Words of a shingle; lower case, letters and digits only.
  public var shingle = 13
  /// A book is a duplicate where its containment lies above this.
  public var threshold = 0.9
  /// Candidates are found by the shingle hashes that this divides.
  ///
  /// A book of 100,000 words has 6,000 of them, so a standard error of 0.4 % at 0.9.
  public var sampling: UInt64 = 16
  /// Books that share one sampled shingle and are paired each with each; of more, each is paired
  /// with the first of these many in the order of survival, which keeps common phrases linear.
  public var crowd = 64

  public init() {}

  var digest: UInt64 { xxh3("containment/1/\(shingle)".utf8.map { $0 }) }
}

/// Writes the shingles of a unit's books, by which `resolveContained` finds books inside others.
public struct ShingleWriter: ~Copyable {
  private var file: RecordWriter
  private let settings: Containment
  private var words: [UInt64] = []

  public init(path: String, _ settings: Containment = Containment()) throws(Fault) {
    precondition(settings.shingle > 0 && settings.sampling > 0, "\(settings)")
    file = try RecordWriter(path: path, .shingles, setting: settings.digest)
    self.settings = settings
  }

  /// Writes the distinct shingle hashes of a book, 8 bytes each.
  ///
  /// Of a book and one inside it the smaller priority survives, then the longer text, then the
  /// smaller id.
  ///
  /// - Complexity: O(words · log words).
  public mutating func add(_ id: Hash128, text: [UInt8], priority: UInt64 = 0) throws(Fault) {
    var words: [UInt64] = []
    swap(&words, &self.words)
    WordFolding.alphanumeric.hashWords(of: text.span, into: &words)
    makeShingles(&words, n: settings.shingle)
    words.sort()
    var count = 0
    for index in words.indices where index == 0 || words[index] != words[index - 1] {
      words[count] = words[index]
      count += 1
    }
    words.removeLast(words.count - count)
    try file.write([id.high, id.low, priority, UInt64(text.count), UInt64(count)])
    try file.write(words)
    swap(&words, &self.words)
  }

  public consuming func commit() throws(Fault) { try file.commit() }
}
