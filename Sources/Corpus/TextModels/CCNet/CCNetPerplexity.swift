import Glibc
import Ground
import Tokenizer

/// How surprising a language model finds a document, exactly as CCNet computes it.
///
/// The whole text is normalised, which makes one line of it, cut into the pieces of a SentencePiece model,
/// and scored as one sentence of those pieces: perplexity is 10 to the power of -log10 / n, where n
/// counts the pieces and the end of the sentence, rounded to one decimal.
///
/// ```swift
/// let pieces = try CCNetPieces(TokenizerModel(path: "en.sp.model"))
/// let perplexity = CCNetPerplexity(of: pieces, by: try NGramModel(path: "en.arpa.bin"))
/// var scratch = CCNetPerplexity.Scratch()
/// let score = perplexity.score(document.span, scratch: &scratch)
/// ```
///
/// - SeeAlso: facebookresearch/cc_net `perplexity.py`, `MultiSentencePiece` and `DocLM`.
public struct CCNetPerplexity: Sendable {
  /// What a text was found to be.
  public struct Score: Equatable, Sendable {
    /// The logarithm to base 10 of the text's probability.
    public var log10: Double
    /// Pieces, and one for the end of each line.
    public var tokens: Int
    /// Words of the model among them that it does not know.
    public var unknown: Int

    fileprivate static func + (left: Score, right: Score) -> Score {
      Score(
        log10: left.log10 + right.log10, tokens: left.tokens + right.tokens,
        unknown: left.unknown + right.unknown)
    }

    /// Rounded to one decimal, as CCNet keeps it.
    public var perplexity: Double { roundedToTenth(pow(10, -log10 / Double(tokens))) }
  }

  /// What one thread keeps between two texts; nothing in it changes a result.
  public struct Scratch: ~Copyable, Sendable {
    fileprivate var pieces = CCNetPieces.Scratch()
    fileprivate var words: [UInt32] = []

    public init() {}
  }

  /// What a piece is to the language model, which cuts at ASCII spaces and counts by Python's.
  private struct Reading: Sendable {
    var words: [UInt32]
    var count: Int

    init(_ piece: [UInt8], _ model: NGramModel) {
      words = piece.split { $0 == 0x20 || $0 &- 9 < 5 }.map { model.wordID($0) }
      count =
        String(decoding: piece, as: UTF8.self).unicodeScalars
        .split { isPythonSpace($0.value) }.count
    }
  }

  private let pieces: CCNetPieces
  private let model: NGramModel
  /// By piece: the language model's word, or `odd`.
  private var words: [UInt32] = []
  private var oddities: [Int32: Reading] = [:]

  private static let odd = UInt32.max

  /// - Parameters:
  ///   - pieces: What texts are cut into.
  ///   - model: A language model of such pieces.
  public init(of pieces: CCNetPieces, by model: NGramModel) {
    self.pieces = pieces
    self.model = model
    for (id, piece) in pieces.pieces.enumerated() {
      let reading = Reading(piece.bytes, model)
      if reading.words.count == 1 && reading.count == 1 && Int32(id) != pieces.encoder.unknownID {
        words.append(reading.words[0])
      } else {
        words.append(Self.odd)
        oddities[Int32(id)] = reading
      }
    }
  }

  /// Scores a document; nil where nothing of it is left to score.
  ///
  /// `byParagraph` scores each line by itself, as the paper says and the code does not, and adds up;
  /// lines of which nothing is left are passed over.
  ///
  /// - Complexity: O(n), in several times the memory of `text`.
  public func score(
    _ text: Span<UInt8>, byParagraph: Bool = false, scratch: inout Scratch
  ) -> Score? {
    guard byParagraph else { return scoreLine(text, &scratch) }
    var sum: Score?
    var start = 0
    while start < text.count {
      var end = start
      while end < text.count && text[end] != 0x0a { end += 1 }
      if let line = scoreLine(text.extracting(start..<end), &scratch) {
        sum = sum.map { $0 + line } ?? line
      }
      start = end + 1
    }
    return sum
  }

  private func scoreLine(_ text: Span<UInt8>, _ scratch: inout Scratch) -> Score? {
    pieces.cut(text, &scratch.pieces)
    if scratch.pieces.ids.isEmpty { return nil }
    let count = readPieces(&scratch)
    let score = model.score(words: scratch.words.span)
    return Score(log10: Double(score.log10), tokens: count + 1, unknown: score.unknown)
  }

  /// Turns pieces into words of the language model, and says as how many pieces they count.
  private func readPieces(_ scratch: inout Scratch) -> Int {
    scratch.words.removeAll(keepingCapacity: true)
    scratch.words.reserveCapacity(scratch.pieces.ids.count)
    var count = scratch.pieces.ids.count
    var unknown = scratch.pieces.unknown.makeIterator()
    for id in scratch.pieces.ids {
      let word = words[Int(id)]
      if word != Self.odd {
        scratch.words.append(word)
        continue
      }
      let text = id == pieces.encoder.unknownID ? unknown.next() : nil
      guard let reading = text.map({ Reading($0, model) }) ?? oddities[id] else { continue }
      scratch.words += reading.words
      count += reading.count - 1
    }
    return count
  }
}
