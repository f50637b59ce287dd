public import Ground

/// Makes of a text what a model's pieces are cut from, exactly as SentencePiece 0.2.3 does.
///
/// In this order at every place: a user-defined piece is kept as it stands; the longest rule of the
/// model's map is applied; a malformed byte becomes U+FFFD. On the way spaces at the ends and side by
/// side are dropped if the model says so, and one is put in front (or behind) for the first word to
/// look like the others.
///
/// Inside this library one byte, 0x20, stands for a space *and* for U+2581 where the model writes
/// spaces so, which is nearly always: text gets shorter, and no space is left to mistake it for.
///
/// - SeeAlso: google/sentencepiece `src/normalizer.cc`.
public struct Normalizer: Sendable {
  /// True where spaces become U+2581, which normalised text then has as 0x20.
  package let marksSpaces: Bool
  private let charsmap: Charsmap?
  private let symbols: DoubleArray?
  private let addsPrefix: Bool
  private let addsSuffix: Bool
  private let dropsSpaces: Bool
  /// What can be said of a byte before anything is looked up.
  private let kinds: [Kind]
  /// True where all of ASCII from space to tilde is copied, if ASCII follows.
  private let copiesASCII: Bool

  private enum Kind: UInt8 {
    /// Is copied.
    case plain
    /// Is copied if the next byte is ASCII or there is none.
    case plainBeforeASCII
    /// Begins a scalar that is not ASCII, and that the map must be asked for.
    case wide
    /// May begin a user-defined piece, or is ASCII with a rule of its own.
    case special
  }

  /// SentencePiece looks at so many nested symbols.
  static let symbolLimit = 64

  /// The normalizer of a model, which keeps its user-defined pieces whole.
  public init(_ model: TokenizerModel, file: String = "tokenizer.model") throws(Fault) {
    try self.init(
      model.normalizer, spaceIsSuffix: model.trainer.treatWhitespaceAsSuffix,
      keeping: model.pieces.lazy.filter { $0.kind == .userDefined }.map(\.bytes), file: file)
  }

  /// - Parameters:
  ///   - spec: What is to be done.
  ///   - spaceIsSuffix: True where the space that is added comes last, not first.
  ///   - symbols: Strings that are never changed, but for the spaces in them.
  ///   - file: What a fault names.
  /// - Throws: `Fault` naming `file` where the map is broken or a symbol cannot be.
  public init(
    _ spec: NormalizerSpec, spaceIsSuffix: Bool = false,
    keeping symbols: some Sequence<[UInt8]> = [],
    file: String
  ) throws(Fault) {
    let map = spec.precompiledCharsmap
    charsmap = map.isEmpty ? nil : try Charsmap(map, file: file)
    addsPrefix = spec.addDummyPrefix && !spaceIsSuffix
    addsSuffix = spec.addDummyPrefix && spaceIsSuffix
    dropsSpaces = spec.removeExtraWhitespaces
    marksSpaces = spec.escapeWhitespaces
    let keys = symbols.sorted { $0.lexicographicallyPrecedes($1) }
    var begins = [Bool](repeating: false, count: 256)
    for key in keys {
      guard let first = key.first else { continue }
      begins[Int(first)] = true
    }
    if keys.isEmpty {
      self.symbols = nil
    } else {
      let numbered = keys.enumerated().map { (bytes: $1, value: $0) }
      guard let trie = DoubleArrayBuilder.build(numbered) else {
        throw Fault(file, at: 0, .unusable("a user-defined piece is empty, doubled or has a NUL"))
      }
      self.symbols = trie
    }
    let touched = charsmap?.isTouchedInASCII
    let hasMap = charsmap != nil
    let kinds = (0..<256).map { byte -> Kind in
      if begins[byte] || byte < 128 && touched?[byte] == true { return .special }
      if byte >= 128 { return .wide }
      return hasMap ? .plainBeforeASCII : .plain
    }
    self.kinds = kinds
    copiesASCII = kinds[0x20..<0x7f].allSatisfy { $0 != .special }
  }

  /// Appends the normalised form of `text` to `output`, with 0x20 for U+2581 where `marksSpaces`.
  ///
  /// - Complexity: O(n) in the bytes of `text`, times at most the longest rule.
  package func normalize(_ text: Span<UInt8>, into output: inout [UInt8]) {
    var origins: [Int] = []
    normalize(text, into: &output, &origins, tracks: false)
  }

  /// Appends the normalised form of `text` to `output`, and to `origins` for each of its bytes where
  /// in `text` that begins which it was made from; at last, where the last of them ends.
  package func normalize(
    _ text: Span<UInt8>, into output: inout [UInt8], origins: inout [Int]
  ) {
    normalize(text, into: &output, &origins, tracks: true)
  }

  /// The normalised form as SentencePiece shows it, with U+2581.
  public func normalized(_ text: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    normalize(text.span, into: &output)
    guard marksSpaces else { return output }
    var shown: [UInt8] = []
    for byte in output {
      if byte == 0x20 { shown += spaceMarkBytes } else { shown.append(byte) }
    }
    return shown
  }

  /// How a piece stands in normalised text; nil where no text can hold it.
  package func form(of piece: [UInt8]) -> [UInt8]? {
    guard marksSpaces else { return piece }
    if piece.contains(0x20) { return nil }
    var text: [UInt8] = []
    text.appendNormalized(piece.span, isValid: true)
    return text
  }

  // MARK: One pass

  @inline(__always)
  private func normalize(
    _ text: Span<UInt8>, into output: inout [UInt8], _ origins: inout [Int], tracks: Bool
  ) {
    var place = 0
    if dropsSpaces { place = endOfSpaces(text) }
    if place == text.count { return }
    let start = output.count
    output.makeRoom(text.count + text.count / 4 + 16)
    if addsPrefix {
      output.append(0x20)
      if tracks { origins.append(place) }
    }
    var isAfterSpace = dropsSpaces
    while place < text.count {
      if isAfterSpace && isPlainSpace(text, at: place) {
        place += 1
        continue
      }
      let end = endOfRun(text, from: place, isAfterSpace)
      if end > place {
        output.append(copying: text.extracting(place..<end))
        if tracks {
          for index in place..<end {  // the bytes of a character all come from its first
            origins.append(text[index] & 0xc0 == 0x80 ? origins[origins.count - 1] : index)
          }
        }
        isAfterSpace = dropsSpaces && text[end - 1] == 0x20
        place = end
        if place == text.count { break }
      }
      let before = output.count
      let length = appendStep(text, at: place, to: &output, &isAfterSpace)
      if tracks { origins.append(contentsOf: repeatElement(place, count: output.count - before)) }
      place += length
    }
    if dropsSpaces {
      while output.count > start, output[output.count - 1] == 0x20 {
        output.removeLast()
        if tracks { place = origins.removeLast() }
      }
    }
    if addsSuffix {
      output.append(0x20)
      if tracks { origins.append(place) }
    }
    if tracks { origins.append(place) }
  }

  /// Where the bytes end that are copied as they are.
  ///
  /// A space that is to be dropped is not among them.
  @inline(__always)
  private func endOfRun(_ text: Span<UInt8>, from start: Int, _ isAfterSpace: Bool) -> Int {
    var place = start
    var dropsNext = isAfterSpace
    while place < text.count {
      if copiesASCII && skipASCII(text, &place, &dropsNext) { continue }
      let byte = text[place]
      if byte == 0x20 {
        if dropsNext { break }
        dropsNext = dropsSpaces
      } else {
        dropsNext = false
      }
      switch kinds[Int(byte)] {
      case .plain: place += 1
      case .plainBeforeASCII:
        if place + 1 < text.count && text[place + 1] >= 0x80 && hasRule(text, at: place) {
          return place
        }
        place += 1
      case .wide:
        guard let length = scalarLength(text, at: place) else { return place }
        let scalar = decodeScalar(text, at: place).scalar
        if scalar == spaceMark && marksSpaces { return place }
        if charsmap?.canBegin(scalar) == true && hasRule(text, at: place) { return place }
        place += length
      case .special: return place
      }
    }
    return place
  }

  /// True where a rule applies.
  @inline(__always)
  private func hasRule(_ text: Span<UInt8>, at place: Int) -> Bool {
    guard let charsmap else { return false }
    return charsmap.match(text, at: place).length > 0
  }

  /// Goes past eight bytes that are copied, if they are ASCII without a control and ASCII follows.
  @inline(__always)
  private func skipASCII(_ text: Span<UInt8>, _ place: inout Int, _ dropsNext: inout Bool) -> Bool {
    guard place + 8 < text.count else { return false }
    let word = unsafe text.bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
    let bytes = UInt64(littleEndian: word)
    let ones: UInt64 = 0x0101_0101_0101_0101
    let tops: UInt64 = 0x80 * ones
    guard (bytes | UInt64(text[place + 8])) & tops == 0 else { return false }
    // No sum reaches the byte above, for all bytes are below 0x80.
    guard (bytes &+ 0x60 &* ones) & ~(bytes &+ ones) & tops == tops else { return false }
    if dropsSpaces {
      let others = bytes ^ (0x20 &* ones)
      let spaces = ~((others & ~tops) &+ (0x7f &* ones)) & tops
      guard spaces & (spaces << 8 | (dropsNext ? 0x80 : 0)) == 0 else { return false }
      dropsNext = spaces >> 63 != 0
    }
    place += 8
    return true
  }

  /// True for a space that no rule and no user-defined piece begins with.
  @inline(__always)
  private func isPlainSpace(_ text: Span<UInt8>, at place: Int) -> Bool {
    guard text[place] == 0x20 else { return false }
    switch kinds[0x20] {
    case .plain: return true
    case .plainBeforeASCII: return place + 1 == text.count || text[place + 1] < 0x80
    case .wide, .special: return false
    }
  }

  /// What is done at one place of the text.
  private enum Step {
    /// So many bytes stay as they are.
    case keep(Int)
    /// So many bytes give way to a replacement.
    case replace(Int, target: Range<Int>)
    /// A byte that is no UTF-8.
    case malformed
  }

  private func step(_ text: Span<UInt8>, at place: Int) -> Step {
    if let symbols {
      let match = symbols.longestMatch(text, at: place, limit: Self.symbolLimit)
      if match.length > 0 { return .keep(match.length) }
    }
    let length = scalarLength(text, at: place)
    if let charsmap, length == nil || charsmap.canBegin(decodeScalar(text, at: place).scalar) {
      let match = charsmap.match(text, at: place)
      if match.length > 0 { return .replace(match.length, target: charsmap.target(match.value)) }
    }
    return length.map(Step.keep) ?? .malformed
  }

  /// Appends what the text at `place` becomes, and says how many bytes that was.
  private func appendStep(
    _ text: Span<UInt8>, at place: Int, to output: inout [UInt8], _ isAfterSpace: inout Bool
  ) -> Int {
    switch step(text, at: place) {
    case .keep(let length):
      append(text.extracting(place..<place + length), to: &output, &isAfterSpace)
      return length
    case .replace(let length, let target):
      if let targets = charsmap?.targets {
        append(targets.span.extracting(target), to: &output, &isAfterSpace)
      }
      return length
    case .malformed:
      output.append(contentsOf: UTF8.encodedReplacementCharacter)
      isAfterSpace = false
      return 1
    }
  }

  /// Appends what a step gave: with fewer spaces, and marks as spaces.
  private func append(
    _ part: Span<UInt8>, to output: inout [UInt8], _ isAfterSpace: inout Bool
  ) {
    var place = 0
    if isAfterSpace {
      while place < part.count && part[place] == 0x20 { place += 1 }
    }
    guard place < part.count else { return }
    if marksSpaces {
      output.appendNormalized(part.extracting(place..<part.count), isValid: true)
    } else {
      output.append(copying: part.extracting(place..<part.count))
    }
    isAfterSpace = dropsSpaces && part[part.count - 1] == 0x20
  }

  /// Where the spaces end that a text begins with, be they spaces only by a rule.
  private func endOfSpaces(_ text: Span<UInt8>) -> Int {
    var place = 0
    while place < text.count {
      switch step(text, at: place) {
      case .keep(1) where text[place] == 0x20: place += 1
      case .replace(let length, let target)
      where target.count == 1 && charsmap?.targets[target.lowerBound] == 0x20:
        place += length
      default: return place
      }
    }
    return place
  }
}

extension Normalizer {
  /// True where what comes out at one place does not depend on what came before.
  var isLocal: Bool { !dropsSpaces && !addsPrefix && !addsSuffix && !marksSpaces }

  /// Appends what the first bytes of `text` become, as far as more text could not change it, and
  /// says how many those are; all of them at the end of the text.
  ///
  /// - Precondition: The normalizer is local, and `text` is well-formed UTF-8.
  func normalizePrefix(_ text: Span<UInt8>, isEnd: Bool, into output: inout [UInt8]) -> Int {
    var place = 0
    var isAfterSpace = false
    while place < text.count {
      let isOpen = charsmap?.match(text, at: place).isOpen == true
      if isOpen && !isEnd { break }
      place += appendStep(text, at: place, to: &output, &isAfterSpace)
    }
    return place
  }
}

extension [UInt8] {
  /// Makes room for `more` without giving up that the array doubles when it grows.
  fileprivate mutating func makeRoom(_ more: Int) {
    if count + more > capacity { reserveCapacity(Swift.max(count + more, 2 * capacity)) }
  }
}
