import Ground

/// Whole lines of one file, about a mebibyte of them.
struct CorpusBatch: Sendable {
  var bytes: [UInt8]
  /// The file's number among the corpus's inputs.
  var input: Int
  /// Where the lines begin in the decoded file.
  var offset: UInt64
  /// Where they begin in the stored file, or where the part begins that must be decoded for them.
  var stored: UInt64
  /// True where stored and decoded bytes are the same.
  var isPlain: Bool
  /// The hash of the file's first batch, which tells files apart without their names.
  var file: UInt64
  /// Lines that were too long to be read at all.
  var unread: Int
}

/// Cuts the files of a corpus into batches, from any batch's end on.
///
/// `orderedMap` never asks from two threads at once, hence `@unchecked`.
final class CorpusReader: @unchecked Sendable {
  /// Where the next batch begins.
  struct Cursor: Equatable, Sendable {
    var input = 0
    /// Bytes into the decoded file.
    var offset: UInt64 = 0
    var location = Location(offset: 0, skip: 0)
    var file: UInt64 = 0
  }

  private static let batchSize = 1 << 20

  private(set) var cursor: Cursor
  private let corpus: TrainingCorpus
  private let lineLimit: Int
  private var reader: BufferedReader?
  private var isPlain = true
  private var allowance = 0

  /// Reads on from `cursor`; lines above `lineLimit` bytes are passed over.
  init(_ corpus: TrainingCorpus, from cursor: Cursor, lineLimit: Int) {
    self.corpus = corpus
    self.cursor = cursor
    self.lineLimit = lineLimit
  }

  /// True where every file has been read.
  var isAtEnd: Bool { cursor.input == corpus.inputs.count }

  /// Lets `next()` hand out batches until so many decoded bytes have been read.
  func allow(_ bytes: Int) { allowance = bytes }

  /// The next batch, or nil where the allowance is used up or every file has been read.
  func next() throws(Fault) -> CorpusBatch? {
    while allowance > 0 && !isAtEnd {
      if reader == nil { reader = try open() }
      if let reader, let batch = try next(of: reader) { return batch }
      cursor = Cursor(input: cursor.input + 1)
      reader = nil
    }
    return nil
  }

  private func open() throws(Fault) -> BufferedReader {
    let path = corpus.inputs[cursor.input].path
    let codec = try Codec(path: path)
    isPlain = codec == .plain
    let file = try FileReader(path: path, range: cursor.location.offset..<UInt64.max)
    let reader = BufferedReader(codec.reader(over: file), limit: lineLimit)
    let skip = Int(clamping: cursor.location.skip)
    guard try reader.skip(skip) == skip else {
      throw reader.fault(.truncated(expected: skip, found: Int(reader.offset)))
    }
    return reader
  }

  private func next(of reader: BufferedReader) throws(Fault) -> CorpusBatch? {
    let start = reader.offset
    var batch = CorpusBatch(
      bytes: [], input: cursor.input, offset: cursor.offset, stored: cursor.location.offset,
      isPlain: isPlain, file: cursor.file, unread: 0)
    try reader.read(Self.batchSize, into: &batch.bytes)
    guard let last = batch.bytes.last else { return nil }
    if last != 0x0a {
      var rest: [UInt8] = []
      switch try reader.readLine(into: &rest) {
      case .whole: batch.bytes.append(contentsOf: rest)
      case .tooLong:
        batch.bytes.removeLast(batch.bytes.count - (batch.bytes.lastIndex(of: 0x0a) ?? -1) - 1)
        batch.unread = 1
      case nil: break
      }
    }
    if cursor.offset == 0 { batch.file = xxh3(batch.bytes) }
    let count = reader.offset - start
    cursor.offset += count
    cursor.location = reader.location
    cursor.file = batch.file
    allowance -= Int(count)
    return batch
  }
}
