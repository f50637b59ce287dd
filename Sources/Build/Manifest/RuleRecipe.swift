/// Keeps the documents whose signal lies in a closed range.
public struct RuleRecipe: Sendable, Equatable {
  public var signal: String
  public var keeps: ClosedRange<Double>
  public var line: Int

  public init(signal: String, keeps: ClosedRange<Double>, line: Int = 0) {
    self.signal = signal
    self.keeps = keeps
    self.line = line
  }

  /// Compares what the rules say, not where they stand.
  public static func == (left: Self, right: Self) -> Bool {
    left.signal == right.signal && left.keeps == right.keeps
  }
}

extension RuleRecipe {
  init(signal: String, _ value: YAMLValue) throws(ManifestError) {
    let section = try value.section(keys: ["min", "max"])
    guard !section.entries.isEmpty else {
      throw value.error("\(value.path) needs \"min\" or \"max\"")
    }
    let everything = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    let min = try section["min"].map { value throws(ManifestError) in
      try value.number(in: everything)
    }
    let max = try section["max"].map { value throws(ManifestError) in
      try value.number(in: everything)
    }
    let (low, high) = (min ?? -.infinity, max ?? .infinity)
    guard low <= high else {
      throw value.error(
        "\(value.path) keeps nothing: min \(shortest(low)) is above max \(shortest(high))")
    }
    self.init(signal: signal, keeps: low...high, line: value.line)
  }

  var canonical: Canonical {
    .fields([
      "max": keeps.upperBound.isFinite ? .number(keeps.upperBound) : nil,
      "min": keeps.lowerBound.isFinite ? .number(keeps.lowerBound) : nil,
    ])
  }
}
