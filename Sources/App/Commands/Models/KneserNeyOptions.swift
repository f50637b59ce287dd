import ArgumentParser
import Ground
import TextModels

/// What lmplz can be told, under its names.
struct KneserNeyOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The longest n-grams, 1 to 6.")
  var order = 5

  @Flag(
    name: lmplz("discount-fallback"),
    help: "Take fallback discounts where the text gives none: where it is small or odd.")
  var discountFallback = false

  @Option(
    help: "The fallback, for counts of 1, 2, and 3 and more; --discount-fallback takes 0.5,1,1.5.")
  var fallback: String?

  @Option(
    parsing: .upToNextOption,
    help: "Leave out n-grams that come so often or less, by order: --prune 0 0 1.")
  var prune: [UInt32] = []

  @Option(name: lmplz("limit-vocab-file"), help: "A file of the words that n-grams may have.")
  var limitVocabFile: String?

  @Option(name: lmplz("vocab-estimate"), help: "How many different words are expected.")
  var vocabEstimate = 1_000_000

  @Option(name: lmplz("vocab-pad"), help: "How many words the vocabulary is thought to have.")
  var vocabPad = 0

  @Flag(inversion: .prefixedNo, help: "Interpolate unigrams with the uniform distribution.")
  var interpolateUnigrams = true

  @Flag(name: lmplz("skip-symbols"), help: "Pass over <s>, </s> and <unk> in the text.")
  var skipSymbols = false

  @Option(name: [.customShort("S"), .long], help: "Memory for sorting and the vocabulary.")
  var memory = ByteCount(2_000_000_000)

  @Option(name: [.customShort("T"), .long], help: "Where is kept what memory does not hold.")
  var temporaryFolder = "/tmp"

  func settings(jobs: Int) throws -> KneserNeySettings {
    var settings = KneserNeySettings()
    settings.order = order
    settings.prune = prune
    settings.limitVocabFile = limitVocabFile
    settings.vocabEstimate = vocabEstimate
    settings.vocabPad = vocabPad
    settings.interpolateUnigrams = interpolateUnigrams
    settings.skipSymbols = skipSymbols
    settings.memory = memory.bytes
    settings.temporaryFolder = temporaryFolder
    settings.jobs = jobs
    if discountFallback { settings.discountFallback = KneserNeySettings.standardFallback }
    if let fallback {
      let numbers = fallback.split(separator: ",").compactMap { Float($0) }
      guard numbers.count == fallback.split(separator: ",", omittingEmptySubsequences: false).count
      else { throw ValidationError("--fallback is \(fallback); it must be like 0.5,1,1.5.") }
      settings.discountFallback = numbers
    }
    return settings
  }
}

/// A name in our spelling and in lmplz's, which writes underscores.
private func lmplz(_ name: String) -> NameSpecification {
  let theirs = String(name.map { $0 == "-" ? "_" : $0 })
  return NameSpecification([.customLong(name), .customLong(theirs)])
}
