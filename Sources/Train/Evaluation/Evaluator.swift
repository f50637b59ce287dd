import Glibc
public import Ground
public import Llama
public import Tokenizer

/// Asks a model how likely texts are, and what it writes.
///
/// One thread at a time; the model's own workers share the arithmetic, and results do not depend on
/// their number.
public final class Evaluator {
  let model: LlamaModel
  let encoder: TokenEncoder
  let decoder: TokenDecoder
  /// The token that every text begins with.
  let start: Int32
  private lazy var generator = Generator(model: model)
  /// Contexts that lost their beginning, as they were longer than the model's.
  public private(set) var truncated = 0

  /// - Parameters:
  ///   - model: Made for at least a context of tokens.
  ///   - tokenizer: The one that the model was trained with.
  ///   - start: Nil takes the end token, which shards have before each document, or else the
  ///     beginning's.
  ///   - file: The tokenizer's, for the fault.
  /// - Throws: `Fault` where tokenizer and model do not belong together.
  public init(
    model: LlamaModel, tokenizer: TokenizerModel, start: Int32? = nil,
    file: String = "tokenizer.model"
  ) throws(Fault) {
    self.model = model
    encoder = try TokenEncoder(tokenizer, file: file)
    decoder = TokenDecoder(tokenizer, file: file)
    guard encoder.count <= model.config.vocabularySize else {
      throw Fault(
        file, at: 0,
        .unusable(
          "the tokenizer has \(encoder.count) tokens, and the model's vocabulary is "
            + "\(model.config.vocabularySize); take the tokenizer it was trained with"))
    }
    guard let start = start ?? encoder.endID ?? encoder.beginID else {
      throw Fault(file, at: 0, .unusable("the tokenizer has no token that a text could begin with"))
    }
    precondition(
      model.maximumTokens >= model.config.context,
      "a model made for \(model.maximumTokens) tokens; its context is \(model.config.context)")
    self.start = start
  }

  /// Tokens of which the last few are scored.
  package struct Continuation: Equatable {
    package var tokens: [Int32]
    package var scored: Int
  }

  /// A context with its ending, encoded as one text and split where the context alone would end.
  ///
  /// White space at the end of the context goes to the ending first, as tokens begin with it.
  ///
  /// - SeeAlso: EleutherAI/lm-evaluation-harness `lm_eval/api/model.py`, `_encode_pair`.
  package func continuation(_ context: [UInt8], _ ending: [UInt8]) -> Continuation {
    let kept = context.count - context.reversed().prefix { $0 == 0x20 || 0x09...0x0d ~= $0 }.count
    let whole = encoder.encode(context + ending)
    // A merge over the boundary can make the whole shorter than its context; one token stays.
    let read = min(encoder.encode(Array(context[..<kept])).count, whole.count - 1)
    var tokens = [start] + whole
    let limit = model.config.context + 1
    if tokens.count > limit {
      truncated += 1
      tokens.removeFirst(tokens.count - limit)
    }
    return Continuation(tokens: tokens, scored: min(whole.count - read, tokens.count - 1))
  }

  /// The log-likelihood of each continuation, in nats.
  ///
  /// Where all differ in their last token alone, as the letters of choices do, one reading of what
  /// they share answers for all.
  package func logLikelihoods(_ continuations: [Continuation]) throws(Fault) -> [Double] {
    guard let first = continuations.first else { return [] }
    let shared = first.tokens.dropLast()
    if continuations.count > 1,
      continuations.allSatisfy({ $0.scored == 1 && $0.tokens.dropLast() == shared })
    {
      generator.reset()
      let logits = generator.read(Array(shared)).map(Double.init)
      let most = logits.max() ?? 0
      let logSum = most + log(logits.reduce(0) { $0 + exp($1 - most) })
      return continuations.map { logits[Int($0.tokens[shared.count])] - logSum }
    }
    return try continuations.map { continuation throws(Fault) in
      let tokens = continuation.tokens
      let length = tokens.count - 1
      var targets = Array(tokens[1...])
      for place in 0..<length - continuation.scored { targets[place] = -1 }
      return
        -(try model.loss(
          tokens: Array(tokens[..<length]), targets: targets, batch: 1, length: length)).sum
    }
  }

  /// What the model writes after a text, greedily, up to the first of `stops`.
  func written(after text: [UInt8], stops: [[UInt8]], maximumTokens: Int) throws(Fault) -> [UInt8] {
    let context = model.config.context
    let count = min(maximumTokens, max(1, context / 2))
    var next = [start] + encoder.encode(text)
    if next.count + count > context {
      truncated += 1
      next.removeFirst(next.count + count - context)
    }
    generator.reset()
    var tokens: [Int32] = []
    while tokens.count < count {
      let token = Sampling.greedy.choose(from: generator.read(next), position: generator.position)
      if token == encoder.endID || token >= encoder.count { break }
      tokens.append(token)
      let answer = try decoder.decode(tokens)
      if let end = stops.compactMap({ firstPlace(of: $0, in: answer) }).min() {
        return Array(answer[..<end])
      }
      next = [token]
    }
    return try decoder.decode(tokens)
  }
}

/// Where `part` first begins in `text`.
func firstPlace(of part: [UInt8], in text: [UInt8]) -> Int? {
  guard text.count >= part.count else { return nil }
  return (0...text.count - part.count).first { text[$0...].starts(with: part) }
}
