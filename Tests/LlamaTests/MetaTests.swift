import Compute
import Ground
import Llama
import TestSupport
import Testing

/// Meta's checkpoints in and out; `Goldens/make_meta.py` makes the fixtures.
@Suite struct MetaTests {
  static let goldens = "\(repository)/Tests/LlamaTests/Goldens"

  /// Sizes that can be cut in two.
  static let even = LlamaConfig(
    vocabularySize: 62, dim: 24, layers: 2, heads: 4, keyValueHeads: 2, hiddenDim: 40, context: 2048
  )

  static func model(_ config: LlamaConfig, seed: UInt64, tokens: Int = 1) -> LlamaModel {
    let model = LlamaModel(
      config: config, maximumTokens: tokens, workers: WorkerPool(threads: 1), trains: false)
    model.initialize(seed: seed)
    // Logits of some size, and gains that differ, or a wrong use of them would pass.
    for tensor in model.tensors {
      for index in tensor.range {
        model.parameters[index] *= tensor.decays ? 8 : 1 + Float(index % 17) / 40
      }
    }
    return model
  }

  /// What torch wrote, in one part and in two, with strides, shared storages and three types.
  @Test(arguments: ["meta1", "meta2"])
  func whatTorchWroteGivesTheLogitsOfAnIndependentModel(name: String) throws {
    let folder = try ModelFolder(path: "\(Self.goldens)/\(name)")
    #expect(folder.layout == .meta)
    #expect(
      folder.config
        == LlamaConfig(
          vocabularySize: 20, dim: 16, layers: 2, heads: 4, keyValueHeads: 2, hiddenDim: 24))
    let model = Self.model(folder.config, seed: 1, tokens: 22)
    try model.load(from: folder)
    let file = try SafetensorsFile(path: "\(Self.goldens)/meta.safetensors")
    let stored = try #require(file["ids"])
    let ids = unsafe file.withBytes(of: stored) { unsafe Array($0.bindMemory(to: Int32.self)) }
    let expected = Arena<Float>(count: 22 * 20).all
    try file.read("logits", shape: [2, 11, 20], into: expected)
    let logits = try model.logits(tokens: ids, batch: 2, length: 11)
    let furthest = zip(logits, expected.array).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(furthest < 1e-5)
  }

  @Test(arguments: [1, 2])
  func fromHuggingFaceToMetaAndBackNoBitChanges(parts: Int) throws {
    let folder = try TemporaryFolder()
    let model = Self.model(Self.even, seed: 1)
    try model.exportHuggingFace(to: "\(folder.path)/hf")
    let second = Self.model(Self.even, seed: 2)
    try second.load(from: ModelFolder(path: "\(folder.path)/hf"))
    try second.exportMeta(to: "\(folder.path)/meta", parts: parts)
    let meta = try ModelFolder(path: "\(folder.path)/meta")
    #expect(meta.config == Self.even)
    let third = Self.model(meta.config, seed: 3)
    try third.load(from: meta)
    #expect(third.parameters.array == model.parameters.array)
    try third.exportHuggingFace(to: "\(folder.path)/again")
    #expect(
      try xxh3Wide(file: "\(folder.path)/again/model.safetensors")
        == xxh3Wide(file: "\(folder.path)/hf/model.safetensors"))
  }

  @Test func anExportInFewerPartsLeavesNoneBehind() throws {
    let folder = try TemporaryFolder()
    for (seed, parts) in [(UInt64(1), 2), (2, 1)] {
      let model = Self.model(Self.even, seed: seed)
      try model.exportMeta(to: folder.path, parts: parts)
      let other = Self.model(Self.even, seed: 3)
      try other.load(from: ModelFolder(path: folder.path))
      #expect(other.parameters.array == model.parameters.array)
    }
    #expect(try names(in: folder.path) == ["consolidated.00.pth", "params.json"])
  }

  /// What a rank of tensor parallelism has is read alone.
  @Test(arguments: ["meta", "hf"])
  func aRanksShareIsReadFromAnyLayout(layout: String) throws {
    let folder = try TemporaryFolder()
    let model = Self.model(Self.even, seed: 1)
    if layout == "meta" {
      try model.exportMeta(to: folder.path, parts: 2)
    } else {
      try model.exportHuggingFace(to: folder.path, shardBytes: 10_000)
    }
    let found = try ModelFolder(path: folder.path)
    for rank in 0..<2 {
      for tensor in Self.even.units(TensorShare(rank: rank, ranks: 2)).tensors {
        let target = Arena<Float>(count: tensor.count).all
        try found.read(tensor, into: target)
        let whole = try #require(model.tensors.first { $0.name == tensor.name })
        var expected: [Float] = []
        let width = whole.columns.count
        for row in tensor.rows {
          for column in tensor.columns {
            expected.append(model.parameters[whole.offset + row * width + column])
          }
        }
        #expect(target.array == expected, "\(tensor.name) of rank \(rank)")
      }
    }
  }

  @Test(arguments: [(ElementType.bf16, Float(0x1p-8)), (.f16, 0x1p-11)])
  func shorterNumbersAreTheNearest(type: ElementType, tolerance: Float) throws {
    let folder = try TemporaryFolder()
    let model = Self.model(Self.even, seed: 1), other = Self.model(Self.even, seed: 2)
    try model.exportMeta(to: folder.path, as: type)
    try other.load(from: ModelFolder(path: folder.path))
    for (a, b) in zip(model.parameters.array, other.parameters.array) {
      #expect(abs(a - b) <= tolerance * abs(a) + 0x1p-25)
    }
  }

  @Test func numbersBeyondHalfPrecisionAreRefused() throws {
    let folder = try TemporaryFolder()
    let model = Self.model(Self.even, seed: 1)
    model.parameters[5] = 70_000
    func isRefused(_ write: () throws -> Void) {
      #expect {
        try write()
      } throws: {
        "\($0)".contains("embed") && "\($0)".contains("beyond 65,504")
      }
    }
    isRefused { try model.exportMeta(to: folder.path, as: .f16) }
    isRefused { try model.exportHuggingFace(to: folder.path, as: .f16) }
    #expect(try names(in: folder.path) == ["generation_config.json"])
  }

  @Test(arguments: [
    (40, #""multiple_of":8,"#), (64, #""multiple_of":64,"#), (128, #""multiple_of":128,"#),
    (97, #""multiple_of":1,"ffn_dim_multiplier":"#),
  ])
  func theHiddenWidthFollowsFromTheParameters(hidden: Int, text: String) throws {
    let folder = try TemporaryFolder()
    let config = LlamaConfig(
      vocabularySize: 8, dim: hidden == 40 ? 14 : 24, layers: 1, heads: 1, hiddenDim: hidden)
    try Self.model(config, seed: 1).exportMeta(to: folder.path)
    let parameters = try bytes("\(folder.path)/params.json")
    #expect(String(decoding: parameters, as: UTF8.self).contains(text))
    #expect(try ModelFolder(path: folder.path).config == config)
  }

  @Test func laterSizesAreWrittenWhereTheyDiffer() throws {
    let folder = try TemporaryFolder()
    let config = LlamaConfig(
      vocabularySize: 8, dim: 16, layers: 1, heads: 4, keyValueHeads: 2, hiddenDim: 256,
      normEpsilon: 1e-5, ropeTheta: 500_000)
    try Self.model(config, seed: 1).exportMeta(to: folder.path)
    #expect(
      try String(decoding: bytes("\(folder.path)/params.json"), as: UTF8.self)
        == #"{"dim":16,"multiple_of":256,"n_heads":4,"n_kv_heads":2,"n_layers":1,"#
        + #""norm_eps":1e-05,"rope_theta":500000.0,"vocab_size":8}"# + "\n")
    #expect(try ModelFolder(path: folder.path).config == config)
  }

  @Test(arguments: [
    (3, "3 parts cannot share 4 heads evenly"), (0, "0 parts; 1 to 99 can be"),
    (4, "4 parts cannot share 2 key-value heads evenly"),
  ])
  func partsMustDivideTheModel(parts: Int, message: String) throws {
    let folder = try TemporaryFolder()
    #expect {
      try Self.model(Self.even, seed: 1).exportMeta(to: folder.path, parts: parts)
    } throws: {
      "\($0)".contains(message)
    }
  }

  static let sizes =
    #""dim":16,"multiple_of":8,"n_heads":4,"n_kv_heads":2,"n_layers":2,"norm_eps":1e-06"#

  @Test(arguments: [
    ("{\(sizes.replacing("16", with: "32"))}", "the model of dim 32 is in 2 parts; 1 are here"),
    ("{\(sizes.replacing("16", with: "24"))}", "in another number of parts; 1 are here"),
    (
      "{\(sizes.replacing("layers\":2", with: "layers\":3"))}",
      "no tensor layers.2.attention_norm.weight"
    ),
    (
      "{\(sizes.replacing("layers\":2", with: "layers\":1"))}",
      "is no parameter of a LLaMA of these sizes"
    ),
    (
      "{\(sizes.replacing("kv_heads\":2", with: "kv_heads\":4"))}",
      "wk.weight is [8, 16], not [16, 16]"
    ),
    (
      "{\(sizes),\"vocab_size\":32000}", "vocab_size is 32000; output.weight has 20 rows in 1 parts"
    ),
    ("{\(sizes),\"use_scaled_rope\":true}", "positions are scaled"),
    (#"{"n_heads":4}"#, "no dim"), (#"{"dim":16,"n_heads":-4}"#, "no n_heads"), ("[", "no JSON"),
  ])
  func otherSizesAreRefused(sizes: String, message: String) throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(sizes, to: "params.json")
    _ = try folder.write(
      bytes("\(Self.goldens)/meta1/consolidated.00.pth"), to: "consolidated.00.pth")
    #expect {
      try ModelFolder(path: folder.path)
    } throws: {
      "\($0)".contains(message)
    }
  }

  @Test func missingPartsAreNamed() throws {
    let folder = try TemporaryFolder()
    let second = try bytes("\(Self.goldens)/meta2/consolidated.01.pth")
    _ = try folder.write("{\(Self.sizes)}", to: "params.json")
    func fault() -> String {
      do { _ = try ModelFolder(path: folder.path) } catch { return "\(error)" }
      return "none"
    }
    #expect(fault().hasSuffix("consolidated.00.pth: byte 0: the checkpoint has no such part"))
    _ = try folder.write(second, to: "consolidated.01.pth")
    #expect(fault().contains("consolidated.00.pth: byte 0: the part is missing"))
    _ = try folder.write(second, to: "consolidated.00.pth")
    #expect(fault() == "none")
    _ = try folder.write(second, to: "consolidated.03.pth")
    #expect(fault().contains("consolidated.02.pth: byte 0: the part is missing"))
    _ = try folder.write(second, to: "consolidated.02.pth")
    #expect(fault().contains("in 2 parts; 4 are here"))
  }

  @Test func aFolderOfNeitherLayoutIsRefused() throws {
    let folder = try TemporaryFolder()
    #expect(ModelFolder.layout(of: folder.path) == nil)
    #expect(throws: Fault.self) { try ModelFolder(path: folder.path) }
  }

  @Test func damagedNumbersAreFound() throws {
    let folder = try TemporaryFolder()
    try Self.model(Self.even, seed: 1).exportMeta(to: folder.path)
    let path = "\(folder.path)/consolidated.00.pth"
    var file = try bytes(path)
    file[file.count / 2] ^= 1
    try writeAtomically(file, to: path)
    let damaged = try ModelFolder(path: folder.path)
    #expect {
      try Self.model(Self.even, seed: 2).load(from: damaged)
    } throws: {
      "\($0)".contains("is damaged: its checksum is another")
    }
  }

  @Test(
    .enabled(if: ExportTests.python != nil, "no Python with torch; set QUIPU_PYTHON"))
  func transformersAndAMetaModelGiveTheSameLogits() throws {
    let folder = try TemporaryFolder()
    let (batch, length) = (3, 17)
    let model = Self.model(Self.even, seed: 3, tokens: batch * length)
    let tokens = randomTokens(batch * length, below: 62, seed: 4)
    let logits = try model.logits(tokens: tokens, batch: batch, length: length)
    let stored = Arena<Float>(count: tokens.count + logits.count)
    stored.view(0, tokens.count).copy(from: tokens.map { Float($0) })
    stored.view(tokens.count, logits.count).copy(from: logits)
    try writeSafetensors(
      [
        TensorToStore(
          name: "ids", shape: [batch, length], values: stored.view(0, tokens.count)),
        TensorToStore(
          name: "logits", shape: [batch, length, 62],
          values: stored.view(tokens.count, logits.count)),
      ], as: .f32, to: "\(folder.path)/expected")
    try model.exportHuggingFace(to: "\(folder.path)/hf", shardBytes: 10_000)
    try model.exportMeta(to: "\(folder.path)/meta1")
    try model.exportMeta(to: "\(folder.path)/meta2", parts: 2)
    let python = try #require(ExportTests.python)
    let status = try ExportTests.run(
      python, "-B", "\(repository)/Scripts/check-layouts.py", "\(folder.path)/expected",
      "\(folder.path)/hf", "\(folder.path)/meta1", "\(folder.path)/meta2")
    #expect(status == 0)
  }
}

func bytes(_ path: String) throws(Fault) -> [UInt8] {
  let file = try MappedFile(path: path)
  return unsafe file.withBytes { unsafe Array($0) }
}
