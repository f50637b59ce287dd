import ArgumentParser
import Ground
import Llama
import Tokenizer

/// The token before a text that is scored or learnt.
enum TextStart: String, CaseIterable, ExpressibleByArgument {
  case begin, end
}

extension AnyModel {
  /// The token itself: shards have an end before each document, models of others a beginning.
  func start(_ choice: TextStart?, _ encoder: TokenEncoder) -> Int32? {
    switch choice ?? (isOurRun ? .end : .begin) {
    case .end: encoder.endID ?? encoder.beginID
    case .begin: encoder.beginID ?? encoder.endID
    }
  }

  /// The tokenizer that was named or, where none was, the model's own, and its file.
  func tokenizer(_ named: String?) throws(Fault) -> (TokenizerModel, String) {
    guard let file = named ?? tokenizerPath else {
      throw Fault(
        path, at: 0,
        .unusable(
          "the model has no tokenizer.model; name one with --tokenizer, or train the run with it"))
    }
    return (try TokenizerModel(path: file), file)
  }
}
