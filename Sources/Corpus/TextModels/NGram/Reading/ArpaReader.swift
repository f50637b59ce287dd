import Ground

/// Reads a language model as ARPA text: counts of n-grams, then their lines, order by order.
///
/// ```
/// \data\
/// ngram 1=4
/// ngram 2=2
///
/// \1-grams:
/// -0.9   <unk>   0
/// …
/// \end\
/// ```
///
/// The grammar is KenLM's: lines before `\data\` begin with `#`; a tab follows the first number and
/// stands before the last; words are parted by spaces or tabs; a carriage return may end a line.
///
/// - SeeAlso: kpu/kenlm `lm/read_arpa.cc`.
final class ArpaReader {
  /// One n-gram.
  struct Line {
    var logarithm: Float = 0
    /// Negative zero where there is none.
    var backoff: Float = 0
    /// Where its words stand in `bytes`.
    var words: [Range<Int>] = []
  }

  let path: String
  /// N-grams of each order, from 1 on.
  private(set) var counts: [Int] = []
  private(set) var line = Line()
  /// The bytes of the current line.
  private(set) var bytes: [UInt8] = []
  /// Things to tell about this text.
  private(set) var warnings: [String] = []

  private let reader: BufferedReader
  private let rules: ArpaRules
  private var lineStart: UInt64 = 0
  private var hasWarnedOfPositive = false

  init(path: String, rules: ArpaRules) throws(Fault) {
    self.path = path
    self.rules = rules
    reader = try openDecoded(path)
    try readCounts()
    try checkSize()
  }

  /// A fault about the current line.
  func fault(_ what: String) -> Fault { reader.fault(.malformed(what), at: lineStart) }

  func warn(_ what: String) { warnings.append(what) }

  /// Reads a line without its end; false at the end of the text.
  private func nextLine() throws(Fault) -> Bool {
    lineStart = reader.offset
    switch try reader.readLine(into: &bytes) {
    case nil: return false
    case .tooLong: throw reader.fault(.tooLong(limit: 1 << 28), at: lineStart)
    case .whole: break
    }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    return true
  }

  /// Reads on to a line that is not blank.
  private func nextFullLine(expecting what: String) throws(Fault) {
    repeat {
      guard try nextLine() else { throw fault("the text ends before \(what)") }
    } while isBlank
  }

  private var isBlank: Bool { bytes.allSatisfy { $0 == 0x20 || $0 &- 0x09 < 5 } }

  private var text: String { String(decoding: bytes.prefix(80), as: UTF8.self) }

  private func readCounts() throws(Fault) {
    repeat {
      try nextFullLine(expecting: #"\data\"#)
    } while bytes.first == UInt8(ascii: "#")
    guard text == #"\data\"# else { throw fault(foreign) }
    while try nextLine(), !isBlank {
      let fields = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard fields.count == 2, fields[0] == "ngram \(counts.count + 1)",
        let count = UInt64(fields[1].drop { $0 == " " }.prefix { $0 != " " && $0 != "\t" }),
        count <= UInt64(UInt32.max) << 16
      else {
        throw fault("expected \"ngram \(counts.count + 1)=\" and a number, found \"\(text)\"")
      }
      counts.append(Int(count))
    }
    guard (1...NGramHeader.maximumOrder).contains(counts.count) else {
      throw fault("order \(counts.count), not 1 to \(NGramHeader.maximumOrder)")
    }
    guard counts[0] < UInt32.max else {
      throw fault("\(counts[0]) words, more than 32 bits number")
    }
  }

  /// What the first line shows the file to be.
  private var foreign: String {
    if NGramHeader.isBinary(bytes) {
      return "a compressed KenLM binary: decompress it, as it is mapped into memory"
    }
    if bytes.starts(with: Array("blmt".utf8)) || text == "iARPA" {
      return "an IRSTLM model: write it as ARPA text with compile-lm --text yes"
    }
    return #"not a language model: the first line is not \data\, nor does a KenLM binary begin so"#
  }

  /// Compares the counts with the size of a plain file: an n-gram's line has 2 bytes a word and 2 more.
  private func checkSize() throws(Fault) {
    guard try Codec(path: path) == .plain else { return }
    let size = Int(clamping: try fileSize(path))
    var least = 0
    for (place, count) in counts.enumerated() {
      let (product, isTooMuch) = count.multipliedReportingOverflow(by: 2 * place + 4)
      least = isTooMuch || least > .max - product ? .max : least + product
    }
    guard size == 0 || least <= size else {
      throw fault("the counts need \(least) bytes at least, but the file has \(size)")
    }
  }
}

extension ArpaReader {
  /// Reads on to the heading of an order.
  func readHeading(_ order: Int) throws(Fault) {
    let heading = #"\\#(order)-grams:"#
    try nextFullLine(expecting: heading)
    guard text == heading else {
      throw fault("expected \(heading), found \"\(text)\": are the counts right?")
    }
  }

  /// Reads the next n-gram into `line`.
  func readGram(_ order: Int) throws(Fault) {
    try nextFullLine(expecting: "all \(counts[order - 1]) \(order)-grams that it announces")
    line.words.removeAll(keepingCapacity: true)
    let isLongest = order == counts.count
    let bytes = bytes
    let span = bytes.span
    var place = 0
    // KenLM passes over space before the number.
    while place < span.count, parts(span[place]) { place += 1 }
    let start = place
    while place < span.count, !parts(span[place]) { place += 1 }
    guard let logarithm = arpaFloat(span, start..<place) else {
      throw fault("expected a \(order)-gram's logarithm, found \"\(text)\"")
    }
    line.logarithm = try checked(logarithm)
    let follows = place < span.count ? span[place] : 0
    guard follows == UInt8(ascii: "\t") || (order > 1 && follows == 0x20) else {
      throw fault("no tab follows the logarithm in \"\(text)\"")
    }
    for _ in 0..<order {
      while place < span.count, parts(span[place]) { place += 1 }
      let start = place
      while place < span.count, !parts(span[place]) { place += 1 }
      guard start < place else { throw fault("fewer than \(order) words in \"\(text)\"") }
      line.words.append(start..<place)
    }
    line.backoff = -0.0
    guard place < span.count else { return }
    guard span[place] == UInt8(ascii: "\t"),
      let backoff = arpaFloat(span, place + 1..<span.count), backoff.isFinite
    else {
      throw fault("expected a tab and a weight, or nothing, after \(order) words in \"\(text)\"")
    }
    guard !isLongest || backoff == 0 else {
      throw fault("a weight for backing off from a \(order)-gram, which nothing continues")
    }
    // Negative zero means that no longer n-gram begins with this one, until one is seen to.
    if backoff != 0 { line.backoff = backoff }
  }

  @inline(__always)
  private func parts(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }

  private func checked(_ logarithm: Float) throws(Fault) -> Float {
    guard logarithm > 0 else { return logarithm }
    guard rules.clampsPositive else {
      throw fault(
        "a logarithm above 0, \(logarithm): IRSTLM writes such; allow it to take 0 instead")
    }
    if !hasWarnedOfPositive { warn("Logarithms above 0 are taken for 0.") }
    hasWarnedOfPositive = true
    return 0
  }

  /// Reads the end of the text.
  func readEnd() throws(Fault) {
    try nextFullLine(expecting: #"\end\"#)
    guard text == #"\end\"# else {
      throw fault(#"expected \end\, found "\#(text)": are the counts right?"#)
    }
    while try nextLine() {
      guard isBlank else { throw fault(#"something follows \end\: "\#(text)""#) }
    }
  }

  /// The text of a word of the current line.
  func word(_ place: Int) -> [UInt8] { Array(bytes[line.words[place]]) }

  /// The hash of a word of the current line.
  @inline(__always)
  func hash(_ place: Int) -> UInt64 {
    unsafe bytes.withUnsafeBufferPointer {
      unsafe NGramModel.hash(UnsafeBufferPointer(rebasing: $0[line.words[place]]))
    }
  }

  static let unknownHashes: [UInt64] = ["<unk>", "<UNK>"].map { word in
    unsafe Array(word.utf8).withUnsafeBufferPointer { unsafe NGramModel.hash($0) }
  }
}
