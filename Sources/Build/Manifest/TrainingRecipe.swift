/// How a model is trained; the defaults are LLaMA's, section 2.3.
public struct TrainingRecipe: Sendable, Equatable {
  /// The peak of the schedule.
  public var learningRate: Double
  /// Where the cosine ends, as a share of the peak.
  public var finalLearningRate = 0.1
  /// Steps of linear growth up to the peak.
  public var warmUp = 2000
  public var steps: Int
  /// Sequences of one step, on all devices together.
  public var batchSequences: Int
  public var weightDecay = 0.1
  /// The largest norm of the gradient.
  public var clip = 1.0
  public var beta1 = 0.9
  public var beta2 = 0.95
  /// AdamW's; unpublished, this is its authors'.
  public var epsilon = 1e-8
  /// The standard deviation of the first weights; unpublished.
  public var initialDeviation = 0.02
  /// Of the first weights.
  public var seed: UInt64 = 1
  /// What matrix products multiply.
  public var products = NumberFormat.f32
  /// What AdamW keeps parameters in where the passes round them: on a GPU.
  public var weights = NumberFormat.f32
  /// What is done about a loss that rises out of the noise.
  public var spikes = SpikeRule.none

  public enum NumberFormat: String, CaseIterable, Sendable { case f32, bf16 }

  public enum SpikeRule: String, CaseIterable, Sendable { case none, skip, rewind }
}

extension TrainingRecipe {
  static let keys = [
    "learning-rate", "final-learning-rate", "warm-up", "steps", "tokens", "batch-sequences",
    "batch-tokens", "weight-decay", "clip", "betas", "epsilon", "initial-deviation", "seed",
    "products", "weights", "spikes",
  ]

  init(_ value: YAMLValue, context: Int) throws(ManifestError) {
    let section = try value.section(keys: Self.keys)
    learningRate = try section.required("learning-rate").number(in: 0...10)
    batchSequences = try batch(section, context: context)
    steps = try length(section, tokensPerStep: batchSequences * context)
    finalLearningRate =
      try section["final-learning-rate"]?.number(in: 0...1) ?? finalLearningRate
    warmUp = try section["warm-up"]?.integer(in: 0...1_000_000_000) ?? warmUp
    weightDecay = try section["weight-decay"]?.number(in: 0...10) ?? weightDecay
    clip = try section["clip"]?.number(in: 1e-6...1e6) ?? clip
    epsilon = try section["epsilon"]?.number(in: 1e-20...1) ?? epsilon
    initialDeviation = try section["initial-deviation"]?.number(in: 0...10) ?? initialDeviation
    seed = UInt64(try section["seed"]?.integer(in: 0...(1 << 53)) ?? 1)
    if let betas = section["betas"] {
      let both = try betas.list()
      guard both.count == 2 else {
        throw betas.error("\(betas.path) must be two numbers, such as [0.9, 0.95]")
      }
      beta1 = try both[0].number(in: 0...0.999999)
      beta2 = try both[1].number(in: 0...0.999999)
    }
    products = try choice(section["products"]) ?? products
    weights = try choice(section["weights"]) ?? weights
    spikes = try choice(section["spikes"]) ?? spikes
    guard warmUp < steps else {
      throw (section["warm-up"] ?? value).error(
        "\(value.path).warm-up is \(warmUp); it must be below the number of steps, \(steps)")
    }
  }

  var canonicalValue: Canonical {
    .fields([
      "learning-rate": .number(learningRate), "final-learning-rate": .number(finalLearningRate),
      "warm-up": .integer(warmUp), "steps": .integer(steps),
      "batch-sequences": .integer(batchSequences), "weight-decay": .number(weightDecay),
      "clip": .number(clip), "betas": .list([.number(beta1), .number(beta2)]),
      "epsilon": .number(epsilon), "initial-deviation": .number(initialDeviation),
      "seed": .text(String(seed)), "products": .text(products.rawValue),
      "weights": .text(weights.rawValue), "spikes": .text(spikes.rawValue),
    ])
  }
}

/// One of an enumeration's words; nil where the key is absent.
private func choice<Choice: RawRepresentable & CaseIterable>(
  _ value: YAMLValue?
) throws(ManifestError) -> Choice? where Choice.RawValue == String {
  guard let value else { return nil }
  let text = try value.text()
  guard let choice = Choice(rawValue: text) else {
    let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    throw value.error("\(value.path) is \(text); it must be one of \(words)")
  }
  return choice
}

private func batch(_ section: Section, context: Int) throws(ManifestError) -> Int {
  let value = try either("batch-sequences", "batch-tokens", of: section)
  guard value.path.hasSuffix("tokens") else { return try value.integer(in: 1...(1 << 24)) }
  let tokens = try value.integer(in: 1...(1 << 34))
  guard tokens % context == 0 else {
    throw value.error("\(value.path) is \(tokens); it must be a multiple of context, \(context)")
  }
  return tokens / context
}

private func length(_ section: Section, tokensPerStep: Int) throws(ManifestError) -> Int {
  let value = try either("steps", "tokens", of: section)
  guard value.path.hasSuffix("tokens") else { return try value.integer(in: 1...1_000_000_000) }
  // The nearest number of whole steps: 238,419 and 333,786 for LLaMA's 1.0T and 1.4T.
  return max(1, (try value.integer(in: 1...(1 << 50)) + tokensPerStep / 2) / tokensPerStep)
}

/// The one of two keys that is given.
private func either(
  _ first: String, _ second: String, of section: Section
) throws(ManifestError) -> YAMLValue {
  switch (section[first], section[second]) {
  case (let value?, nil), (nil, let value?): return value
  case (_?, let other?):
    throw other.error("\(other.path) has no meaning beside \(section.value.path).\(first)")
  case (nil, nil):
    throw section.value.error(
      "\"\(first)\" or \"\(second)\" is missing in \(section.value.name)")
  }
}
