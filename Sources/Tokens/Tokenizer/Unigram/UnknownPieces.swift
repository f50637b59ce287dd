import Ground

/// What stands in the ids for text that is no piece: the unknown piece, or a piece a byte.
///
/// - SeeAlso: google/sentencepiece `src/model_interface.cc`, `InitializePieces`.
struct UnknownPieces: Sendable {
  /// -1 where bytes stand in and the model has no such piece.
  private(set) var unknownID: Int32 = -1
  /// The ids of the 256 byte pieces, or none.
  private(set) var byteIDs: [Int32] = []

  /// - Throws: `Fault` where the model contradicts itself.
  init(_ model: TokenizerModel, file: String) throws(Fault) {
    func fault(_ what: String) -> Fault { Fault(file, at: 0, .unusable(what)) }
    var names = ByteStrings()
    var bytes = [Int32?](repeating: nil, count: 256)
    for (id, piece) in model.pieces.enumerated() where !piece.isMergeable {
      guard names.insert(piece.bytes.span).isNew else {
        throw fault("the piece \(piece.text) is there twice")
      }
      switch piece.kind {
      case .unknown:
        guard unknownID < 0 else { throw fault("there are two unknown pieces") }
        unknownID = Int32(id)
      case .byte:
        guard model.trainer.byteFallback else {
          throw fault("the model has byte pieces but does not fall back to bytes")
        }
        guard let byte = byteValue(of: piece.bytes) else {
          throw fault("the byte piece \(piece.text) names no byte")
        }
        bytes[Int(byte)] = Int32(id)
      case .normal, .control, .userDefined, .unused: continue
      }
    }
    if model.trainer.byteFallback {
      byteIDs = bytes.compactMap(\.self)
      guard byteIDs.count == 256 else {
        throw fault("the model falls back to bytes but has \(byteIDs.count) of the 256 pieces")
      }
    } else if unknownID < 0 {
      throw fault("the model has neither an unknown piece nor byte pieces")
    }
  }

  /// Appends the ids of a part of normalised text that is no piece.
  ///
  /// `follows` is true where the part before it was none either; then the two are one piece.
  func append(
    _ part: Span<UInt8>, marksSpaces: Bool, follows: Bool, into ids: inout [Int32]
  ) {
    guard !byteIDs.isEmpty else {
      if !follows { ids.append(unknownID) }
      return
    }
    for index in part.indices {
      if marksSpaces && part[index] == 0x20 {
        for byte in spaceMarkBytes { ids.append(byteIDs[Int(byte)]) }
      } else {
        ids.append(byteIDs[Int(part[index])])
      }
    }
  }
}

extension TokenizerModel {
  /// The pieces that text can give, by id, as they stand in normalised text.
  ///
  /// - Throws: `Fault` where one is longer than SentencePiece allows, or has a NUL.
  func textPieces(
    _ normalizer: Normalizer, file: String
  ) throws(Fault) -> [(bytes: [UInt8], id: Int)] {
    var forms: [(bytes: [UInt8], id: Int)] = []
    for (id, piece) in pieces.enumerated() {
      guard piece.bytes.count < 8000 else {
        throw Fault(file, at: 0, .unusable("piece \(id) has \(piece.bytes.count) bytes"))
      }
      guard piece.isMergeable else { continue }
      if piece.bytes == [0] && (piece.kind == .unused || trainer.byteFallback) { continue }
      guard !piece.bytes.contains(0) else {
        throw Fault(file, at: 0, .unusable("piece \(id) has a NUL"))
      }
      if let form = normalizer.form(of: piece.bytes) { forms.append((form, id)) }
    }
    return forms
  }
}
