/// What corpus is made: its sources, tokenizer and shards, read from YAML.
///
/// Strict: an unknown key, a wrong type or a number out of range is an error with its line. Nothing
/// that is made may depend on the order of `sources`.
public struct CorpusManifest: Sendable {
  /// The file that errors name.
  public var file: String
  public var name: String
  /// Decides which documents get the fractional epoch, the order, and the validation split.
  public var seed: UInt64
  /// The day written into every document as `YYYY-MM-DD`: a corpus must not depend on the day it is built.
  public var added: String
  /// In the order of the file.
  public var sources: [SourceRecipe]
  public var tokenizer: TokenizerRecipe
  public var shards: ShardRecipe

  /// Reads the manifest at `path`.
  public init(path: String, vocabulary: Vocabulary) throws(ManifestError) {
    try self.init(yaml: contents(of: path), file: path, vocabulary: vocabulary)
  }

  /// Reads a manifest's text; `file` is the name that errors give.
  public init(yaml: String, file: String, vocabulary: Vocabulary) throws(ManifestError) {
    let root = try parse(yaml: yaml, file: file).section(keys: Self.keys)
    self.file = file
    name = try root.required("name").text()
    seed = UInt64(try root["seed"]?.integer(in: 0...(1 << 53)) ?? 1)
    let added = try root.required("added")
    self.added = try added.text()
    guard isDay(self.added) else {
      throw added.error("added is \"\(self.added)\"; it must be a day such as 2023-02-27")
    }
    let listed = try root.required("sources").section(keys: vocabulary.sources.map(\.name))
    sources = []
    for (name, value) in listed.entries {
      sources.append(try SourceRecipe(name, value, vocabulary))
    }
    guard !sources.isEmpty else { throw listed.value.error("sources is empty") }
    tokenizer = try root["tokenizer"].map(TokenizerRecipe.init) ?? .train(TokenizerTraining())
    shards = try root["shards"].map(ShardRecipe.init) ?? ShardRecipe()
  }

  static let keys = ["name", "seed", "added", "sources", "tokenizer", "shards"]

  /// The recipe of the source `name`.
  public func source(_ name: String) -> SourceRecipe? { sources.first { $0.name == name } }

  /// Stable bytes of the whole manifest: the same for all spellings of one meaning.
  public var canonical: [UInt8] {
    Canonical.fields([
      "name": .text(name), "seed": .text(String(seed)), "added": .text(added),
      "sources": .fields(
        Dictionary(uniqueKeysWithValues: sources.map { ($0.name, $0.canonicalValue) })),
      "tokenizer": tokenizer.canonicalValue, "shards": shards.canonicalValue,
    ]).bytes
  }
}

/// True for `YYYY-MM-DD` with a month and a day that exist.
private func isDay(_ text: String) -> Bool {
  let parts = text.split(separator: "-", omittingEmptySubsequences: false)
  guard parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2],
    text.utf8.allSatisfy({ $0 == 0x2d || 0x30...0x39 ~= $0 }),
    let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
    1...12 ~= month, day >= 1
  else { return false }
  let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  return day <= [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
}
