import CTextModels
import Ground

/// Writes n-grams with their words, in the form of ARPA files.
@safe final class ARPAText: @unchecked Sendable {
  private let vocabulary: TextVocabulary
  /// The longest word, in bytes.
  private let longest: Int

  init(_ vocabulary: consuming TextVocabulary) {
    var longest = 0
    for word in 0..<vocabulary.count {
      longest = max(longest, Int(vocabulary.starts[word + 1] - vocabulary.starts[word]))
    }
    self.longest = longest
    self.vocabulary = vocabulary
  }

  /// How many lines are made at once: memory stays small, however long the words are.
  func linesAtOnce(length: Int) -> Int {
    max(1, min(1 << 12, (8 << 20) / (length * (longest + 1) + 72)))
  }

  /// The lines of n-grams of `length` words.
  func lines(_ chunk: ProbabilityChunk, length: Int) -> [UInt8] {
    let count = chunk.probabilities.count
    guard count > 0 else { return [] }
    return unsafe chunk.words.withUnsafeBufferPointer { words in
      unsafe chunk.probabilities.withUnsafeBufferPointer { probabilities in
        unsafe (chunk.backoffs ?? []).withUnsafeBufferPointer { backoffs -> [UInt8] in
          guard let words = words.baseAddress, let probabilities = probabilities.baseAddress else {
            return []
          }
          var lines = unsafe quipu_arpa_lines(
            words: words, probabilities: probabilities,
            backoffs: chunk.backoffs == nil ? nil : backoffs.baseAddress, count: count,
            order: Int32(length), starts: vocabulary.starts.start, bytes: vocabulary.bytes.start)
          let size = unsafe quipu_arpa_size(&lines)
          return unsafe [UInt8](unsafeUninitializedCapacity: size) { room, used in
            used = unsafe room.baseAddress.map { unsafe quipu_arpa_write(&lines, $0) } ?? 0
          }
        }
      }
    }
  }

  static func header(_ counts: [Int]) -> [UInt8] {
    var text = "\\data\\\n"
    for (index, count) in counts.enumerated() { text += "ngram \(index + 1)=\(count)\n" }
    return Array((text + "\n").utf8)
  }

  static func title(length: Int) -> [UInt8] { Array("\\\(length)-grams:\n".utf8) }

  static let end = Array("\\end\\\n".utf8)
}
