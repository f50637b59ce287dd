internal import Ground

/// Labelled lines in memory: each different token once, and lines as numbers of tokens.
///
/// Tokens are read once and never again: an epoch of training is a walk over numbers. A token takes
/// four bytes, a line 24 more, and a different token its bytes and some forty more.
struct TrainingText: ~Copyable {
  /// A line that has both words and labels.
  struct Line: BitwiseCopyable {
    /// Where its words and its labels begin among those of all lines.
    var words: Int
    var labels: Int
    /// Tokens it counts for in the schedule: its own and those of lines before it that teach nothing.
    var tokens: Int
  }

  private(set) var table: TokenTable
  private(set) var counts = FastTextTextCounts()
  private(set) var wordCount = 0
  private(set) var labelCount = 0
  private(set) var lineCount = 0
  /// The numbers of the words of all kept lines, one line behind the other.
  private var words = Room<UInt32>(1 << 12)
  private var labels = Room<UInt32>(1 << 8)
  private var lines = Room<Line>(1 << 8)
  private var skippedTokens = 0
  /// By turn, the line that is taken, where they are shuffled.
  private var order = Room<UInt32>(1)
  private var isShuffled = false
  private let labelPrefix: [UInt8]
  /// The number of `</s>`.
  let endOfLine: Int
  /// By token number: true for labels.
  private var isLabel = Room<Bool>(1 << 10)
  private var known = 0

  init(labelPrefix: String) {
    self.labelPrefix = Array(labelPrefix.utf8)
    var table = TokenTable()
    endOfLine = unsafe FastTextTokens.endOfLine.withUnsafeBufferPointer { bytes in
      unsafe table.number(of: bytes, times: 0)
    }
    self.table = table
    learn(endOfLine)
  }

  var memoryInUse: Int {
    table.memoryInUse + 4 * words.capacity + 4 * labels.capacity
      + MemoryLayout<Line>.stride * lines.capacity + 4 * lineCount
  }

  /// Reads the lines of a file, plain or compressed.
  ///
  /// - Throws: `Fault` where it cannot be read, or a line or all the text is too long for `memory`
  ///   bytes.
  mutating func read(_ path: String, memory: Int?) throws(Fault) {
    let reader = try openDecoded(path)
    var line: [UInt8] = []
    while let piece = try reader.readLine(into: &line) {
      guard piece == .whole else { throw reader.fault(.tooLong(limit: reader.limit)) }
      counts.bytes += line.count + 1
      add(line)
      if counts.lines & 0xfff == 0 { try check(memory, reader) }
    }
    try check(memory, reader)
  }

  private func check(_ memory: Int?, _ reader: BufferedReader) throws(Fault) {
    guard table.count < Int(Int32.max) else {
      throw reader.fault(.unusable("more than 2³¹ different tokens"))
    }
    guard let memory, memoryInUse > memory else { return }
    throw reader.fault(
      .unusable(
        "the text up to here takes \(memoryInUse) bytes of memory, and training may use \(memory): "
          + "give it more, or less text"))
  }

  /// Adds a line without its line feed; a `</s>` among the tokens ends a line too.
  mutating func add(_ line: [UInt8]) {
    unsafe line.withUnsafeBufferPointer { bytes in unsafe add(bytes) }
  }

  private mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) {
    counts.lines += 1
    var start = Line(words: wordCount, labels: labelCount, tokens: 0)
    words.reserve(wordCount + bytes.count / 2 + 2, keeping: wordCount)
    var tokens = unsafe FastTextTokens(bytes)
    while let token = unsafe tokens.next() {
      start.tokens &+= 1
      switch unsafe token {
      case .endOfLine: endLine(&start)
      case .word(let bytes):
        let token = unsafe table.number(of: bytes)
        if token >= known { learn(token) }
        if isLabel[token] {
          labels.reserve(labelCount + 1, keeping: labelCount)
          labels[labelCount] = UInt32(truncatingIfNeeded: token)
          labelCount &+= 1
        } else {
          words[wordCount] = UInt32(truncatingIfNeeded: token)
          wordCount &+= 1
        }
      }
    }
    start.tokens += 1
    endLine(&start)
  }

  /// Ends a line, keeps it if it has a label, and makes `line` the beginning of the next.
  private mutating func endLine(_ line: inout Line) {
    table.countAgain(endOfLine)
    words[wordCount] = UInt32(endOfLine)
    wordCount += 1
    counts.tokens += line.tokens
    if labelCount == line.labels {
      counts.unlabelledLines += 1
      skippedTokens += line.tokens
      wordCount = line.words
    } else {
      lines.reserve(lineCount + 1, keeping: lineCount)
      line.tokens += skippedTokens
      skippedTokens = 0
      lines[lineCount] = line
      lineCount += 1
    }
    line = Line(words: wordCount, labels: labelCount, tokens: 0)
  }

  private mutating func learn(_ token: Int) {
    isLabel.reserve(token + 1, keeping: known)
    isLabel[token] = unsafe FastTextTokens.isLabel(table[token], prefix: labelPrefix)
    known = token + 1
  }

  /// Takes the lines in an order that depends on their number and `seed` alone.
  mutating func shuffle(seed: UInt64) {
    var dice = SplitMix(seed: seed)
    order.reserve(lineCount)
    for line in 0..<lineCount {
      let other = dice.below(line + 1)
      order[line] = order[other]
      order[other] = UInt32(truncatingIfNeeded: line)
    }
    isShuffled = true
  }

  /// The line that is taken in a turn.
  @inline(__always)
  private func line(_ turn: Int) -> Int { isShuffled ? Int(order[turn]) : turn }

  func isLabel(_ token: Int) -> Bool { isLabel[token] }

  /// The words of the line of a turn, by number.
  @inline(__always)
  func words(of turn: Int) -> UnsafeBufferPointer<UInt32> {
    let line = line(turn)
    let start = lines[line].words
    let end = line &+ 1 < lineCount ? lines[line &+ 1].words : wordCount
    return unsafe UnsafeBufferPointer(start: words.start + start, count: end &- start)
  }

  /// The labels of the line of a turn, by token number.
  @inline(__always)
  func labels(of turn: Int) -> UnsafeBufferPointer<UInt32> {
    let line = line(turn)
    let start = lines[line].labels
    let end = line &+ 1 < lineCount ? lines[line &+ 1].labels : labelCount
    return unsafe UnsafeBufferPointer(start: labels.start + start, count: end &- start)
  }

  /// fastText's hashes of words, in room of the caller's.
  func hashes(of words: UnsafeBufferPointer<UInt32>, in room: inout Room<UInt32>)
    -> UnsafeBufferPointer<UInt32>
  {
    room.reserve(words.count)
    for index in words.indices { room[index] = table.hash(of: Int(unsafe words[index])) }
    return unsafe UnsafeBufferPointer(start: room.start, count: words.count)
  }

  func tokens(of turn: Int) -> Int { lines[line(turn)].tokens }
}

/// What a training text had in it.
public struct FastTextTextCounts: Equatable, Sendable {
  public var lines = 0
  /// Bytes, decompressed.
  public var bytes = 0
  /// Words and labels, and one end a line.
  public var tokens = 0
  /// Lines, or parts of lines between `</s>`, without a label; they count for the vocabulary only.
  public var unlabelledLines = 0

  public init() {}
}
