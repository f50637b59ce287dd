import Compute
import Llama
import Testing

// One model is shared, whose activations only one test at a time may use.
@Suite(.serialized) struct GeneratorTests {
  /// Longer than a block of the prompt, with shared key-value heads.
  static let model: LlamaModel = {
    let config = LlamaConfig(
      vocabularySize: 97, dim: 32, layers: 3, heads: 4, keyValueHeads: 2, hiddenDim: 48,
      context: 160)
    let model = LlamaModel(
      config: config, maximumTokens: 160, workers: WorkerPool(threads: 2), trains: false)
    model.initialize(seed: 1)
    for index in 0..<model.parameters.count { model.parameters[index] *= 6 }
    return model
  }()

  @Test(arguments: [1, 3, 5, 64, 65, 130])
  func logitsEqualThoseOfTheWholeSequence(prompt: Int) throws {
    let tokens = randomTokens(140, below: 97, seed: 3)
    let whole = try Self.model.logits(tokens: tokens, batch: 1, length: 140)
    let generator = Generator(model: Self.model)
    var read = 0
    for count in [prompt, 1, 1, 7, 1] where read + count <= 140 {
      let logits = generator.read(Array(tokens[read..<read + count]))
      read += count
      let right = whole[(read - 1) * 97..<read * 97]
      let furthest = zip(logits, right).reduce(0) { max($0, abs($1.0 - $1.1)) }
      // Logits are near 10 here; the sums are the same in another order.
      #expect(furthest < 1e-4)
    }
    #expect(generator.position == read)
  }

  @Test func greedyTokensEqualThoseOfFullRecomputation() throws {
    var tokens = randomTokens(5, below: 97, seed: 4)
    let written = Generator(model: Self.model).write(after: tokens, count: 40)
    #expect(written.count == 40)
    for token in written {
      let logits = try Self.model.logits(tokens: tokens, batch: 1, length: tokens.count).suffix(97)
      #expect(Sampling.greedy.choose(from: Array(logits), position: 0) == token)
      tokens.append(token)
    }
  }

  @Test func endsWhereTheContextOrTheTextEnds() {
    let generator = Generator(model: Self.model)
    let all = generator.write(after: [1], count: 1000)
    #expect(all.count == 160)
    generator.reset()
    var seen: [Int32] = []
    let cut = generator.write(after: [1], count: 1000, end: all[7]) { seen.append($0) }
    #expect(cut == Array(all[..<(all.firstIndex(of: all[7]) ?? 0)]))
    #expect(seen == cut)
  }

  @Test func theSameSeedWritesTheSame() {
    func write(_ seed: UInt64) -> [Int32] {
      Generator(model: Self.model).write(
        after: [1, 2], count: 30, sampling: Sampling(temperature: 1, topP: 0.9, seed: seed))
    }
    #expect(write(1) == write(1))
    #expect(write(1) != write(2))
  }

  @Test func samplingFollowsTheProbabilities() {
    // 0.5, 0.25, 0.125, 0.125.
    let logits: [Float] = [-0.6931472, -1.3862944, -2.0794415, -2.0794415].map { $0 + 5 }
    func shares(_ temperature: Double, _ topP: Double) -> [Double] {
      var counts = [Double](repeating: 0, count: 4)
      for position in 0..<20_000 {
        let sampling = Sampling(temperature: temperature, topP: topP, seed: 9)
        counts[Int(sampling.choose(from: logits, position: position))] += 1
      }
      return counts.map { $0 / 20_000 }
    }
    func near(_ found: [Double], _ right: [Double]) -> Bool {
      // Four deviations of a share of one half in 20,000 draws.
      zip(found, right).allSatisfy { abs($0 - $1) < 0.0142 }
    }
    let third = 1.0 / 3, part = 1.0 / 22
    #expect(near(shares(1, 1), [0.5, 0.25, 0.125, 0.125]))
    #expect(near(shares(1, 0.75), [2 * third, third, 0, 0]))
    #expect(shares(1, 0.5) == [1, 0, 0, 0])
    #expect(shares(0, 1) == [1, 0, 0, 0])
    // Temperature ½ squares the probabilities: 16, 4, 1, 1 of 22.
    #expect(near(shares(0.5, 1), [16 * part, 4 * part, part, part]))
  }
}
