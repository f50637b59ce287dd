/// Which strings may become pieces, and hence where text can be cut before its parts are counted.
///
/// A piece has at most `maxPieceLength` characters, is of one script, has a space only at one end
/// or is spaces alone, and has no digit beside another character; as far as the settings say so.
///
/// - SeeAlso: google/sentencepiece `src/trainer_interface.cc`, `IsValidSentencePiece`.
struct PieceRules: Sendable {
  /// A scalar's class is its script's number in `ScriptTable`, or one of these.
  enum Class {
    static let common: UInt8 = 0
    /// Goes with every script.
    static let any: UInt8 = 250
    /// Takes the script of what stands before it, such as U+0301.
    static let inherited: UInt8 = 251
    static let mark: UInt8 = 252
    /// Stands alone in its piece: a digit under `splitDigits`.
    static let lone: UInt8 = 253
    /// Is never in a piece: U+001F, which stands for control pieces in the text.
    static let boundary: UInt8 = 254
    static let null: UInt8 = 255
  }

  /// What decides whether a string can be joined with another.
  struct Shape: Sendable {
    var length: UInt16
    /// The first script in it, `any` for a digit of no script, `inherited` for none at all.
    var first: UInt8
    /// The script that an inherited character after it would take.
    var last: UInt8
    var beginsWithMark = false
    var endsWithMark = false
    var isMarks = false
    var isLone = false
  }

  let settings: TrainerSettings
  /// By scalar, its class.
  let classes: [UInt8]
  /// By the classes of two scalars side by side, 1 where some piece can have both.
  private(set) var joins: [UInt8]

  init(_ settings: TrainerSettings) {
    self.settings = settings
    classes = scalarClasses(settings)
    joins = Array(repeating: 0, count: 1 << 16)
    for left in 0...255 {
      for right in 0...255 where canJoin(UInt8(left), UInt8(right)) { joins[left << 8 | right] = 1 }
    }
  }

  /// The class of a scalar of normalised text, where U+0020 stands for U+2581.
  @inline(__always)
  func scalarClass(_ scalar: UInt32) -> UInt8 { classes[Int(scalar)] }

  /// False where no piece has scalars of these classes side by side.
  @inline(__always)
  func isJoined(_ left: UInt8, _ right: UInt8) -> Bool { joins[Int(left) << 8 | Int(right)] != 0 }

  private func canJoin(_ left: UInt8, _ right: UInt8) -> Bool {
    if left >= Class.lone || right >= Class.lone { return false }
    if left == Class.mark && right == Class.mark {
      return !settings.splitByWhitespace || settings.allowWhitespaceOnlyPieces
    }
    if left == Class.mark || right == Class.mark {
      // A mark goes with the word on one side of it.
      return !settings.splitByWhitespace
        || (left == Class.mark) != settings.treatWhitespaceAsSuffix
    }
    return left == right || left >= Class.any || right >= Class.any
  }

  /// The shape of a single scalar, or nil where it is in no piece but its own.
  func shape(of scalar: UInt32) -> Shape {
    let kind = scalarClass(scalar)
    switch kind {
    case Class.mark:
      return Shape(
        length: 1, first: Class.inherited, last: Class.any, beginsWithMark: true,
        endsWithMark: true, isMarks: true)
    case Class.inherited: return Shape(length: 1, first: kind, last: Class.any)
    case Class.lone...: return Shape(length: 1, first: Class.any, last: Class.any, isLone: true)
    default: return Shape(length: 1, first: kind, last: kind)
    }
  }

  /// The shape of two pieces joined, or nil where the whole may not be a piece.
  func join(_ left: Shape, _ right: Shape) -> Shape? {
    if left.isLone || right.isLone { return nil }
    let length = left.length + right.length
    if Int(length) > settings.maxPieceLength { return nil }
    let isMarks = left.isMarks && right.isMarks
    if !(isMarks && settings.allowWhitespaceOnlyPieces) {
      let isRefused =
        switch (settings.splitByWhitespace, settings.treatWhitespaceAsSuffix) {
        // Pieces have marks at one end only, so these see every mark.
        case (true, false): right.beginsWithMark || (left.isMarks && left.length > 1)
        case (true, true): left.endsWithMark || (right.isMarks && right.length > 1)
        case (false, false): right.endsWithMark
        case (false, true): left.beginsWithMark
        }
      if isRefused { return nil }
    }
    if left.last != Class.any, right.first < Class.any, left.last != right.first { return nil }
    return Shape(
      length: length,
      first: left.first == Class.inherited ? right.first : left.first,
      last: right.first == Class.inherited ? left.last : right.last,
      beginsWithMark: left.beginsWithMark, endsWithMark: right.endsWithMark, isMarks: isMarks)
  }
}

private func scalarClasses(_ settings: TrainerSettings) -> [UInt8] {
  typealias Class = PieceRules.Class
  var classes = [UInt8](repeating: Class.common, count: 0x11_0000)
  let han = number(ofScript: "Han")
  let folded = [number(ofScript: "Hiragana"), number(ofScript: "Katakana")]
  let inherited = number(ofScript: "Inherited")
  for (index, entry) in ScriptTable.starts.enumerated() {
    let next = index + 1
    let end = next < ScriptTable.starts.count ? Int(ScriptTable.starts[next] >> 8) : 0x11_0000
    let script = UInt8(truncatingIfNeeded: entry)
    let kind =
      script == inherited
      ? Class.inherited
      : !settings.splitByUnicodeScript ? Class.any : folded.contains(script) ? han : script
    for scalar in Int(entry >> 8)..<end { classes[scalar] = kind }
  }
  classes[0x30fc] = settings.splitByUnicodeScript ? han : Class.any  // the long vowel mark
  let digits = Array(0x30...0x39) + Array(0xff10...0xff19)
  for digit in digits {
    if settings.splitDigits {
      classes[digit] = Class.lone
    } else if !settings.splitByNumber {
      classes[digit] = Class.any
    }
  }
  classes[0x20] = Class.mark
  classes[Int(spaceMark)] = Class.mark
  classes[0x1f] = Class.boundary
  classes[0] = Class.null
  return classes
}

private func number(ofScript name: String) -> UInt8 {
  UInt8(ScriptTable.names.firstIndex(of: name) ?? 0)
}
