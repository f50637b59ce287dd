import CUDA
import Llama
import Planning
import Testing

/// A model of the paper, with what its table 15 says.
struct PaperModel: CustomTestStringConvertible {
  let name: String
  let config: LlamaConfig
  let steps: Int
  /// A100 hours.
  let hours: Double

  /// 4,194,304 tokens a step, as in `Manifests/models`.
  var workload: Workload { Workload(config: config, batch: 2048, context: 2048, steps: steps) }

  /// Tokens a second and GPU; 380 for 65B, as section 2.4 says too.
  var speed: Double { Double(steps) * Double(workload.tokensPerStep) / (hours * 3600) }

  var planner: Planner<CUDAEngine> { Planner(workload, engine: CUDAEngine.self) }

  var testDescription: String { name }

  static let all = [
    PaperModel(name: "7b", config: .llama7B, steps: 238_419, hours: 82_432),
    PaperModel(name: "13b", config: .llama13B, steps: 238_419, hours: 135_168),
    PaperModel(name: "33b", config: .llama33B, steps: 333_786, hours: 530_432),
    PaperModel(name: "65b", config: .llama65B, steps: 333_786, hours: 1_022_362),
  ]
}

/// A GPU and factors with which every time can be reckoned by hand: one operation and one byte a
/// second, no tiles, no latency but that of rings.
enum Plain {
  static let accelerator = Accelerator(
    name: "plain", peak: 1, productPeak: 1, multiprocessors: 1, memory: 1 << 40,
    memoryBandwidth: 1e30, nodeBandwidth: 1e30, networkBandwidth: 1e30)

  static let efficiency: Efficiency = {
    var plain = Efficiency()
    plain.tiles = [Efficiency.Tile(rows: 1, columns: 1, speed: 1)]
    plain.tileFill = 0
    plain.memory = 1
    plain.kernelGap = 0
    plain.attentionForward = Efficiency.Saturation(most: 1, half: 0)
    plain.attentionBackward = Efficiency.Saturation(most: 1, half: 0)
    plain.node = 1
    plain.network = 1
    plain.nodeOccupied = 0
    plain.networkOccupied = 0
    plain.sustained = 1
    plain.slowest = 1
    return plain
  }()

  /// Grouped heads, so that queries and keys differ.
  static let config = LlamaConfig(
    vocabularySize: 64, dim: 32, layers: 3, heads: 4, keyValueHeads: 2, hiddenDim: 48, context: 16)

  static func workload(batch: Int = 8) -> Workload {
    Workload(config: config, batch: batch, context: 16, steps: 10)
  }
}
