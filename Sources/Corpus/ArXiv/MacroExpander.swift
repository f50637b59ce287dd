/// Replaces a paper's own commands by what they stand for, and takes their definitions out.
///
/// Works as TeX does, from left to right with definitions in force from where they stand, but
/// without grouping, counters or conditionals. Blanks behind a command stay, which TeX would drop.
///
/// - Complexity: O(n): a use that grows beyond its bounds is undone, its command left as written
///   from there on, and all such work together is bounded by the length of the text.
struct MacroExpander {
  private(set) var output: [UInt8] = []
  /// True where a command was left as written because it grew too large.
  private(set) var hitLimit = false
  var table: MacroTable

  private var frames: [Frame] = []
  private var verbatim = Verbatim()
  /// The command in the text itself that is being expanded.
  private var use: Use?
  private var spent = 0
  /// True where what comes next was not beside what is written already.
  private var isSeam = false

  private struct Frame {
    let bytes: [UInt8]
    var position = 0
  }

  private struct Use {
    var name: [UInt8]
    var position: Int
    var outputCount: Int
  }

  /// Expansions within expansions; ours: hand-written commands need about ten.
  private static let maximumDepth = 100
  /// Bytes that one use in the text may grow to, all steps counted; ours.
  private static let maximumUse = 1 << 18
  /// What each step costs, so that empty ones end as well.
  private static let stepCost = 16

  init(_ table: MacroTable) { self.table = table }

  /// Expands `text` and appends it to `output`.
  mutating func expand(_ text: [UInt8]) {
    frames = [Frame(bytes: text)]
    output.reserveCapacity(output.count + text.count)
    table.atIsLetter = false
    while step() {}
  }

  /// Copies up to the next command and deals with it; false at the end.
  private mutating func step() -> Bool {
    dropFinished()
    let bytes = frames[frames.count - 1].bytes
    let start = frames[frames.count - 1].position
    guard start < bytes.count else { return false }
    let hit = bytes.nextBackslash(start)
    if hit > start { emit(bytes[start..<hit]) }
    frames[frames.count - 1].position = hit
    guard hit < bytes.count else { return true }
    let end = bytes.controlEnd(hit, atIsLetter: table.atIsLetter)
    frames[frames.count - 1].position = end
    if frames.count == 1, let close = verbatim.end(in: bytes, at: hit) {
      emit(bytes[hit..<close])
      frames[0].position = close
      return true
    }
    let name = bytes[hit + 1..<end]
    switch table.budget > 0 ? table[name] : nil {
    case .definer(let definer)?:
      if let next = table.define(definer, in: bytes, at: end) {
        frames[frames.count - 1].position = afterEmptyLine(bytes, next)
        isSeam = true
      } else {
        emit(bytes[hit..<end])
      }
    case .macro(let macro)?:
      if frames.count == 1 {
        use = Use(name: Array(name), position: end, outputCount: output.count)
        spent = 0
      }
      apply(macro, named: name)
    case .quoting(let count)?:
      let next = afterCommands(count, in: bytes, from: end)
      emit(bytes[hit..<next])
      frames[frames.count - 1].position = next
    case nil: emit(bytes[hit..<end])
    }
    return true
  }

  /// The place behind the next `count` commands, or before what is none.
  private func afterCommands(_ count: Int, in bytes: [UInt8], from start: Int) -> Int {
    var end = start
    for _ in 0..<count {
      let next = bytes.afterBlanks(end)
      guard next < bytes.count, bytes[next] == UInt8(ascii: "\\") else { break }
      end = bytes.controlEnd(next, atIsLetter: table.atIsLetter)
    }
    return end
  }

  private mutating func dropFinished() {
    while frames.count > 1,
      frames[frames.count - 1].position == frames[frames.count - 1].bytes.count
    {
      frames.removeLast()
      isSeam = true
    }
  }

  private mutating func emit(_ bytes: ArraySlice<UInt8>) {
    if isSeam, let first = bytes.first {
      if isLetter(first), output.endsWithName { output.append(0x20) }
      isSeam = false
    }
    output.append(contentsOf: bytes)
  }

  /// The end of a line that a definition alone stood on, else `next`.
  private func afterEmptyLine(_ bytes: [UInt8], _ next: Int) -> Int {
    guard output.isEmpty || output.last == 0x0a else { return next }
    var end = next
    while end < bytes.count, isBlank(bytes[end]) { end += 1 }
    return end < bytes.count && bytes[end] == 0x0a ? end + 1 : next
  }

  private mutating func apply(_ macro: Macro, named name: ArraySlice<UInt8>) {
    if macro.isFinal {
      pay(macro.body.count)
      isSeam = true
      emit(macro.body[...])
      isSeam = true
      return
    }
    // Arguments may lie beyond the end of the frame, so all frames are put back if one is missing.
    let before = frames
    var macro = macro
    if let starred = macro.starred, skip([UInt8(ascii: "*")]) { macro.body = starred }
    guard let given = arguments(of: macro) else {
      frames = before
      emit([UInt8(ascii: "\\")] + name)
      return
    }
    if macro.arguments == 0 { skipEmptyGroup() }
    let expanded = macro.expanded(given)
    guard pay(expanded.count), frames.count < Self.maximumDepth else {
      undo()
      return
    }
    isSeam = true
    frames.append(Frame(bytes: expanded))
  }

  /// The arguments that follow; nil where one is missing.
  private mutating func arguments(of macro: Macro) -> [[UInt8]]? {
    var given: [[UInt8]] = []
    if let fallback = macro.fallback { given.append(readOption() ?? fallback) }
    if let parameters = macro.parameters, !skip(parameters.prefix) { return nil }
    while given.count < macro.arguments {
      let delimiter = macro.parameters?.delimiters[given.count] ?? []
      guard let argument = delimiter.isEmpty ? readArgument() : read(upTo: delimiter) else {
        return nil
      }
      given.append(argument)
    }
    return given
  }

  /// Counts work against the bounds; false where they are passed.
  @discardableResult
  private mutating func pay(_ bytes: Int) -> Bool {
    spent += bytes + Self.stepCost
    table.budget -= bytes + Self.stepCost
    return spent <= Self.maximumUse && table.budget > 0
  }

  /// Goes back to the command in the text, which stays as written from here on.
  private mutating func undo() {
    hitLimit = true
    guard let use else { return }
    frames.removeSubrange(1...)
    frames[0].position = use.position
    output.removeSubrange(use.outputCount...)
    table[use.name] = nil
    isSeam = true
    emit([UInt8(ascii: "\\")] + use.name)
  }

  /// Passes over the `{}` that ends a command's name, unless it carries an index.
  private mutating func skipEmptyGroup() {
    let bytes = frames[frames.count - 1].bytes
    let start = frames[frames.count - 1].position
    guard bytes.has("{}", at: start) else { return }
    let next = start + 2 < bytes.count ? bytes[start + 2] : 0x20
    if next != UInt8(ascii: "^") && next != UInt8(ascii: "_") {
      frames[frames.count - 1].position = start + 2
    }
  }

  /// The optional argument, where one follows.
  private mutating func readOption() -> [UInt8]? {
    dropFinished()
    let bytes = frames[frames.count - 1].bytes
    let open = bytes.afterBlanks(frames[frames.count - 1].position)
    guard open < bytes.count, bytes[open] == UInt8(ascii: "["), table.budget > 0 else { return nil }
    let end = bytes.optionEnd(open)
    pay((end ?? bytes.count) - open)
    guard let end else { return nil }
    frames[frames.count - 1].position = end
    return Array(bytes[open + 1..<end - 1])
  }

  /// Passes over what stands before the first argument; false where something else does.
  private mutating func skip(_ prefix: [UInt8]) -> Bool {
    guard !prefix.isEmpty else { return true }
    dropFinished()
    let bytes = frames[frames.count - 1].bytes
    let start = bytes.afterBlanks(frames[frames.count - 1].position)
    guard MacroParameters.stands(prefix, in: bytes, at: start) else { return false }
    frames[frames.count - 1].position = start + prefix.count
    return true
  }

  /// The argument up to `delimiter`, without the braces where it is one group.
  private mutating func read(upTo delimiter: [UInt8]) -> [UInt8]? {
    dropFinished()
    let bytes = frames[frames.count - 1].bytes
    let start = frames[frames.count - 1].position
    guard table.budget > 0 else { return nil }
    let found = MacroParameters.find(delimiter, in: bytes, from: start)
    pay((found?.upperBound ?? bytes.count) - start)
    guard let found else { return nil }
    frames[frames.count - 1].position = found.upperBound
    let isGroup = bytes[start] == 0x7b && bytes.groupEnd(start) == found.lowerBound
    return Array(
      isGroup ? bytes[start + 1..<found.lowerBound - 1] : bytes[start..<found.lowerBound])
  }

  /// The next argument: a group, a command or a character; nil before an empty line or a `}`.
  private mutating func readArgument() -> [UInt8]? {
    while true {
      dropFinished()
      let bytes = frames[frames.count - 1].bytes
      let start = frames[frames.count - 1].position
      let next = bytes.afterBlanks(start)
      if bytes[start..<next].count(where: { $0 == 0x0a }) > 1 || table.budget <= 0 { return nil }
      guard next < bytes.count else {
        guard frames.count > 1 else { return nil }
        frames[frames.count - 1].position = next
        continue
      }
      let end: Int
      switch bytes[next] {
      case UInt8(ascii: "}"): return nil
      case UInt8(ascii: "\\"): end = bytes.controlEnd(next, atIsLetter: table.atIsLetter)
      case UInt8(ascii: "{"):
        let close = bytes.groupEnd(next)
        pay((close ?? bytes.count) - next)
        guard let close else { return nil }
        frames[frames.count - 1].position = close
        return Array(bytes[next + 1..<close - 1])
      default:
        var after = next + 1
        while after < bytes.count, bytes[after] & 0xc0 == 0x80 { after += 1 }
        end = after
      }
      frames[frames.count - 1].position = end
      return Array(bytes[next..<end])
    }
  }
}
