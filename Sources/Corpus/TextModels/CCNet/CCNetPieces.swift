public import Ground
public import Tokenizer

/// Cuts documents into the pieces that CCNet's language models are made of: normalised as a whole, then
/// by a SentencePiece model.
///
/// - SeeAlso: facebookresearch/cc_net `Makefile`, `perplexity.py`.
public struct CCNetPieces: Sendable {
  /// What one thread keeps between two texts; nothing in it changes a result.
  public struct Scratch: ~Copyable, Sendable {
    fileprivate var encoder = EncoderScratch()
    fileprivate var text = Room<UInt8>(1 << 14)
    /// The pieces of the last text.
    var ids: [Int32] = []
    /// By turn, the text of each piece that the model does not know.
    var unknown: [[UInt8]] = []

    public init() {}
  }

  private let normalizer = CCNetNormalizer()
  let encoder: TokenEncoder
  let pieces: [TokenizerModel.Piece]

  /// - Throws: `Fault` naming `file` where the model contradicts itself.
  public init(_ model: TokenizerModel, file: String = "tokenizer.model") throws(Fault) {
    encoder = try TokenEncoder(model, file: file)
    pieces = model.pieces
  }

  /// Leaves the pieces of a text in `scratch`; there are none of white space and controls.
  ///
  /// - Complexity: O(n), in several times the memory of `text`.
  func cut(_ text: Span<UInt8>, _ scratch: inout Scratch) {
    let count = normalizer.normalize(text, into: &scratch.text)
    scratch.ids.removeAll(keepingCapacity: true)
    scratch.unknown.removeAll(keepingCapacity: true)
    let line = unsafe UnsafeBufferPointer(start: scratch.text.start, count: count)
    unsafe encoder.encode(
      line.span, into: &scratch.ids, unknown: &scratch.unknown, scratch: &scratch.encoder)
  }

  /// Appends the pieces of a text to `sentence`, with a space between: what a model is trained on.
  public func append(_ text: Span<UInt8>, to sentence: inout [UInt8], scratch: inout Scratch) {
    cut(text, &scratch)
    var unknown = scratch.unknown.makeIterator()
    for (place, id) in scratch.ids.enumerated() {
      if place > 0 { sentence.append(0x20) }
      let text = id == encoder.unknownID ? unknown.next() : nil
      sentence += text ?? pieces[Int(id)].bytes
    }
  }
}
