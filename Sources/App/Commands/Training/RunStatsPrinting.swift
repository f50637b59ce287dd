import Formats

extension RunStats {
  /// A table and a curve; `logSteps` draws the steps by their logarithm.
  func text(logSteps: Bool) -> String {
    guard let first = steps.first, let last = steps.last else {
      return "the run has no steps yet\n"
    }
    var table = Table("run", folder)
    table.add("steps", grouped(last.step))
    table.add("tokens", grouped(last.tokens))
    table.add("first loss", first.loss.map { fixed($0, 4) } ?? "-")
    table.add("last loss, smoothed", lastLoss.map { fixed($0, 4) } ?? "-")
    if let best = bestValidation, let loss = best.validationLoss {
      table.add("best validation loss", "\(fixed(loss, 4)) at step \(grouped(best.step))")
    }
    if let last = lastValidation, let loss = last.validationLoss {
      table.add("last validation loss", "\(fixed(loss, 4)) at step \(grouped(last.step))")
    }
    for (source, loss) in validationBySource { table.add("  \(source)", fixed(loss, 4)) }
    table.add("tokens a second, median", grouped(Int(min(speed, 1e15))))
    if let utilisation { table.add("share of the peak", "\(fixed(100 * utilisation, 1)) %") }
    table.add("most memory", inBytes(steps.map(\.memory).max() ?? 0))
    table.add("skipped steps", grouped(skipped))
    table.add("rewinds", grouped(rewinds))
    table.add("resumes", grouped(resumes))
    var curve = RunCurve(isLogarithmic: logSteps)
    curve.add(smoothed)
    curve.mark(validation)
    var legend = "loss by step\(logSteps ? " (logarithmic)" : ""): training, smoothed, as a line"
    if !validation.isEmpty { legend += "; validation as o" }
    return table.text + "\n" + curve.text + legend + "\n"
  }

  var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.integers([
        ("steps", steps.last?.step ?? 0), ("tokens", steps.last?.tokens ?? 0),
        ("skipped", skipped), ("rewinds", rewinds), ("resumes", resumes),
        ("memory", steps.map(\.memory).max() ?? 0),
      ])
      json.numbers([
        ("firstLoss", steps.first?.loss), ("lastLoss", lastLoss),
        ("bestValidationLoss", bestValidation?.validationLoss),
        ("lastValidationLoss", lastValidation?.validationLoss), ("tokensPerSecond", speed),
        ("utilisation", utilisation),
      ])
      json.key("bestValidationStep")
      bestValidation.map { json.integer($0.step) } ?? json.null()
      json.key("validation")
      json.object { json in
        json.numbers(validationBySource.map { ($0.source, Optional($0.loss)) })
      }
    }
    return json.bytes + [0x0a]
  }
}

extension JSONWriter {
  fileprivate mutating func integers(_ members: [(name: String, value: Int)]) {
    for (name, value) in members {
      key(name)
      integer(value)
    }
  }

  fileprivate mutating func numbers(_ members: [(name: String, value: Double?)]) {
    for (name, value) in members {
      key(name)
      value.map { number($0) } ?? null()
    }
  }
}
