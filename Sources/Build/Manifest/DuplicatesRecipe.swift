/// Which duplicates of a source go; a method that is nil is not applied.
public struct DuplicatesRecipe: Sendable, Equatable {
  /// CCNet's paragraph duplicates: lines that other documents have too.
  public struct Lines: Sendable, Equatable {
    /// Input files that are compared with one another; nil for all of the source's.
    public var group: Int?

    public init(group: Int? = nil) { self.group = group }
  }

  /// Near duplicates by MinHash over word n-grams, in `bands` of `rows` hashes.
  public struct MinHash: Sendable, Equatable {
    public var ngram: Int
    public var bands: Int
    public var rows: Int
    public var seed: UInt64
    /// The least estimated Jaccard similarity of a pair; nil where one equal band is enough.
    public var threshold: Double?

    /// The defaults are FineWeb's: datatrove `examples/fineweb.py`.
    public init(
      ngram: Int = 5, bands: Int = 14, rows: Int = 8, seed: UInt64 = 1, threshold: Double? = nil
    ) {
      self.ngram = ngram
      self.bands = bands
      self.rows = rows
      self.seed = seed
      self.threshold = threshold
    }
  }

  /// Documents most of whose word n-grams another document has.
  public struct Containment: Sendable, Equatable {
    public var ngram: Int
    public var threshold: Double

    /// The defaults are LLaMA's 90 % (section 2.1) over word 13-grams, a length of our own choice.
    public init(ngram: Int = 13, threshold: Double = 0.9) {
      self.ngram = ngram
      self.threshold = threshold
    }
  }

  /// Equal texts; one of each stays.
  public var exact = false
  public var lines: Lines?
  public var minhash: MinHash?
  public var containment: Containment?

  public init() {}

  /// True where no method is applied.
  public var isEmpty: Bool { self == DuplicatesRecipe() }

  /// Stable bytes of these choices, to be hashed.
  public var canonical: [UInt8] { canonicalValue.bytes }
}

extension DuplicatesRecipe {
  static let keys = ["exact", "lines", "minhash", "containment"]

  init(_ value: YAMLValue) throws(ManifestError) {
    let section = try value.section(keys: Self.keys)
    exact = try section["exact"]?.flag() ?? false
    lines = try section["lines"].map(Lines.init)
    minhash = try section["minhash"].map(MinHash.init)
    containment = try section["containment"].map(Containment.init)
  }

  var canonicalValue: Canonical {
    .fields([
      "exact": exact ? .flag(true) : nil,
      "lines": lines.map { .fields(["group": $0.group.map(Canonical.integer)]) },
      "minhash": minhash.map {
        .fields([
          "ngram": .integer($0.ngram), "bands": .integer($0.bands), "rows": .integer($0.rows),
          "seed": .text(String($0.seed)), "threshold": $0.threshold.map(Canonical.number),
        ])
      },
      "containment": containment.map {
        .fields(["ngram": .integer($0.ngram), "threshold": .number($0.threshold)])
      },
    ])
  }
}

extension DuplicatesRecipe.Lines {
  fileprivate init(_ value: YAMLValue) throws(ManifestError) {
    let section = try value.section(keys: ["group"])
    self.init(group: try section["group"]?.integer(in: 1...1_000_000))
  }
}

extension DuplicatesRecipe.MinHash {
  fileprivate init(_ value: YAMLValue) throws(ManifestError) {
    let section = try value.section(keys: ["ngram", "bands", "rows", "seed", "threshold"])
    self.init()
    ngram = try section["ngram"]?.integer(in: 1...100) ?? ngram
    bands = try section["bands"]?.integer(in: 1...1000) ?? bands
    rows = try section["rows"]?.integer(in: 1...1000) ?? rows
    seed = UInt64(try section["seed"]?.integer(in: 0...(1 << 53)) ?? 1)
    threshold = try section["threshold"]?.number(in: 0...1)
  }
}

extension DuplicatesRecipe.Containment {
  fileprivate init(_ value: YAMLValue) throws(ManifestError) {
    let section = try value.section(keys: ["ngram", "threshold"])
    self.init()
    ngram = try section["ngram"]?.integer(in: 1...100) ?? ngram
    threshold = try section["threshold"]?.number(in: 0...1) ?? threshold
  }
}
