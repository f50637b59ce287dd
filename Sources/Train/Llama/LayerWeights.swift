internal import Compute

// Shape suffixes: C channels, X mixed channels (queries, keys, values), A attention's output,
// H hidden channels, V vocabulary.

/// A layer's parameters or gradients: views of its unit.
struct LayerWeights<Memory: DeviceMemory> {
  let attentionNorm_C, mixed_XC, output_CA, feedNorm_C, gateUp_2HC, down_CH: Memory

  init(_ sizes: Sizes, in unit: Memory) {
    let (C, H) = (sizes.C, sizes.H)
    var offset = 0
    func take(_ count: Int) -> Memory {
      defer { offset += count }
      return unit.part(offset, count)
    }
    attentionNorm_C = take(C)
    mixed_XC = take(sizes.X * C)
    output_CA = take(C * sizes.A)
    feedNorm_C = take(C)
    gateUp_2HC = take(2 * H * C)
    down_CH = take(C * H)
    precondition(offset == unit.count, "\(unit.count) parameters; the sizes say \(offset)")
  }
}

/// The last unit: the norm before the output layer, and that layer.
struct HeadWeights<Memory: DeviceMemory> {
  let norm_C, head_VC: Memory

  init(_ sizes: Sizes, in unit: Memory) {
    norm_C = unit.part(0, sizes.C)
    head_VC = unit.part(sizes.C, sizes.V * sizes.C)
  }
}
