/// Seconds that kernels take on one GPU.
package struct KernelTimes {
  package let accelerator: Accelerator
  package let efficiency: Efficiency

  package init(accelerator: Accelerator, efficiency: Efficiency) {
    self.accelerator = accelerator
    self.efficiency = efficiency
  }

  /// A product of m × k and k × n numbers of bf16.
  ///
  /// Multiprocessors compute tiles in waves, the last of which may be half empty; what is read and
  /// written sets the limit where k is small.
  ///
  /// For each of the m × n sums, `resultBytes` are read and written.
  package func product(_ m: Int, _ n: Int, _ k: Int, resultBytes: Int) -> Double {
    let tiled = efficiency.tiles.map { tile in
      let tiles = ((m + tile.rows - 1) / tile.rows) * ((n + tile.columns - 1) / tile.columns)
      let processors = accelerator.multiprocessors
      let waves = (tiles + processors - 1) / processors
      let operations =
        2 * Double(waves * processors) * Double(tile.rows * tile.columns)
        * Double(k + efficiency.tileFill)
      return operations / (accelerator.productPeak * tile.speed)
    }
    let bytes = 2 * Double(k) * Double(m + n) + Double(resultBytes) * Double(m) * Double(n)
    return max(tiled.min() ?? 0, bytes / bandwidth) + efficiency.kernelGap
  }

  /// A kernel that does no more than read and write so many bytes.
  package func stream(_ bytes: Int) -> Double { Double(bytes) / bandwidth + efficiency.kernelGap }

  /// Causal attention: two products of half of length × length for each head, forward.
  package func attention(tokens: Int, length: Int, channels: Int) -> Double {
    let operations = 2 * Double(tokens) * Double(length) * Double(channels)
    let share = efficiency.attentionForward.share(at: length)
    return operations / (accelerator.peak * share) + efficiency.kernelGap
  }

  /// Its backward pass: five products, the first of which is computed again.
  package func attentionBackward(tokens: Int, length: Int, channels: Int) -> Double {
    let operations = 5 * Double(tokens) * Double(length) * Double(channels)
    let share = efficiency.attentionBackward.share(at: length)
    return operations / (accelerator.peak * share) + efficiency.kernelGap
  }

  private var bandwidth: Double { accelerator.memoryBandwidth * efficiency.memory }
}
