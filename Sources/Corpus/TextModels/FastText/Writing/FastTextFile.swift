internal import Ground

/// The layout of a model file, in little-endian numbers.
///
///     4  magic 793712314          4  version 12
///     56 settings: dim ws epoch minCount neg wordNgrams loss model bucket minn maxn lrUpdateRate
///        of 4 bytes each, t of 8
///     4  entries  4 words  4 labels  8 tokens  8 pruned n-grams, -1 where nothing was pruned
///     entries: bytes, a 0, 8 count, 1 kind (0 word, 1 label)
///     pruned n-grams: 4 bucket, 4 row behind those of words
///     1  whether the input is quantised, and the input
///     1  whether the output is quantised, and the output
///
/// A matrix is 8 rows, 8 columns and its floats; a quantised one is described with `QuantizedRows`.
///
/// - SeeAlso: `facebookresearch/fastText` `src/fasttext.cc`, `src/dictionary.cc`, `src/args.cc`.
enum FastTextFile {
  static let magic: UInt32 = 793_712_314
  static let version: UInt32 = 12
  static let matrixHeader = 17

  /// An n-gram that is left after pruning: its bucket and its row behind those of words.
  typealias Kept = (bucket: Int32, row: Int32)

  static func headerSize(_ entries: FastTextEntries, pruned: Int) -> Int {
    8 + 56 + 28 + entries.bytes.count + 10 * entries.count + 8 * pruned
  }

  /// All that comes before the matrices.
  static func header(
    _ settings: FastTextSettings, _ entries: FastTextEntries, tokens: Int, pruned: [Kept]?
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(headerSize(entries, pruned: pruned?.count ?? 0))
    bytes.append(little: magic)
    bytes.append(little: version)
    for number in [
      settings.dim, settings.ws, settings.epoch, settings.minCount, settings.neg,
      settings.wordNgrams, settings.loss.rawValue, settings.kind.rawValue, settings.bucket,
      settings.minn, settings.maxn, settings.lrUpdateRate,
    ] { bytes.append(little: number) }
    bytes.append(little: settings.t.bitPattern)
    for count in [entries.count, entries.wordCount, entries.labelCount] {
      bytes.append(little: UInt32(count))
    }
    bytes.append(little: Int64(tokens))
    bytes.append(little: Int64(pruned?.count ?? -1))
    for entry in 0..<entries.count {
      bytes.append(contentsOf: entries.bytes[entries.range(entry)])
      bytes.append(0)
      bytes.append(little: Int64(entries.counts[entry]))
      bytes.append(entry < entries.wordCount ? 0 : 1)
    }
    for (bucket, row) in pruned ?? [] {
      bytes.append(little: bucket)
      bytes.append(little: row)
    }
    return bytes
  }

  /// Writes a matrix without what fills up its rows.
  static func write(_ matrix: RowMatrix, to file: inout AtomicFile) throws(Fault) {
    var head: [UInt8] = []
    head.append(little: Int64(matrix.rows))
    head.append(little: Int64(matrix.dim))
    try file.write(head)
    let isWhole = matrix.dim == 16 * matrix.width
    let batch = max(1, (isWhole ? 1 << 24 : 1 << 20) / (4 * matrix.dim))
    let packed = Room<Float>(isWhole ? 1 : batch * matrix.dim)
    for first in stride(from: 0, to: matrix.rows, by: batch) {
      let count = min(batch, matrix.rows - first)
      var start = unsafe UnsafePointer(matrix.row(first))
      if !isWhole {
        for row in 0..<count {
          unsafe (packed.start + row * matrix.dim).update(
            from: matrix.row(first + row), count: matrix.dim)
        }
        unsafe start = UnsafePointer(packed.start)
      }
      let floats = unsafe UnsafeRawBufferPointer(start: start, count: 4 * count * matrix.dim)
      try file.write(unsafe Span(_unsafeBytes: floats))
    }
  }
}

extension [UInt8] {
  /// Adds the bytes of a number, the least first.
  mutating func append(little number: some FixedWidthInteger) {
    var number = number.littleEndian
    unsafe Swift.withUnsafeBytes(of: &number) { unsafe append(contentsOf: $0) }
  }
}
