import Compute
import Formats

/// A named number or text of a JSON record.
struct Field: Equatable {
  enum Value: Equatable {
    case integer(Int)
    case number(Double)
    case text(String)
  }

  var name: String
  var value: Value

  init(_ name: String, _ value: Int) { (self.name, self.value) = (name, .integer(value)) }
  init(_ name: String, _ value: Double) { (self.name, self.value) = (name, .number(value)) }
  init(_ name: String, _ value: String) { (self.name, self.value) = (name, .text(value)) }

  /// True where `node` holds this very value.
  func equals(_ node: JSONNode?) -> Bool {
    switch value {
    case .integer(let integer): node?.integer == integer
    case .number(let number): node?.number == number
    case .text(let text): node?.string == text
    }
  }
}

extension JSONWriter {
  /// Writes the fields as an object's members.
  mutating func members(_ fields: [Field]) {
    for field in fields {
      key(field.name)
      switch field.value {
      case .integer(let integer): self.integer(integer)
      case .number(let number): self.number(number)
      case .text(let text): string(text)
      }
    }
  }
}

extension TrainingSettings {
  /// What the outcome depends on; a run is resumed with the same.
  ///
  /// Parts of a batch, checkpoints and validation are not among them: they may change on the way.
  var fields: [Field] {
    [
      Field("steps", steps), Field("batch", batch), Field("context", context),
      Field("peakLearningRate", peakLearningRate), Field("warmUp", warmUp),
      Field("minimumRatio", minimumRatio), Field("beta1", beta1), Field("beta2", beta2),
      Field("epsilon", epsilon), Field("weightDecay", weightDecay), Field("clip", clip),
      Field("seed", String(seed)), Field("products", products.rawValue),
    ]
  }
}
