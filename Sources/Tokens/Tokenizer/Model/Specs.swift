import Ground

/// The settings a vocabulary was trained with, as its model file tells them.
///
/// Names and defaults are SentencePiece's; settings that nothing here reads are kept as they are.
public struct TrainerSpec: Equatable, Sendable {
  public enum ModelType: Int, Sendable {
    case unigram = 1
    case bpe = 2
    case word = 3
    case character = 4
  }

  var message: WireMessage

  /// - Throws: `Fault` at the first known field that is not of its type.
  init(reading reader: consuming WireReader) throws(Fault) {
    message = try WireMessage(reader) { number in
      switch number {
      case 1, 2, 5, 7, 30, 31, 36, 44...48, 53, 54: .bytes
      case 10, 15, 51: .fixed32
      case 3, 4, 6, 11...14, 16...26, 32...35, 40...43, 49, 50, 52, 55: .varint
      default: nil
      }
    }
  }

  init(_ message: WireMessage) { self.message = message }

  public init() { self.init(WireMessage()) }

  /// Nil where the file names a type that does not exist.
  public var modelType: ModelType? {
    get { ModelType(rawValue: message.number(3, default: 1)) }
    set { message.set(3, newValue.map { [.varint(UInt64($0.rawValue))] } ?? []) }
  }
  public var vocabSize: Int { message.number(4, default: 8000) }
  public var characterCoverage: Float { message.float(10, default: 0.9995) }
  public var maxSentenceLength: Int { message.number(18, default: 4192) }
  public var maxPieceLength: Int { message.number(20, default: 16) }
  public var splitByUnicodeScript: Bool { message.flag(21, default: true) }
  public var splitByWhitespace: Bool { message.flag(22, default: true) }
  public var splitByNumber: Bool { message.flag(23, default: true) }
  public var treatWhitespaceAsSuffix: Bool { message.flag(24, default: false) }
  public var splitDigits: Bool { message.flag(25, default: false) }
  public var allowWhitespaceOnlyPieces: Bool { message.flag(26, default: false) }
  public var byteFallback: Bool { message.flag(35, default: false) }
  public var unknownID: Int { message.number(40, default: 0) }
  public var beginID: Int { message.number(41, default: 1) }
  public var endID: Int { message.number(42, default: 2) }
  public var padID: Int { message.number(43, default: -1) }
  /// What an unknown piece reads as in decoded text: U+2047 between spaces.
  public var unknownSurface: [UInt8] { message.bytes(44) ?? Array(" \u{2047} ".utf8) }
}

/// What is done to text before it is cut into pieces.
public struct NormalizerSpec: Equatable, Sendable {
  var message: WireMessage

  /// - Throws: `Fault` at the first known field that is not of its type.
  init(reading reader: consuming WireReader) throws(Fault) {
    message = try WireMessage(reader) { number in
      switch number {
      case 1, 2, 6: .bytes
      case 3...5: .varint
      default: nil
      }
    }
  }

  /// The identity, which changes nothing but spaces.
  public init(addDummyPrefix: Bool = true, removingExtraWhitespaces: Bool = false) {
    self.init(
      name: "identity", charsmap: [], addDummyPrefix: addDummyPrefix,
      removingExtraWhitespaces: removingExtraWhitespaces)
  }

  /// Rules with a name of their own, such as `nmt_nfkc`, as `NormalizationRules` compiles them.
  public init(
    name: String, charsmap: [UInt8], addDummyPrefix: Bool = true,
    removingExtraWhitespaces: Bool = true
  ) {
    message = WireMessage()
    message.set(1, [.bytes(Array(name.utf8))])
    message.set(2, [.bytes(charsmap)])
    message.set(3, [.varint(addDummyPrefix ? 1 : 0)])
    message.set(4, [.varint(removingExtraWhitespaces ? 1 : 0)])
    message.set(6, [.bytes([])])
  }

  func serialized() -> [UInt8] {
    var bytes: [UInt8] = []
    message.write(to: &bytes)
    return bytes
  }

  public var name: String { String(decoding: message.bytes(1) ?? [], as: UTF8.self) }
  /// Compiled replacement rules; empty for the identity.
  public var precompiledCharsmap: [UInt8] { message.bytes(2) ?? [] }
  public var addDummyPrefix: Bool { message.flag(3, default: true) }
  public var removeExtraWhitespaces: Bool { message.flag(4, default: true) }
  public var escapeWhitespaces: Bool { message.flag(5, default: true) }
}

extension WireMessage {
  func number(_ field: Int, default standard: Int) -> Int {
    guard case .varint(let bits) = self[field] else { return standard }
    return Int(Int32(truncatingIfNeeded: bits))
  }

  func flag(_ field: Int, default standard: Bool) -> Bool {
    guard case .varint(let bits) = self[field] else { return standard }
    return bits != 0
  }

  func float(_ field: Int, default standard: Float) -> Float {
    guard case .fixed32(let bits) = self[field] else { return standard }
    return Float(bitPattern: bits)
  }

  func bytes(_ field: Int) -> [UInt8]? {
    guard case .bytes(let bytes) = self[field] else { return nil }
    return bytes
  }
}
