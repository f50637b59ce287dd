import Compute
import Llama

extension Table {
  /// A CPU's figures of training; shares by processor time are of one thread's peak.
  mutating func add(cpu speed: TrainingSpeed, peakOfThread peak: Double, threads: Int) {
    let operations = speed.config.operationsPerToken(length: speed.length)
    let rate = speed.tokensPerProcessorSecond
    add("tokens a second", fixed(speed.tokensPerSecond, 0))
    add("tokens a CPU-second", fixed(rate, 0))
    add("slowest step, tokens a CPU-second", fixed(speed.processorRates.slowest, 0))
    add("fastest step, tokens a CPU-second", fixed(speed.processorRates.fastest, 0))
    add("GFLOP a CPU-second", fixed(rate * operations / 1e9, 0))
    add("share of peak", percent(rate * operations / peak))
    addUtilisation(speed, peak: peak * Double(threads))
    addLoss(speed)
  }

  /// A GPU's figures of training.
  ///
  /// - Parameters:
  ///   - speed: As measured.
  ///   - peak: Operations a second of the device; nil where that is not known.
  mutating func add(_ speed: TrainingSpeed, peak: Double?) {
    add("parameters", grouped(speed.config.parameterCount))
    add("tokens a step", grouped(speed.sequences * speed.length))
    add("tokens a second", fixed(speed.tokensPerSecond, 0))
    add("ms a step", fixed(1000 * speed.seconds, 1))
    add("TFLOP a second", fixed(speed.operationsPerSecond / 1e12, 1))
    addUtilisation(speed, peak: peak)
    addLoss(speed)
  }

  /// Model FLOPs utilisation, with either convention for attention.
  private mutating func addUtilisation(_ speed: TrainingSpeed, peak: Double?) {
    func share(_ rate: Double) -> String { peak.map { percent(rate / $0, 1) } ?? "-" }
    add("MFU, 6N and causal attention", share(speed.operationsPerSecond))
    add("MFU, 6N and whole attention (PaLM)", share(speed.operationsWithWholeAttention))
  }

  private mutating func addLoss(_ speed: TrainingSpeed) {
    add("loss of the first step", fixed(speed.losses[0], 4))
    let last = speed.losses.count - (speed.profile?.steps.count ?? 0) - 1
    add("loss of the last step", fixed(speed.losses[last], 4))
  }

  /// Memory as it is planned.
  mutating func add(memory uses: [MemoryUse]) {
    for use in uses { add("planned MB: \(use.purpose)", inMegabytes(use.bytes)) }
    add("planned MB in all", inMegabytes(uses.reduce(0) { $0 + $1.bytes }))
  }
}

/// What a profile's steps spent their time on, by class of operation.
func classTable(of profile: Profile) -> Table {
  var table = Table("class", "operations a step", "ms a step", "share")
  let steps = max(1, profile.steps.count)
  func milliseconds(_ seconds: Double) -> String { fixed(1000 * seconds / Double(steps), 2) }
  for sum in profile.classes {
    table.add(
      sum.name, "\(sum.count / steps)", milliseconds(sum.seconds), percent(sum.share, 1))
  }
  table.add(
    "gaps", "-", milliseconds(profile.gaps), percent(profile.gaps / max(profile.seconds, 1e-12), 1))
  table.add("all", "\(profile.spans.count / steps)", milliseconds(profile.seconds), percent(1, 1))
  return table
}

func inMegabytes(_ bytes: Int) -> String { fixed(Double(bytes) / 1e6, 0) }

func percent(_ share: Double, _ decimals: Int = 0) -> String { "\(fixed(100 * share, decimals)) %" }
