/// How a vocabulary is trained: SentencePiece's settings with its names and defaults.
///
/// - SeeAlso: google/sentencepiece `doc/options.md`, `src/sentencepiece_model.proto`.
public struct TrainerSettings: Equatable, Sendable {
  /// How many pieces to make, with the control and byte pieces.
  public var vocabSize = 8000
  /// The share of all characters that the alphabet must cover; what is rarer becomes bytes.
  public var characterCoverage: Float = 0.9995
  /// True to find out which characters are worth a piece, in place of covering a share of them.
  public var autoCharacterCoverage = false
  /// Bytes; longer lines are left out.
  public var maxSentenceLength = 4192
  /// Characters.
  public var maxPieceLength = 16
  public var splitByUnicodeScript = true
  public var splitByWhitespace = true
  public var splitByNumber = true
  /// True to mark spaces behind words rather than in front of them.
  public var treatWhitespaceAsSuffix = false
  public var splitDigits = false
  public var allowWhitespaceOnlyPieces = false
  public var byteFallback = false
  /// What is done to text first: `identity`, or rules that `NormalizationRules` has the name of.
  public var normalizationRuleName = "nmt_nfkc"
  public var addDummyPrefix = true
  /// True to drop spaces at both ends of a line, and all but one of a run.
  public var removeExtraWhitespaces = true
  /// A string of normalised text that no piece reaches across; empty for none.
  public var pretokenizationDelimiter = ""
  /// Characters that are pieces however rare they are.
  public var requiredChars = ""
  public var controlSymbols: [String] = []
  public var userDefinedSymbols: [String] = []
  /// False to accept fewer pieces than `vocabSize` where the text has no more.
  public var hardVocabLimit = true
  /// Recorded in the model file and otherwise without effect, as in SentencePiece's BPE.
  public var vocabularyOutputPieceScore = true
  /// -1 for none, here and below.
  public var unknownID = 0
  public var beginID = 1
  public var endID = 2
  public var padID = -1
  public var unknownPiece = "<unk>"
  public var beginPiece = "<s>"
  public var endPiece = "</s>"
  public var padPiece = "<pad>"
  public var unknownSurface = " \u{2047} "

  public init() {}

  /// LLaMA's settings, as its model file tells them; the text is not sampled.
  ///
  /// The published file was edited after training: its pieces of spaces alone have the score -10⁹,
  /// where training gives them that of their turn.
  public static let llama: TrainerSettings = {
    var settings = TrainerSettings()
    settings.vocabSize = 32_000
    settings.characterCoverage = 0.99995
    settings.splitDigits = true
    settings.allowWhitespaceOnlyPieces = true
    settings.byteFallback = true
    settings.normalizationRuleName = "identity"
    settings.removeExtraWhitespaces = false
    return settings
  }()
}
