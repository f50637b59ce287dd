import Formats
import Llama
import Planning

/// A plan as tables for a terminal, or as one object for a program.
struct PlanReport {
  let name: String
  let workload: Workload
  let cluster: Cluster
  let plan: Plan
  let script: LaunchScript

  private var layout: Layout { plan.layout }
  private var step: StepEstimate { plan.step }
  private var sequences: Int { layout.sequences(of: workload, on: cluster) }
  private var tokens: Double { Double(workload.steps) * Double(workload.tokensPerStep) }

  /// Seconds of a step by what they are spent on; all of them together are the step.
  private var parts: [(name: String, key: String, seconds: Double)] {
    [
      ("products", "products", step.work.products),
      ("attention", "attention", step.work.attention),
      ("element-wise work", "elementWise", step.work.elementWise),
      ("optimizer", "optimizer", step.optimizer),
      ("exchange within layers", "tensorExchange", step.work.tensorExchange),
      ("waiting for other ranks", "dataExchange", step.dataExchange),
    ]
  }

  var text: String {
    "\(name) on \(grouped(cluster.gpus)) \(cluster.accelerator.name): what a written model says, "
      + "not a measurement\n\n" + summary.text + "\n" + times.text + "\n" + memory.text
      + "\n" + start
  }

  private var summary: Table {
    var table = Table("layout", "")
    table.add("GPUs that share a layer", "\(layout.tensorRanks)")
    table.add("groups that share a batch", grouped(layout.dataRanks(of: cluster.gpus)))
    table.add("ZeRO stage", "\(layout.zero.rawValue)")
    table.add("computed again", layout.recompute.rawValue)
    table.add("parts of a batch", grouped(layout.accumulation))
    table.add("sequences at a time", grouped(sequences))
    table.add("tokens/s/GPU", grouped(Int(step.tokensPerSecond.rounded())))
    table.add("tokens/s", grouped(Int((step.tokensPerSecond * Double(cluster.gpus)).rounded())))
    table.add("MFU of 6N", percent(step.utilisation))
    table.add("MFU with attention", percent(step.utilisationWithAttention))
    table.add("days for \(billions(tokens)) tokens", fixed(step.days, 1))
    return table
  }

  private var times: Table {
    var table = Table("time of a step", "seconds", "share")
    let decimals = step.seconds < 0.1 ? 6 : 4
    for part in parts {
      table.add(part.name, fixed(part.seconds, decimals), percent(part.seconds / step.seconds))
    }
    table.add("all", fixed(step.seconds, decimals), percent(1))
    return table
  }

  private var memory: Table {
    var table = Table("memory of a GPU", "bytes", "size")
    for use in plan.memory.uses { table.add(use.purpose, grouped(use.bytes), inBytes(use.bytes)) }
    table.add("all", grouped(plan.memory.bytes), inBytes(plan.memory.bytes))
    let memory = cluster.accelerator.memory
    table.add("of \(cluster.accelerator.name)'s", grouped(memory), inBytes(memory))
    return table
  }

  private var start: String {
    cluster.nodes == 1
      ? "start it with\n  " + script.text(for: .none)
      : "start it with what --launcher slurm or --launcher torchrun prints\n"
  }

  private func percent(_ share: Double) -> String { fixed(100 * share, 1) + " %" }

  private func billions(_ count: Double) -> String {
    count < 1e9
      ? "\(fixed(count / 1e6, 1)) million" : "\(grouped(Int((count / 1e9).rounded()))) billion"
  }

  var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.texts([("model", name), ("gpu", cluster.accelerator.name)])
      json.integers([
        ("gpus", cluster.gpus), ("nodes", cluster.nodes), ("tensorParallel", layout.tensorRanks),
        ("zero", layout.zero.rawValue), ("accumulation", layout.accumulation),
        ("sequences", sequences),
      ])
      json.texts([("recompute", layout.recompute.rawValue), ("flags", script.flags)])
      json.numbers([
        ("tokensPerSecondPerGPU", step.tokensPerSecond), ("mfu", step.utilisation),
        ("mfuWithAttention", step.utilisationWithAttention), ("days", step.days),
        ("secondsPerStep", step.seconds),
      ])
      json.key("seconds")
      json.object { json in json.numbers(parts.map { ($0.key, $0.seconds) }) }
      json.integers([
        ("memoryBytes", plan.memory.bytes), ("gpuMemoryBytes", cluster.accelerator.memory),
      ])
      json.key("memory")
      json.object { json in json.integers(plan.memory.uses.map { ($0.purpose, $0.bytes) }) }
    }
    return json.bytes + [0x0a]
  }
}

extension JSONWriter {
  fileprivate mutating func texts(_ members: [(String, String)]) {
    for (name, text) in members {
      key(name)
      string(text)
    }
  }

  fileprivate mutating func integers(_ members: [(String, Int)]) {
    for (name, number) in members {
      key(name)
      integer(number)
    }
  }

  fileprivate mutating func numbers(_ members: [(String, Double)]) {
    for (name, number) in members {
      key(name)
      self.number(number)
    }
  }
}
