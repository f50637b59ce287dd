import Ground

extension TrainerSettings {
  /// Refuses what SentencePiece refuses.
  ///
  /// - SeeAlso: google/sentencepiece `src/trainer_interface.cc`, `VerifySpec`.
  func check() throws(Fault) {
    func fault(_ what: String) -> Fault { Fault("tokenizer", at: 0, .unusable(what)) }
    guard vocabSize > 0, vocabSize < 1 << 24 else {
      throw fault("vocab_size is \(vocabSize); it must be 1 to 16777215")
    }
    guard characterCoverage >= 0.98, characterCoverage <= 1 else {
      throw fault("character_coverage is \(characterCoverage); it must be 0.98 to 1")
    }
    guard (1...512).contains(maxPieceLength) else {
      throw fault("max_sentencepiece_length is \(maxPieceLength); it must be 1 to 512")
    }
    guard (10...1 << 30).contains(maxSentenceLength) else {
      throw fault("max_sentence_length is \(maxSentenceLength); it must be 10 to 1073741824")
    }
    guard !autoCharacterCoverage || (byteFallback && requiredChars.isEmpty) else {
      throw fault("auto_character_coverage needs byte_fallback, and no required_chars")
    }
    guard !requiredChars.unicodeScalars.contains(where: { $0 == " " || $0 == "\u{2585}" }) else {
      throw fault("required_chars has a space or U+2585, which are no pieces")
    }
    for piece in [unknownPiece, beginPiece, endPiece, padPiece] where piece.isEmpty {
      throw fault("the name of a control piece is empty")
    }
  }

  /// The pieces that are not trained, by id.
  ///
  /// - SeeAlso: google/sentencepiece `src/trainer_interface.cc`, `InitMetaPieces`.
  func metaPieces() throws(Fault) -> [Int: TokenizerModel.Piece] {
    func fault(_ what: String) -> Fault { Fault("tokenizer", at: 0, .unusable(what)) }
    var pieces: [Int: TokenizerModel.Piece] = [:]
    var ids: [[UInt8]: Int] = [:]
    let named = [
      (unknownID, unknownPiece), (beginID, beginPiece), (endID, endPiece), (padID, padPiece),
    ]
    for (id, name) in named where id >= 0 {
      guard id < vocabSize, pieces[id] == nil else {
        throw fault("\(name) cannot have the id \(id)")
      }
      let kind: TokenizerModel.Piece.Kind = id == unknownID ? .unknown : .control
      pieces[id] = .init(name, kind: kind)
      ids[Array(name.utf8)] = id
    }
    guard byteFallback || unknownID >= 0 else {
      throw fault("without byte_fallback there must be an unknown piece")
    }
    var seen: Set<[UInt8]> = [Array(unknownPiece.utf8)]
    var next = 0
    func add(_ bytes: [UInt8], _ kind: TokenizerModel.Piece.Kind) throws(Fault) {
      guard !bytes.isEmpty, seen.insert(bytes).inserted else {
        throw fault("the symbol \(String(decoding: bytes, as: UTF8.self)) is there twice")
      }
      if let id = ids[bytes] {
        pieces[id]?.kind = kind
        return
      }
      while pieces[next] != nil { next += 1 }
      pieces[next] = .init(bytes: bytes, score: 0, kind: kind)
    }
    for symbol in controlSymbols { try add(Array(symbol.utf8), .control) }
    for symbol in userDefinedSymbols { try add(Array(symbol.utf8), .userDefined) }
    if byteFallback { for byte in UInt8.min...UInt8.max { try add(bytePiece(byte), .byte) } }
    guard pieces.count <= vocabSize, (pieces.keys.max() ?? 0) < vocabSize else {
      throw fault(
        "vocab_size is \(vocabSize); the control and byte pieces alone are \(pieces.count)")
    }
    return pieces
  }
}

extension TrainerSpec {
  /// What SentencePiece's command line writes for these settings, but for input and thread count,
  /// which do not belong in a file that is a function of the text.
  public init(_ settings: TrainerSettings, vocabSize: Int) {
    var fields: [(Int, WireMessage.Value)] = []
    func flag(_ value: Bool) -> WireMessage.Value { .varint(value ? 1 : 0) }
    func number(_ value: Int) -> WireMessage.Value { .varint(UInt64(bitPattern: Int64(value))) }
    func float(_ value: Float) -> WireMessage.Value { .fixed32(value.bitPattern) }
    func text(_ value: String) -> WireMessage.Value { .bytes(Array(value.utf8)) }
    fields += [
      (3, number(ModelType.bpe.rawValue)), (4, number(vocabSize)), (6, number(0)),
      (7, text("text")), (10, float(settings.characterCoverage)), (11, number(0)),
      (14, number(1_000_000)), (15, float(0.75)), (16, number(16)), (17, number(2)),
      (18, number(settings.maxSentenceLength)), (19, flag(true)),
      (20, number(settings.maxPieceLength)), (21, flag(settings.splitByUnicodeScript)),
      (22, flag(settings.splitByWhitespace)), (23, flag(settings.splitByNumber)),
      (24, flag(settings.treatWhitespaceAsSuffix)), (25, flag(settings.splitDigits)),
      (26, flag(settings.allowWhitespaceOnlyPieces)),
    ]
    fields += settings.controlSymbols.map { (30, text($0)) }
    fields += settings.userDefinedSymbols.map { (31, text($0)) }
    fields += [
      (32, flag(settings.vocabularyOutputPieceScore)), (33, flag(settings.hardVocabLimit)),
      (34, flag(false)),
      (35, flag(settings.byteFallback)), (36, text(settings.requiredChars)),
      (40, number(settings.unknownID)), (41, number(settings.beginID)),
      (42, number(settings.endID)), (43, number(settings.padID)),
      (44, text(settings.unknownSurface)), (45, text(settings.unknownPiece)),
      (46, text(settings.beginPiece)), (47, text(settings.endPiece)),
      (48, text(settings.padPiece)), (49, flag(false)), (50, flag(false)), (51, float(0)),
      (52, number(0)),
    ]
    let delimiter = settings.pretokenizationDelimiter
    if !delimiter.isEmpty { fields.append((53, text(delimiter))) }
    if settings.autoCharacterCoverage { fields.append((55, flag(true))) }
    self.init()
    for (field, value) in fields { message.append(.init(number: field, value: value)) }
  }
}
