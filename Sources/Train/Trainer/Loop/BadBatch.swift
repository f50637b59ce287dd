import Formats
import Ground

/// A batch that the run did not learn from, and why.
public struct BadBatch: Equatable, Sendable {
  public enum Reason: String, Sendable {
    /// The loss or the gradient has a number that is not finite.
    case notFinite
    /// The loss lies far above those of recent steps.
    case spike
  }

  /// One of the samples that had the highest losses.
  public struct Sample: Equatable, Sendable {
    /// In the order of sequences.
    public var sample: Int
    /// The mean over its targets.
    public var loss: Double
    /// The documents that it has parts of.
    public var origins: [SampleOrigin]
  }

  public var reason: Reason
  /// The step that it would have been.
  public var step: Int
  /// In the order of sequences.
  public var samples: Range<Int>
  public var loss: Double
  public var gradientNorm: Double
  /// The mean of recent losses; nil where the reason is another, or too few are known.
  public var recent: Double?
  /// How many deviations the loss lies above it.
  public var score: Double?
  /// The worst first.
  public var worst: [Sample]

  /// A sentence that names the documents, after an outcome such as `was skipped`.
  func sentence(_ outcome: String) -> String {
    var text = "step \(step) "
    switch reason {
    case .notFinite: text += "has no finite gradient"
    case .spike:
      text += "has a loss of \(decimals(loss, 4)), \(decimals(score ?? 0, 1)) deviations above "
      text += decimals(recent ?? 0, 4)
    }
    text += " and \(outcome): samples \(samples.lowerBound) to \(samples.upperBound - 1)"
    for sample in worst {
      let documents = sample.stretches.map { stretch in
        stretch.first == stretch.last
          ? "document \(stretch.first) of \(stretch.file)"
          : "documents \(stretch.first) to \(stretch.last) of \(stretch.file)"
      }
      text += "; sample \(sample.sample) with loss \(decimals(sample.loss, 2)): "
      text += documents.joined(separator: " and ")
    }
    return text
  }

  /// Writes the members that the line of a step lacks.
  func write(to json: inout JSONWriter) {
    json.key("reason")
    json.string(reason.rawValue)
    json.key("samples")
    json.array {
      $0.integer(samples.lowerBound)
      $0.integer(samples.upperBound)
    }
    if let recent, let score {
      json.key("recent")
      json.number(recent)
      json.key("score")
      json.number(score)
    }
    json.key("worst")
    json.array { json in
      for sample in worst {
        json.object { json in
          json.key("sample")
          json.integer(sample.sample)
          json.key("loss")
          json.number(sample.loss)
          json.key("documents")
          json.array { json in
            for stretch in sample.stretches {
              json.object { json in
                json.key("file")
                json.string(stretch.file)
                json.key("first")
                json.integer(stretch.first)
                json.key("last")
                json.integer(stretch.last)
              }
            }
          }
        }
      }
    }
  }
}

extension BadBatch.Sample {
  /// Its documents, neighbours of one file together.
  fileprivate var stretches: [(file: String, first: Int, last: Int)] {
    var stretches: [(file: String, first: Int, last: Int)] = []
    for origin in origins {
      let file = fileName(of: origin.file)
      if let before = stretches.last, before.file == file, before.last + 1 == origin.document {
        stretches[stretches.count - 1].last = origin.document
      } else {
        stretches.append((file, origin.document, origin.document))
      }
    }
    return stretches
  }
}
