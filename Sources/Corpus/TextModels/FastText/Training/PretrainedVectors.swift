internal import CTextModels
internal import Ground

/// Word vectors to begin a training with: a line `count dim`, then lines of a word and its numbers.
///
/// - SeeAlso: `facebookresearch/fastText` `src/fasttext.cc`, `getInputMatrixFromFile`.
struct PretrainedVectors {
  private var words = FastTextEntries()
  private var floats: [Float] = []
  private let dim: Int

  /// - Throws: `Fault` where the file cannot be read, is malformed, has other than `dim` dimensions, or
  ///   takes more than `memory` bytes.
  init(_ path: String, dim: Int, memory: Int?) throws(Fault) {
    self.dim = dim
    let reader = try openDecoded(path)
    var line: [UInt8] = []
    guard try reader.readLine(into: &line) == .whole else {
      throw reader.fault(.malformed("the file of vectors has no first line"))
    }
    let header = fields(line)
    guard header.count == 2, let count = integer(header[0]), let found = integer(header[1]) else {
      throw reader.fault(
        .malformed("the first line of vectors is not their count and dimension"), at: 0)
    }
    guard found == dim else {
      throw reader.fault(
        .unusable("the vectors have \(found) dimensions, and dim is \(dim)"), at: 0)
    }
    for _ in 0..<count {
      let start = reader.offset
      guard let piece = try reader.readLine(into: &line) else {
        throw reader.fault(.malformed("the file ends before its \(count) vectors do"))
      }
      guard piece == .whole else { throw reader.fault(.tooLong(limit: reader.limit), at: start) }
      let parts = fields(line)
      guard parts.count == dim + 1 else {
        throw reader.fault(
          .malformed("\(parts.count - 1) numbers where \(dim) should be"), at: start)
      }
      for part in parts.dropFirst() {
        guard let number = Float(String(decoding: part, as: UTF8.self)), number.isFinite else {
          throw reader.fault(.malformed("a vector has something other than numbers"), at: start)
        }
        floats.append(number)
      }
      words.appendWord(parts[0], count: 1)
      if let memory, 4 * floats.count + words.bytes.count > memory {
        throw reader.fault(.unusable("the vectors take more than \(memory) bytes of memory"))
      }
    }
  }

  /// The entries of a text and the words that only the vectors have, which come once more each.
  ///
  /// What begins like a label stays a word, unless the text has it as a label.
  func joined(to entries: FastTextEntries) -> FastTextEntries {
    var places = TokenTable()
    var found: [Int] = []
    func number(_ bytes: ArraySlice<UInt8>, times: Int, _ table: inout TokenTable) -> Int {
      unsafe bytes.withUnsafeBufferPointer { unsafe table.number(of: $0, times: times) }
    }
    for entry in 0..<entries.count {
      _ = number(
        entries.bytes[entries.range(entry)], times: entries.counts[entry], &places)
    }
    for word in 0..<words.count {
      found.append(number(words.bytes[words.range(word)], times: 1, &places))
    }
    let isWord = (0..<places.count).filter { $0 < entries.wordCount || $0 >= entries.count }
    let order = isWord.sorted { left, right in
      let counts = (places.occurrences(of: left), places.occurrences(of: right))
      return counts.0 != counts.1 ? counts.0 > counts.1 : left < right
    }
    var joined = FastTextEntries()
    for number in order {
      unsafe joined.appendWord(places[number], count: places.occurrences(of: number))
    }
    for label in entries.wordCount..<entries.count {
      joined.appendLabel(entries.bytes[entries.range(label)], count: entries.counts[label])
    }
    return joined
  }

  /// Makes the vectors the rows of their words; of a word that comes twice, the later one.
  func copy(to matrix: RowMatrix, _ entries: FastTextEntries) {
    var rows = TokenTable()
    for word in 0..<entries.wordCount {
      unsafe entries.bytes[entries.range(word)].withUnsafeBufferPointer {
        unsafe _ = rows.number(of: $0)
      }
    }
    for word in 0..<words.count {
      let row = unsafe words.bytes[words.range(word)].withUnsafeBufferPointer {
        unsafe rows.find($0)
      }
      guard let row else { continue }
      for place in 0..<dim { unsafe matrix.row(row)[place] = floats[word * dim + place] }
    }
  }
}

private func fields(_ line: [UInt8]) -> [ArraySlice<UInt8>] {
  line.split { quipu_fasttext_parts($0) != 0 }
}

private func integer(_ field: ArraySlice<UInt8>) -> Int? {
  Int(String(decoding: field, as: UTF8.self)).flatMap { $0 >= 0 ? $0 : nil }
}
