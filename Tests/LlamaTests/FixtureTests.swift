import Compute
import Glibc
import Ground
import Llama
import TestSupport
import Testing

/// The model against transformers' LlamaForCausalLM; `Goldens/make_fixture.py` makes the fixtures.
@Suite struct FixtureTests {
  struct Fixture: CustomTestStringConvertible {
    let name: String
    let config: LlamaConfig
    let batch: Int
    let length: Int
    var testDescription: String { name }
    var path: String { "\(repository)/Tests/LlamaTests/Goldens/\(name).safetensors" }
  }

  static let fixtures = [
    Fixture(
      name: "grouped",
      config: LlamaConfig(
        vocabularySize: 512, dim: 64, layers: 2, heads: 4, keyValueHeads: 2, hiddenDim: 176,
        context: 64, normEpsilon: 1e-5), batch: 2, length: 32),
    Fixture(
      name: "multihead",
      config: LlamaConfig(
        vocabularySize: 61, dim: 24, layers: 1, heads: 3, hiddenDim: 40, context: 16,
        normEpsilon: 1e-5), batch: 1, length: 13),
  ]

  @Test(arguments: fixtures, InstructionSet.allCases.filter(\.isHere))
  func agreesWithTransformers(fixture: Fixture, instructions: InstructionSet) throws {
    let file = try SafetensorsFile(path: fixture.path)
    let (B, L, V) = (fixture.batch, fixture.length, fixture.config.vocabularySize)
    let model = LlamaModel(
      config: fixture.config, maximumTokens: B * L, workers: WorkerPool(threads: 2),
      instructions: instructions)
    for tensor in model.tensors {
      try file.read(tensor.name, shape: tensor.shape, into: model.parameters.part(tensor.range))
    }
    let stored = try #require(file["ids"])
    #expect(stored.shape == [B, L + 1])
    let ids = unsafe file.withBytes(of: stored) { bytes in
      unsafe Array(bytes.bindMemory(to: Int32.self))
    }
    var tokens: [Int32] = []
    var targets: [Int32] = []
    for row in stride(from: 0, to: ids.count, by: L + 1) {
      tokens += ids[row..<row + L]
      targets += ids[row + 1...row + L]
    }

    let expected = Arena<Float>(count: B * L * V).all
    try file.read("logits", shape: [B, L, V], into: expected)
    let logits = try model.logits(tokens: tokens, batch: B, length: L)
    let furthest = zip(logits, expected.array).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(furthest < 1e-5)

    let right = Arena<Float>(count: 1).all
    try file.read("loss", shape: [1], into: right)
    let loss = try model.forwardBackward(
      tokens: tokens, targets: targets, batch: B, length: L, lossScale: 1 / Double(B * L))
    #expect(loss.count == B * L)
    #expect(abs(loss.mean - Double(right[0])) < 1e-6)
    #expect(try model.loss(tokens: tokens, targets: targets, batch: B, length: L) == loss)

    for tensor in model.tensors {
      let gradient = Arena<Float>(count: tensor.count).all
      try file.read("grad.\(tensor.name)", shape: tensor.shape, into: gradient)
      let found = model.gradients.part(tensor.range).array
      var error = 0.0, norm = 0.0
      for (a, b) in zip(found, gradient.array) {
        error += Double(a - b) * Double(a - b)
        norm += Double(b) * Double(b)
      }
      // Both are f32: each side is off by some 1e-6 of the norm.
      #expect((error / norm).squareRoot() < 1e-5, "\(tensor.name)")
    }
  }
}
