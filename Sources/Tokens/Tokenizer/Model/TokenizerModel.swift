public import Ground

/// A vocabulary with what is known of its making: the content of a SentencePiece `tokenizer.model`.
///
/// Reading and writing again gives the same bytes for every model that SentencePiece wrote.
///
/// - SeeAlso: google/sentencepiece `src/sentencepiece_model.proto`.
public struct TokenizerModel: Equatable, Sendable {
  /// One entry of the vocabulary; its id is its place in `pieces`.
  public struct Piece: Equatable, Sendable {
    /// What a piece is for; numbers as in the file.
    public enum Kind: Int, Sendable, CaseIterable {
      case normal = 1
      case unknown = 2
      case control = 3
      case userDefined = 4
      case unused = 5
      case byte = 6
    }

    /// UTF-8, with U+2581 for a space.
    public var bytes: [UInt8]
    /// The greater, the earlier it is merged.
    public var score: Float
    public var kind: Kind

    public init(bytes: [UInt8], score: Float, kind: Kind = .normal) {
      self.bytes = bytes
      self.score = score
      self.kind = kind
    }

    public init(_ text: String, score: Float = 0, kind: Kind = .normal) {
      self.init(bytes: Array(text.utf8), score: score, kind: kind)
    }

    public var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  public var pieces: [Piece] { didSet { source = nil } }
  public var trainer: TrainerSpec { didSet { source = nil } }
  public var normalizer: NormalizerSpec { didSet { source = nil } }
  /// What is done to decoded text at last, in the few models that say so.
  package private(set) var denormalizer: Normalizer?
  /// Top-level fields that are not read here, such as self-test data, and the denormalizer's.
  private var rest = WireMessage()
  /// The file as it was read, until something is changed.
  private var source: [UInt8]?

  public init(pieces: [Piece], trainer: TrainerSpec, normalizer: NormalizerSpec) {
    self.pieces = pieces
    self.trainer = trainer
    self.normalizer = normalizer
  }

  /// Reads the file at `path`, compressed or not.
  public init(path: String) throws(Fault) {
    try self.init(try openDecoded(path).readToEnd(), file: path)
  }

  /// Reads `bytes`, which a fault calls `file`.
  ///
  /// - Throws: `Fault` with the offset of the field that is cut or broken.
  /// - Complexity: O(n) time and memory.
  public init(_ bytes: [UInt8], file: String) throws(Fault) {
    var reader = WireReader(bytes, file: file)
    var pieces: [Piece] = []
    var trainer: TrainerSpec?
    var normalizer: NormalizerSpec?
    while let key = try reader.readKey() {
      switch key.number {
      case 1: pieces.append(try Piece(try reader.readMessage(key), at: key.offset))
      case 2: trainer = try TrainerSpec(reading: try reader.readMessage(key))
      case 3: normalizer = try NormalizerSpec(reading: try reader.readMessage(key))
      case 5:
        var again = reader  // for the bytes are kept as well
        let spec = try NormalizerSpec(reading: try again.readMessage(key))
        denormalizer = spec.precompiledCharsmap.isEmpty ? nil : try Normalizer(spec, file: file)
        rest.append(try reader.readField(key))
      default: rest.append(try reader.readField(key))
      }
    }
    guard let trainer, let normalizer else {
      throw reader.fault(
        "the model ends before its \(trainer == nil ? "trainer" : "normalizer") settings",
        at: bytes.count)
    }
    self.pieces = pieces
    self.trainer = trainer
    self.normalizer = normalizer
    source = bytes
  }

  public static func == (one: TokenizerModel, two: TokenizerModel) -> Bool {
    one.pieces == two.pieces && one.trainer == two.trainer && one.normalizer == two.normalizer
      && one.rest == two.rest
  }

  /// The bytes of the file, which SentencePiece loads.
  public func serialized() -> [UInt8] {
    if let source { return source }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(16 * pieces.count + 1024)
    var message: [UInt8] = []
    for piece in pieces {
      message.removeAll(keepingCapacity: true)
      message.appendField(1, .bytes(piece.bytes))
      message.appendField(2, .fixed32(piece.score.bitPattern))
      if piece.kind != .normal { message.appendField(3, .varint(UInt64(piece.kind.rawValue))) }
      bytes.appendField(1, .bytes(message))
    }
    for (number, settings) in [(2, trainer.message), (3, normalizer.message)] {
      message.removeAll(keepingCapacity: true)
      settings.write(to: &message)
      bytes.appendField(number, .bytes(message))
    }
    rest.write(to: &bytes)
    return bytes
  }

  /// Writes the file, whole or not at all.
  public func write(to path: String) throws(Fault) {
    try writeAtomically(serialized(), to: path)
  }
}

extension TokenizerModel.Piece {
  fileprivate init(_ reader: consuming WireReader, at offset: Int) throws(Fault) {
    self.init(bytes: [], score: 0)
    while let key = try reader.readKey() {
      let value = try reader.readField(key).value
      switch (key.number, value) {
      case (1, .bytes(let text)): bytes = text
      case (2, .fixed32(let bits)): score = Float(bitPattern: bits)
      case (3, .varint(let number)):
        guard let kind = Kind(rawValue: Int(clamping: number)) else {
          throw reader.fault("\(number) is not a type of piece", at: key.offset)
        }
        self.kind = kind
      case (1...3, _):
        throw reader.fault("field \(key.number) of a piece has the wrong type", at: key.offset)
      default: continue
      }
    }
    guard !bytes.isEmpty else { throw reader.fault("a piece is empty", at: offset) }
    guard isValidUTF8(bytes) else { throw reader.fault("a piece is not UTF-8", at: offset) }
  }
}
