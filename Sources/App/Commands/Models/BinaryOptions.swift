import ArgumentParser
import Ground
import TextModels

/// The forms that a language model can be written in.
enum LanguageModelFormat: String, CaseIterable, ExpressibleByArgument {
  /// Text, in ARPA's form.
  case arpa
  /// KenLM's hash tables: fast and large.
  case probing
  /// KenLM's sorted lists: smaller, slower.
  case trie

  /// What the end of a file's name says: text where it is `.arpa`.
  init(of path: String) { self = path.hasSuffix(".arpa") ? .arpa : .probing }
}

/// What KenLM's build_binary can be told.
struct BinaryOptions: ParsableArguments {
  @Option(name: [.customShort("p"), .long], help: "probing: buckets for each n-gram.")
  var probingMultiplier: Float = 1.5

  @Option(
    name: [.customShort("q"), .long], help: "trie: bits for a probability, 1 to 25; all if absent.")
  var probabilityBits: Int?

  @Option(name: [.customShort("b"), .long], help: "trie: bits for a weight of backing off.")
  var backoffBits: Int?

  @Option(
    name: [.customShort("a"), .long], help: "trie: the most bits that an array takes off pointers.")
  var pointerBits: Int?

  @Flag(inversion: .prefixedNo, help: "Keep the words' spellings in the file.")
  var words = true

  /// The settings for `format`, which is not text.
  func settings(_ format: LanguageModelFormat, memory: Int) throws -> NGramBinarySettings {
    var settings = NGramBinarySettings(format == .trie ? .trie : .probing)
    settings.multiplier = probingMultiplier
    settings.probabilityBits = probabilityBits
    settings.backoffBits = backoffBits
    settings.pointerBits = pointerBits
    settings.includesWords = words
    settings.memory = memory
    if let objection = settings.objection { throw ValidationError("\(objection).") }
    return settings
  }
}
