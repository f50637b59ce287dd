public import Ground

/// Turns text into ids exactly as SentencePiece 0.2.3 does, on any number of threads at once.
///
/// It knows every kind of model: BPE, such as LLaMA's, unigram, words and characters, with whatever
/// normalizer the model has. The ids of `<s>` and `</s>` are never among those of a text; whoever
/// wants them adds them.
///
/// ```swift
/// let encoder = try TokenEncoder(TokenizerModel(path: "tokenizer.model"))
/// var scratch = EncoderScratch()
/// var ids: [Int32] = []
/// encoder.encode(text.span, into: &ids, scratch: &scratch)
/// ```
///
/// - SeeAlso: google/sentencepiece `src/sentencepiece_processor.cc`, `Encode`.
public struct TokenEncoder: Sendable {
  enum Kind: Sendable {
    case bpe(BPEEncoder)
    case unigram(UnigramEncoder)
    case split(SplitEncoder)
  }

  private(set) var kind: Kind

  /// The id of the piece for unknown text; nil where bytes stand in and the model has none.
  public let unknownID: Int32?
  /// The ids of the pieces that begin and end a text; nil where the model has none.
  public let beginID: Int32?
  public let endID: Int32?
  /// How many ids there are.
  public let count: Int

  /// - Throws: `Fault` naming `file` where the model is of no known kind or contradicts itself.
  public init(_ model: TokenizerModel, file: String = "tokenizer.model") throws(Fault) {
    switch model.trainer.modelType {
    case .bpe: kind = .bpe(try BPEEncoder(model, file: file))
    case .unigram: kind = .unigram(try UnigramEncoder(model, file: file))
    case .word, .character: kind = .split(try SplitEncoder(model, file: file))
    case nil: throw Fault(file, at: 0, .unusable("the model is of a kind that does not exist"))
    }
    count = model.pieces.count
    func control(_ id: Int) -> Int32? {
      model.pieces.indices.contains(id) && model.pieces[id].kind == .control ? Int32(id) : nil
    }
    unknownID = model.pieces.firstIndex { $0.kind == .unknown }.map { Int32($0) }
    beginID = control(model.trainer.beginID)
    endID = control(model.trainer.endID)
  }

  /// The same encoder for processors without vectors, which a test compares.
  package var withoutVectors: TokenEncoder {
    var plain = self
    if case .bpe(var encoder) = kind {
      encoder.vocabulary.cuts.level = 0
      plain.kind = .bpe(encoder)
    }
    return plain
  }

  /// The ids of `text`; for many texts, use `encode(_:into:scratch:)`.
  public func encode(_ text: [UInt8]) -> [Int32] {
    var ids: [Int32] = []
    var scratch = EncoderScratch()
    encode(text.span, into: &ids, scratch: &scratch)
    return ids
  }

  /// Appends the ids of `text` to `ids`; see the other form.
  public func encode(_ text: [UInt8], into ids: inout [Int32], scratch: inout EncoderScratch) {
    encode(text.span, into: &ids, scratch: &scratch)
  }

  /// Appends the ids of `text` to `ids`.
  ///
  /// Every byte that is not part of well-formed UTF-8 counts as U+FFFD.
  ///
  /// - Complexity: O(n) time. A BPE model whose normalizer is the identity, such as LLaMA's, needs
  ///   memory for the ids alone, other models also for the normalised text.
  public func encode(_ text: Span<UInt8>, into ids: inout [Int32], scratch: inout EncoderScratch) {
    switch kind {
    case .bpe(let encoder): encoder.encode(text, into: &ids, scratch: &scratch)
    case .unigram(let encoder): encoder.encode(text, into: &ids, scratch: &scratch.unigram)
    case .split(let encoder): encoder.encode(text, into: &ids)
    }
  }

  /// Appends the ids of `text` to `ids`, and to `unknown` for each id of the unknown piece the text
  /// that it stands for, as SentencePiece shows it.
  ///
  /// Only of a unigram model; with other kinds, or where bytes stand in, `unknown` stays as it is.
  public func encode(
    _ text: Span<UInt8>, into ids: inout [Int32], unknown: inout [[UInt8]],
    scratch: inout EncoderScratch
  ) {
    encode(text, into: &ids, scratch: &scratch)
    if case .unigram(let encoder) = kind {
      encoder.appendUnknown(of: scratch.unigram, to: &unknown)
    }
  }
}
