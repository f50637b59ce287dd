import Compute
import Evaluation
import Ground
import Llama
import Tokenizer

/// Bytes as tokens: `<unk>`, `<s>`, `</s>`, then byte b as 3 + b, then pieces of their own.
func byteTokenizer(_ pieces: [String] = []) -> TokenizerModel {
  var settings = TrainerSettings.llama
  settings.addDummyPrefix = false
  var all = [TokenizerModel.Piece("<unk>", kind: .unknown)]
  all += [.init("<s>", kind: .control), .init("</s>", kind: .control)]
  for byte in 0...255 {
    let digits = String(byte, radix: 16, uppercase: true)
    all.append(.init("<0x\(byte < 16 ? "0" : "")\(digits)>", kind: .byte))
  }
  for (turn, piece) in (["▁"] + pieces).enumerated() {
    all.append(.init(piece, score: -Float(turn)))
  }
  return TokenizerModel(
    pieces: all, trainer: TrainerSpec(settings, vocabSize: all.count),
    normalizer: NormalizerSpec(addDummyPrefix: false))
}

/// The blank's token; other ASCII characters are bytes.
let blank: Int32 = 259

func token(_ character: Character) -> Int32 {
  character == " " ? blank : 3 + Int32(character.asciiValue ?? 0)
}

let vocabulary = 260

/// A model whose next token depends on the last alone, with given logits; all others are 0.
///
/// The layers' matrices are 0 and each token has a channel of its own, so the stream is the embedding
/// and the output matrix is the table of logits, but for the norm's √dim.
func bigrams(_ logits: [(Int32, Int32, Float)], context: Int = 64) -> LlamaModel {
  let config = LlamaConfig(
    vocabularySize: vocabulary, dim: vocabulary, layers: 1, heads: 2, hiddenDim: 8,
    context: context, normEpsilon: 1e-12)
  let model = LlamaModel(
    config: config, maximumTokens: 4 * context, workers: WorkerPool(threads: 1), trains: false)
  for tensor in model.tensors {
    let view = model.parameters.part(tensor.range)
    view.set(tensor.shape.count == 1 ? 1 : 0)
    if tensor.name.contains("embed_tokens") {
      for index in 0..<vocabulary { view[index * vocabulary + index] = 1 }
    } else if tensor.name.contains("lm_head") {
      for (last, next, logit) in logits {
        view[Int(next) * vocabulary + Int(last)] = logit / Float(vocabulary).squareRoot()
      }
    }
  }
  return model
}

/// A model that writes `text` after `first`, a letter after the other; each letter is there once.
func writer(of text: String, after first: Character) -> LlamaModel {
  let letters = [first] + Array(text)
  return bigrams(zip(letters, letters.dropFirst()).map { (token($0), token($1), 20) })
}

/// A model of drawn weights.
func drawnModel(threads: Int = 1, context: Int = 16) -> LlamaModel {
  let config = LlamaConfig(
    vocabularySize: vocabulary, dim: 32, layers: 2, heads: 2, hiddenDim: 48, context: context)
  let model = LlamaModel(
    config: config, maximumTokens: 3 * context, workers: WorkerPool(threads: threads),
    trains: false)
  model.initialize(seed: 7, deviation: 0.3)
  return model
}

func evaluator(_ model: LlamaModel) throws -> Evaluator {
  try Evaluator(model: model, tokenizer: byteTokenizer())
}
