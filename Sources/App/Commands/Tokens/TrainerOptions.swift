import ArgumentParser
import Ground
import Tokenizer

/// SentencePiece's settings for byte-pair encoding, under its names.
struct TrainerOptions: ParsableArguments {
  enum Preset: String, CaseIterable, ExpressibleByArgument { case sentencepiece, llama }

  @Option(help: "Whose defaults: SentencePiece's, or LLaMA's.")
  var preset = Preset.sentencepiece

  @Option(help: "Pieces in all. [8000; llama: 32000]")
  var vocabSize: Int?

  @Option(help: "The share of characters that become pieces. [0.9995; llama: 0.99995]")
  var characterCoverage: Double?

  @Flag(
    inversion: .prefixedNo,
    help: "The best of characters and merges are taken, whatever they cover. [no]")
  var autoCharacterCoverage: Bool?

  @Option(help: "Longer lines are passed over, in bytes. [4192]")
  var maxSentenceLength: Int?

  @Option(help: "The longest piece, in characters. [16]")
  var maxSentencepieceLength: Int?

  @Flag(inversion: .prefixedNo, help: "A piece is of one script. [yes]")
  var splitByUnicodeScript: Bool?

  @Flag(inversion: .prefixedNo, help: "No piece has both digits and letters. [yes]")
  var splitByNumber: Bool?

  @Flag(inversion: .prefixedNo, help: "No piece has a space inside. [yes]")
  var splitByWhitespace: Bool?

  @Flag(inversion: .prefixedNo, help: "Digits stand alone. [no; llama: yes]")
  var splitDigits: Bool?

  @Flag(inversion: .prefixedNo, help: "Spaces are marked behind words, not in front. [no]")
  var treatWhitespaceAsSuffix: Bool?

  @Flag(inversion: .prefixedNo, help: "Runs of spaces may be pieces. [no; llama: yes]")
  var allowWhitespaceOnlyPieces: Bool?

  @Option(help: "A string that no piece reaches across. [none]")
  var pretokenizationDelimiter: String?

  @Option(help: "Pieces that text never becomes, with commas between.")
  var controlSymbols: String?

  @Option(help: "The same, a line each in a file.")
  var controlSymbolsFile: String?

  @Option(help: "Strings that are always one piece, with commas between.")
  var userDefinedSymbols: String?

  @Option(help: "The same, a line each in a file.")
  var userDefinedSymbolsFile: String?

  @Option(help: "Characters that are pieces however rare they are.")
  var requiredChars: String?

  @Option(help: "The same, in a file.")
  var requiredCharsFile: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Characters without a piece are spelled in bytes. [no; llama: yes]")
  var byteFallback: Bool?

  @Flag(inversion: .prefixedNo, help: "The file of --model-prefix has scores. [yes]")
  var vocabularyOutputPieceScore: Bool?

  @Option(
    help: """
      What is done to text first: identity, nfkc, nmt_nfkc, nfkc_cf or nmt_nfkc_cf. \
      [nmt_nfkc; llama: identity]
      """)
  var normalizationRuleName: String?

  @Option(help: "Rules of one's own instead: a file of code points, tab, code points.")
  var normalizationRuleTsv: String?

  @Flag(inversion: .prefixedNo, help: "A space is put before each text. [yes]")
  var addDummyPrefix: Bool?

  @Flag(inversion: .prefixedNo, help: "Spaces at both ends and doubled ones go. [yes; llama: no]")
  var removeExtraWhitespaces: Bool?

  @Flag(inversion: .prefixedNo, help: "Fail where the text has too few pieces to offer. [yes]")
  var hardVocabLimit: Bool?

  @Option(help: "Its id. [0]")
  var unkId: Int?

  @Option(help: "Its id; -1 for none. [1]")
  var bosId: Int?

  @Option(help: "Its id; -1 for none. [2]")
  var eosId: Int?

  @Option(help: "Its id; -1 for none. [-1]")
  var padId: Int?

  @Option(help: "Its name. [<unk>]")
  var unkPiece: String?

  @Option(help: "Its name. [<s>]")
  var bosPiece: String?

  @Option(help: "Its name. [</s>]")
  var eosPiece: String?

  @Option(help: "Its name. [<pad>]")
  var padPiece: String?

  @Option(help: "What an unknown piece reads as in decoded text. [U+2047 between spaces]")
  var unkSurface: String?

  func trainer() throws -> BPETrainer {
    guard let path = normalizationRuleTsv, !path.isEmpty else { return try BPETrainer(settings()) }
    let rules = try NormalizationRules(tsv: openDecoded(path).readToEnd(), file: path)
    return try BPETrainer(settings(), rules: rules)
  }

  /// The preset, changed as the options say.
  private func settings() throws -> TrainerSettings {
    var settings = preset == .llama ? TrainerSettings.llama : TrainerSettings()
    set(&settings.vocabSize, vocabSize)
    set(&settings.characterCoverage, characterCoverage.map { Float($0) })
    set(&settings.autoCharacterCoverage, autoCharacterCoverage)
    set(&settings.maxSentenceLength, maxSentenceLength)
    set(&settings.maxPieceLength, maxSentencepieceLength)
    set(&settings.splitByUnicodeScript, splitByUnicodeScript)
    set(&settings.splitByNumber, splitByNumber)
    set(&settings.splitByWhitespace, splitByWhitespace)
    set(&settings.splitDigits, splitDigits)
    set(&settings.treatWhitespaceAsSuffix, treatWhitespaceAsSuffix)
    set(&settings.allowWhitespaceOnlyPieces, allowWhitespaceOnlyPieces)
    set(&settings.pretokenizationDelimiter, pretokenizationDelimiter)
    set(&settings.byteFallback, byteFallback)
    set(&settings.vocabularyOutputPieceScore, vocabularyOutputPieceScore)
    set(&settings.normalizationRuleName, normalizationRuleName)
    set(&settings.addDummyPrefix, addDummyPrefix)
    set(&settings.removeExtraWhitespaces, removeExtraWhitespaces)
    set(&settings.hardVocabLimit, hardVocabLimit)
    set(&settings.unknownID, unkId)
    set(&settings.beginID, bosId)
    set(&settings.endID, eosId)
    set(&settings.padID, padId)
    set(&settings.unknownPiece, unkPiece)
    set(&settings.beginPiece, bosPiece)
    set(&settings.endPiece, eosPiece)
    set(&settings.padPiece, padPiece)
    set(&settings.unknownSurface, unkSurface)
    settings.controlSymbols = try list(controlSymbols, controlSymbolsFile)
    settings.userDefinedSymbols = try list(userDefinedSymbols, userDefinedSymbolsFile)
    settings.requiredChars =
      try requiredCharsFile.map { try lines(of: $0).joined() } ?? requiredChars ?? ""
    return settings
  }

  private func list(_ text: String?, _ file: String?) throws -> [String] {
    commaSeparated(text ?? "") + (try file.map(lines) ?? [])
  }

  private func lines(of path: String) throws -> [String] {
    let reader = try openDecoded(path)
    var lines: [String] = []
    var line: [UInt8] = []
    while let piece = try reader.readLine(into: &line) {
      guard piece == .whole else { throw reader.fault(.tooLong(limit: line.count)) }
      lines.append(String(decoding: line, as: UTF8.self))
    }
    return lines
  }
}

private func set<Value>(_ value: inout Value, _ wish: Value?) {
  if let wish { value = wish }
}

/// The fields of a line of comma-separated values: one between quotation marks may have commas, and
/// two marks stand for one in it.
func commaSeparated(_ text: String) -> [String] {
  if text.isEmpty { return [] }
  var fields = [""]
  var isQuoted = false
  var characters = text.unicodeScalars[...]
  while let character = characters.popFirst() {
    switch character {
    case "\"" where isQuoted && characters.first == "\"":
      fields[fields.count - 1].unicodeScalars.append("\"")
      characters.removeFirst()
    case "\"" where isQuoted: isQuoted = false
    case "\"" where fields[fields.count - 1].isEmpty: isQuoted = true
    case "," where !isQuoted: fields.append("")
    default: fields[fields.count - 1].unicodeScalars.append(character)
    }
  }
  return fields
}
