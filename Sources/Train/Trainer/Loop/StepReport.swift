import Formats
import Glibc
import Ground

/// What one step was: a line of `metrics.jsonl`.
public struct StepReport: Sendable {
  /// Counted from 1.
  public var step: Int
  /// Of the whole run.
  public var steps: Int
  /// Tokens seen so far, this step's included.
  public var tokens: Int
  /// The mean over the batch's tokens before the update, in nats.
  public var loss: Double
  public var learningRate: Double
  /// Before clipping.
  public var gradientNorm: Double
  /// Of all parameters together, before the update; nil where it is not due.
  public var parameterNorm: Double?
  /// Why the parameters were left alone; nil where they were not.
  public var skipped: BadBatch?
  /// The samples of the batch, in the order of sequences.
  public var samples: Range<Int>
  /// After the update; nil where this step has no validation.
  public var validationLoss: Double?
  /// The same by the source of the targets, where sources are known, in byte order.
  public var validationBySource: [(source: String, loss: Double)] = []
  /// Of this step alone, validation and saving left out.
  public var seconds: Double
  /// The same as speed.
  public var tokensPerSecond: Double
  /// The share of the machine's peak that the model's arithmetic took; nil where no peak is known.
  public var utilisation: Double?
  /// Bytes taken where rank 0 computes; see `TrainingBackend.memoryTaken`.
  public var memory: Int

  public var isSkipped: Bool { skipped != nil }

  /// One JSON object.
  ///
  /// What depends on the machine stands at the end: speed, utilisation, memory, time.
  func json(time: Double) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.key("step")
      json.integer(step)
      json.key("tokens")
      json.integer(tokens)
      json.key("loss")
      json.number(loss)
      json.key("learningRate")
      json.number(learningRate)
      json.key("gradientNorm")
      json.number(gradientNorm)
      if let parameterNorm {
        json.key("parameterNorm")
        json.number(parameterNorm)
      }
      if let skipped {
        json.key("skipped")
        json.object { skipped.write(to: &$0) }
      }
      if let validationLoss {
        json.key("validationLoss")
        json.number(validationLoss)
      }
      if !validationBySource.isEmpty {
        json.key("validation")
        json.object { json in
          for (source, loss) in validationBySource {
            json.key(source)
            json.number(loss)
          }
        }
      }
      json.key("tokensPerSecond")
      json.number(tokensPerSecond.rounded())
      if let utilisation {
        json.key("utilisation")
        json.number((utilisation * 10_000).rounded() / 10_000)
      }
      json.key("memory")
      json.integer(memory)
      json.key("time")
      json.number(time)
    }
    return json.bytes
  }

  /// A line for people, such as `step 120 of 1000, loss 3.214, rate 2.91e-4, norm 0.91, 1234 tokens/s`.
  public var line: String {
    var parts = [
      "step \(step) of \(steps)", "loss \(decimals(loss, 4))",
      "rate \(significant(learningRate))", "norm \(decimals(gradientNorm, 3))",
    ]
    if let validationLoss { parts.append("validation \(decimals(validationLoss, 4))") }
    if let skipped {
      parts.append(skipped.reason == .spike ? "skipped: a spike" : "skipped: not finite")
    }
    if tokensPerSecond > 0 {
      parts.append("\(Int(tokensPerSecond)) tokens/s")
      let seconds = Double(steps - step) * Double(samples.count) * secondsPerSample
      if step < steps { parts.append("\(duration(seconds)) left") }
    }
    return parts.joined(separator: ", ")
  }

  /// Seconds that a sample took, by this step's speed.
  private var secondsPerSample: Double {
    let tokensPerSample = Double(tokens) / Double(max(1, samples.upperBound))
    return tokensPerSample / max(tokensPerSecond, 1e-9)
  }
}

/// A number with so many digits after the point; one that is not finite as Swift says it.
func decimals(_ number: Double, _ digits: Int) -> String {
  guard number.isFinite, abs(number) < 1e12 else { return "\(number)" }
  let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
  let scaled = Int((abs(number) * Double(scale)).rounded())
  let rest = String(scaled % scale)
  let zeros = String(repeating: "0", count: digits - rest.utf8.count)
  return "\(number < 0 ? "-" : "")\(scaled / scale).\(zeros)\(rest)"
}

/// Three digits and an exponent, such as `2.91e-4`.
private func significant(_ number: Double) -> String {
  guard number > 0, number.isFinite else { return "\(number)" }
  var exponent = 0
  var mantissa = number
  while mantissa >= 10 {
    mantissa /= 10
    exponent += 1
  }
  while mantissa < 1 {
    mantissa *= 10
    exponent -= 1
  }
  return "\(decimals(mantissa, 2))e\(exponent)"
}

private func duration(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e9 else { return "very long" }
  let whole = Int(seconds)
  return switch whole {
  case ..<60: "\(whole) s"
  case ..<3600: "\(whole / 60) min"
  case ..<86_400: "\(whole / 3600) h \(whole % 3600 / 60) min"
  default: "\(whole / 86_400) d \(whole % 86_400 / 3600) h"
  }
}
