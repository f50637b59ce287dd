import Ground
import TextModels
import Tokenizer

/// What a model says of a text.
enum TextScore: Sendable {
  /// The best labels that pass, the best first; there may be none.
  case labels([FastTextPrediction])
  /// How probable a text is; nil where nothing of it is left to score.
  case probability(log10: Double, tokens: Int, unknown: Int, perplexity: Double)
  case nothing
}

/// A model of any kind, and how texts are put to it.
enum TextScorer: Sendable {
  case classifier(FastTextModel, top: Int, threshold: Float, FastTextLineFeeds)
  /// Of words as they stand.
  case words(NGramModel, begin: Bool, end: Bool)
  /// Of pieces, in CCNet's way.
  case pieces(CCNetPerplexity, byParagraph: Bool)

  /// What a thread keeps from text to text.
  struct Scratch: ~Copyable {
    fileprivate var classifying = FastTextScratch()
    fileprivate let words = NGramScratch()
    fileprivate var pieces = CCNetPerplexity.Scratch()
  }

  func score(_ text: Span<UInt8>, _ scratch: inout Scratch) throws(Fault) -> TextScore {
    switch self {
    case .classifier(let model, let top, let threshold, let lineFeeds):
      return .labels(
        try model.predict(
          text, top: top, threshold: threshold, lineFeeds: lineFeeds, scratch: &scratch.classifying)
      )
    case .words(let model, let begin, let end):
      let score = model.score(text: text, begin: begin, end: end, scratch.words)
      guard score.words > 0 else { return .nothing }
      return .probability(
        log10: Double(score.log10), tokens: score.words, unknown: score.unknown,
        perplexity: score.perplexity)
    case .pieces(let perplexity, let byParagraph):
      guard
        let score = perplexity.score(text, byParagraph: byParagraph, scratch: &scratch.pieces)
      else { return .nothing }
      return .probability(
        log10: score.log10, tokens: score.tokens, unknown: score.unknown,
        perplexity: score.perplexity)
    }
  }
}
