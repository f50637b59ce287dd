import Ground

/// What a model file holds, from its first byte to its last.
struct FastTextContents {
  let version: Int32
  let settings: FastTextSettings
  let vocabulary: FastTextVocabulary
  let pruning: FastTextPruning?
  let input: FastTextMatrix
  let output: FastTextMatrix

  /// The only versions there are with the number that a file begins with.
  private static let versions: ClosedRange<Int32> = 11...12
  static let magic: Int32 = 793_712_314
  /// The most characters and words of an n-gram, and columns, that are taken for meant.
  private static let lengthLimit: Int32 = 1000
  private static let dimLimit: Int32 = 1 << 20

  init(_ bytes: UnsafeRawBufferPointer, path: String) throws(Fault) {
    var reader = unsafe FastTextReader(bytes, path: path)
    guard unsafe try reader.number(Int32.self) == Self.magic else {
      throw unsafe reader.malformed("not a fastText model", before: 4)
    }
    version = unsafe try reader.number(Int32.self)
    guard Self.versions.contains(version) else {
      throw unsafe reader.malformed(
        "version \(version) of fastText's models; 11 and 12 are known", before: 4)
    }
    settings = unsafe try Self.settings(&reader, version: version)
    let size = unsafe try reader.number(Int32.self)
    let words = unsafe try reader.number(Int32.self)
    let labels = unsafe try reader.number(Int32.self)
    guard words >= 0, labels >= 0, Int(size) == Int(words) + Int(labels) else {
      throw unsafe reader.malformed(
        "a vocabulary of \(size), of which \(words) are words and \(labels) labels", before: 12)
    }
    let tokens = unsafe try reader.number(Int64.self)
    let kept = unsafe try reader.number(Int64.self)
    guard kept >= -1 else { throw unsafe reader.malformed("\(kept) n-grams were kept", before: 8) }
    vocabulary = unsafe try FastTextVocabulary(
      words: words, labels: labels, tokens: tokens, from: &reader, in: bytes)
    pruning = unsafe try kept < 0 ? nil : FastTextPruning(count: kept, from: &reader)
    let isQuantised = unsafe try reader.flag("whether the input matrix is quantised")
    guard isQuantised || kept < 0 else {
      throw unsafe reader.malformed("a pruned vocabulary with a matrix that is not", before: 1)
    }
    input = unsafe try Self.matrix(&reader, isQuantised: isQuantised, settings)
    let isQuantisedToo = unsafe try reader.flag("whether the output matrix is quantised")
    output = unsafe try Self.matrix(&reader, isQuantised: isQuantised && isQuantisedToo, settings)
    guard unsafe reader.remaining == 0 else {
      throw unsafe reader.malformed("\(reader.remaining) bytes behind the model's end", before: 0)
    }
    try checkRows(path)
    unsafe try pruning?.index(bytes, rows: input.rows - Int(words), path: path)
    if settings.kind == .supervised { unsafe try checkOutput(reader) }
  }

  private static func matrix(
    _ reader: inout FastTextReader, isQuantised: Bool, _ settings: FastTextSettings
  ) throws(Fault) -> FastTextMatrix {
    unsafe isQuantised
      ? try FastTextMatrix(quantised: &reader, columns: settings.dim)
      : try FastTextMatrix(dense: &reader, columns: settings.dim)
  }

  private static func settings(
    _ reader: inout FastTextReader, version: Int32
  ) throws(Fault) -> FastTextSettings {
    var settings = FastTextSettings()
    func next(
      _ reader: inout FastTextReader, _ name: String, _ range: ClosedRange<Int32>
    ) throws(Fault) -> Int32 {
      let number = unsafe try reader.number(Int32.self)
      guard range.contains(number) else {
        throw unsafe reader.malformed("\(name) is \(number)", before: 4)
      }
      return number
    }
    let any = Int32.min...Int32.max
    settings.dim = unsafe try next(&reader, "dim", 1...dimLimit)
    settings.ws = unsafe try next(&reader, "ws", any)
    settings.epoch = unsafe try next(&reader, "epoch", any)
    settings.minCount = unsafe try next(&reader, "minCount", any)
    settings.neg = unsafe try next(&reader, "neg", any)
    settings.wordNgrams = unsafe try next(&reader, "wordNgrams", Int32.min...lengthLimit)
    let loss = unsafe try next(&reader, "loss", 1...4)
    settings.loss = FastTextSettings.Loss(rawValue: loss) ?? .softmax
    let kind = unsafe try next(&reader, "model", 1...3)
    settings.kind = FastTextSettings.Kind(rawValue: kind) ?? .supervised
    settings.bucket = unsafe try next(&reader, "bucket", 0...Int32.max)
    settings.minn = unsafe try next(&reader, "minn", any)
    settings.maxn = unsafe try next(&reader, "maxn", Int32.min...lengthLimit)
    settings.lrUpdateRate = unsafe try next(&reader, "lrUpdateRate", any)
    settings.t = unsafe try reader.number(Double.self)
    // Classifiers of that version knew no character n-grams, whatever their file says.
    if version == 11 && settings.kind == .supervised { settings.maxn = 0 }
    guard settings.bucket > 0 || (settings.maxn <= 0 && settings.wordNgrams < 2) else {
      throw unsafe reader.malformed("n-grams without a bucket", before: 24)
    }
    return settings
  }

  /// Whether the matrices have the rows that the vocabulary and the n-grams ask for.
  private func checkRows(_ path: String) throws(Fault) {
    var wanted = vocabulary.words
    if pruning == nil && (settings.maxn > 0 || settings.wordNgrams > 1) {
      wanted += Int(settings.bucket)
    }
    guard input.rows >= wanted, input.rows <= Int(UInt32.max) else {
      throw Fault(
        path, at: UInt64(input.start),
        .malformed("an input matrix of \(input.rows) rows, where \(wanted) are needed"))
    }
    guard settings.kind == .supervised else { return }
    guard vocabulary.labels > 0 else {
      throw Fault(path, at: UInt64(vocabulary.start), .malformed("a classifier without labels"))
    }
    guard output.rows == vocabulary.labels else {
      throw Fault(
        path, at: UInt64(output.start),
        .malformed("an output matrix of \(output.rows) rows for \(vocabulary.labels) labels"))
    }
  }

  /// All of the output matrix is read for any text, so that it may as well be looked at now.
  private func checkOutput(_ reader: borrowing FastTextReader) throws(Fault) {
    guard output.quantiser == nil else { return }
    let count = output.rows * output.columns
    if let place = unsafe reader.firstNotFinite(at: output.floats, count: count) {
      throw unsafe Fault(
        reader.path, at: UInt64(place), .malformed("an output matrix with a number not finite"))
    }
  }
}
