import Testing
import Tokenizer

/// What SentencePiece trains from a small text, and how it then encodes a sample.
struct TrainerGolden: Sendable, CustomTestStringConvertible {
  var name: String
  var text: String
  var vocabSize: Int
  var change: @Sendable (inout TrainerSettings) -> Void
  /// Without the control and byte pieces.
  var pieces: [String]
  var sample: [Int32]

  var testDescription: String { name }

  var settings: TrainerSettings {
    var settings = TrainerSettings.llama
    settings.vocabSize = vocabSize
    change(&settings)
    return settings
  }
}
