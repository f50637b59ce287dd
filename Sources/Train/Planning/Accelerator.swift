/// A kind of GPU: figures of its datasheet, and how much of them has been measured.
///
/// Bandwidths are bytes a second in one direction.
public struct Accelerator: Hashable, Sendable {
  public var name: String
  /// Dense bf16 operations a second; utilisation is a share of this.
  public var peak: Double
  /// Operations a second of the fastest bf16 product that was found by measuring.
  public var productPeak: Double
  public var multiprocessors: Int
  /// Bytes.
  public var memory: Int
  public var memoryBandwidth: Double
  /// To the other GPUs of a node, over NVLink.
  public var nodeBandwidth: Double
  /// To other nodes: one network card for each GPU.
  public var networkBandwidth: Double

  public init(
    name: String, peak: Double, productPeak: Double, multiprocessors: Int, memory: Int,
    memoryBandwidth: Double, nodeBandwidth: Double, networkBandwidth: Double
  ) {
    self.name = name
    self.peak = peak
    self.productPeak = productPeak
    self.multiprocessors = multiprocessors
    self.memory = memory
    self.memoryBandwidth = memoryBandwidth
    self.nodeBandwidth = nodeBandwidth
    self.networkBandwidth = networkBandwidth
  }
}

// Peaks, memory and NVLink: NVIDIA's datasheets (nvidia-a100-datasheet-us-2188504, h100 tensor core
// GPU datasheet, hgx-h200), which count both directions of NVLink. Memory in MiB: nvidia-smi, as the
// datasheets' GB are neither 10⁹ nor 2³⁰ bytes. Fastest products: github.com/stas00/ml-engineering,
// compute/accelerator, "Maximum Achievable Matmul FLOPS". Network cards: eight of 200 Gb/s in a DGX
// A100 and of 400 Gb/s in a DGX H100 or H200 (their user guides). LLaMA's paper does not describe its
// cluster; Meta's of that time was made of DGX A100.
extension Accelerator {
  public static let a100 = Accelerator(
    name: "a100", peak: 312e12, productPeak: 271.2e12, multiprocessors: 108, memory: 81_920 << 20,
    memoryBandwidth: 2039e9, nodeBandwidth: 300e9, networkBandwidth: 25e9)

  public static let h100 = Accelerator(
    name: "h100", peak: 989e12, productPeak: 794.5e12, multiprocessors: 132, memory: 81_559 << 20,
    memoryBandwidth: 3350e9, nodeBandwidth: 450e9, networkBandwidth: 50e9)

  /// The fastest product is H100's: the same chip.
  public static let h200 = Accelerator(
    name: "h200", peak: 989e12, productPeak: 794.5e12, multiprocessors: 132, memory: 143_771 << 20,
    memoryBandwidth: 4800e9, nodeBandwidth: 450e9, networkBandwidth: 50e9)

  /// All kinds that are known: SXM modules with 80, 80 and 141 GB.
  public static let all = [a100, h100, h200]
}

/// So many GPUs of a kind.
public struct Cluster: Hashable, Sendable {
  public var accelerator: Accelerator
  public var gpus: Int
  /// GPUs that NVLink joins.
  public var perNode: Int

  public init(_ accelerator: Accelerator, gpus: Int, perNode: Int = 8) {
    self.accelerator = accelerator
    self.gpus = gpus
    self.perNode = perNode
  }

  public var nodes: Int { (gpus + perNode - 1) / perNode }
}
