/// What a manifest says about one source.
public struct SourceRecipe: Sendable {
  /// As in `quipu ingest`, such as `wikipedia`.
  public var name: String
  public var line: Int
  /// Relative ones start from the inputs folder.
  public var inputs: [InputPattern]
  /// How often a document is seen, above 0; below 1 for a part of them.
  public var epochs: Double
  /// Percent of the mix that is expected, to be compared with what came; nil where unknown.
  public var share: Double?
  public var settings: SourceSettings
  /// Names, in the order in which they are applied.
  public var rewrites: [String]
  /// By signal, in byte order, whatever the order in the file.
  public var rules: [RuleRecipe]
  public var duplicates: DuplicatesRecipe

  /// Stable bytes of all that decides what one input's documents are: name, settings, rewrites and
  /// rules; not inputs, epochs, share or duplicates.
  public var canonical: [UInt8] { canonicalReading.bytes }
}

extension SourceRecipe {
  static let keys = [
    "inputs", "epochs", "share", "settings", "rewrites", "rules", "duplicates",
  ]

  init(_ name: String, _ value: YAMLValue, _ vocabulary: Vocabulary) throws(ManifestError) {
    let section = try value.section(keys: Self.keys)
    self.name = name
    line = value.line
    inputs = []
    for value in try section.required("inputs").list() {
      inputs.append(InputPattern(try value.text(), line: value.line))
    }
    guard !inputs.isEmpty else { throw value.error("\(value.path).inputs is empty") }
    epochs = try section["epochs"]?.number(in: 0...1000) ?? 1
    guard epochs > 0 else {
      throw (section["epochs"] ?? value).error(
        "\(value.path).epochs is 0; it must be above 0: leave the source out instead")
    }
    share = try section["share"]?.number(in: 0...100)
    let known = vocabulary.source(name)?.settings ?? []
    settings = try SourceSettings(
      try section["settings"]?.section(keys: known), file: value.file,
      path: "\(value.path).settings")
    rewrites = []
    for value in try section["rewrites"]?.list() ?? [] {
      rewrites.append(try value.choice(of: vocabulary.rewrites))
    }
    rules = []
    for (signal, value) in try section["rules"]?.section(keys: vocabulary.signals).entries ?? [] {
      rules.append(try RuleRecipe(signal: signal, value))
    }
    rules.sort { $0.signal.utf8.lexicographicallyPrecedes($1.signal.utf8) }
    duplicates = try section["duplicates"].map(DuplicatesRecipe.init) ?? DuplicatesRecipe()
  }

  var canonicalReading: Canonical {
    .fields([
      "source": .text(name),
      "settings": settings.canonical,
      "rewrites": .list(rewrites.map(Canonical.text)),
      "rules": .fields(Dictionary(uniqueKeysWithValues: rules.map { ($0.signal, $0.canonical) })),
    ])
  }

  var canonicalValue: Canonical {
    .fields([
      "reading": canonicalReading,
      "inputs": .list(inputs.map(\.text).sorted().map(Canonical.text)),
      "epochs": .number(epochs),
      "share": share.map(Canonical.number),
      "duplicates": duplicates.canonicalValue,
    ])
  }
}
