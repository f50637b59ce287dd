import Ground
import Llama
import Testing

@Suite struct ConfigTests {
  /// Exact counts of the four sizes: 2·V·d + L·(4·d² + 3·d·ffn + 2·d) + d with V = 32,000.
  @Test(arguments: [
    (LlamaConfig.llama7B, 6_738_415_616, 11_008), (.llama13B, 13_015_864_320, 13_824),
    (.llama33B, 32_528_943_616, 17_920), (.llama65B, 65_285_660_672, 22_016),
  ])
  func sizesOfThePaper(config: LlamaConfig, parameters: Int, hidden: Int) throws {
    #expect(config.parameterCount == parameters)
    #expect(config.hiddenDim == hidden)
    #expect(config.headDim == 128)
    try config.validate()
  }

  @Test func tensorsFillTheBufferWithoutGaps() {
    let config = LlamaConfig(
      vocabularySize: 61, dim: 24, layers: 2, heads: 4, keyValueHeads: 2, hiddenDim: 40)
    var end = 0
    for tensor in config.tensors {
      #expect(tensor.offset == end)
      #expect(tensor.count == tensor.shape.reduce(1, *))
      #expect(tensor.decays == !tensor.name.contains("norm"))
      end += tensor.count
    }
    #expect(end == config.parameterCount)
    #expect(config.tensors.count == 3 + 9 * 2)
    #expect(
      config.tensors.first { $0.name.hasSuffix("0.self_attn.k_proj.weight") }?.shape == [12, 24])
  }

  @Test func operationsOfATokenAreSixForEveryWeight() {
    let config = LlamaConfig.llama7B
    let weights = 6_738_415_616 - 32_000 * 4096 - 65 * 4096
    let attention = 6.0 * 32 * 4096 * 2048
    #expect(config.operationsPerToken(length: 2048) == 6 * Double(weights) + attention)
  }

  @Test(arguments: [
    (LlamaConfig(dim: 10, layers: 1, heads: 3), "3 heads do not cut 10 into even parts"),
    (LlamaConfig(dim: 12, layers: 1, heads: 4), "4 heads do not cut 12 into even parts"),
    (
      LlamaConfig(dim: 24, layers: 1, heads: 4, keyValueHeads: 3),
      "4 heads cannot share 3 key-value heads evenly"
    ),
    (LlamaConfig(dim: 24, layers: 0, heads: 4), "layers is 0; it must be 1 to 4096"),
    (LlamaConfig(dim: 24, layers: 1, heads: 0), "heads is 0; it must be 1 to 16384"),
  ])
  func wrongSizesAreNamed(config: LlamaConfig, message: String) {
    #expect(throws: Fault("model", at: 0, .unusable(message))) { try config.validate() }
  }

  @Test func metaRowsAreTakenInPairs() {
    // Two heads of four rows: neighbours (0, 1), (2, 3) become (0, 2), (1, 3).
    #expect(
      (0..<8).map { rotateHalfRow(ofMetaRow: $0, headDim: 4) } == [0, 2, 1, 3, 4, 6, 5, 7])
  }
}
