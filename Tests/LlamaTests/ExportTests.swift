import Compute
import Foundation
import Ground
import Llama
import TestSupport
import Testing

@Suite struct ExportTests {
  static func model(_ seed: UInt64) -> LlamaModel {
    let model = LlamaModel(
      config: small, maximumTokens: 16, workers: WorkerPool(threads: 1), trains: false)
    model.initialize(seed: seed)
    for index in 0..<model.parameters.count { model.parameters[index] *= 8 }
    return model
  }

  @Test(arguments: [5_000_000_000, 20_000])
  func whatIsExportedIsLoaded(shardBytes: Int) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/model"
    let model = Self.model(1)
    try model.exportHuggingFace(to: path, shardBytes: shardBytes)
    let isSharded = shardBytes < 4 * small.parameterCount
    #expect(
      (fileKind("\(path)/model.safetensors.index.json") == .file) == isSharded)
    #expect(try LlamaConfig(huggingFace: "\(path)/config.json") == small)
    let other = Self.model(2)
    try other.load(from: ModelFolder(path: path))
    #expect(other.parameters.array == model.parameters.array)
  }

  @Test func exportsOfOneModelAreEqual() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b"] {
      try Self.model(1).exportHuggingFace(to: "\(folder.path)/\(name)", as: .bf16)
    }
    for name in ["config.json", "generation_config.json", "model.safetensors"] {
      #expect(
        try xxh3Wide(file: "\(folder.path)/a/\(name)")
          == xxh3Wide(file: "\(folder.path)/b/\(name)"))
    }
  }

  static let good =
    #""model_type":"llama","vocab_size":61,"hidden_size":24,"num_hidden_layers":2,"#
    + #""num_attention_heads":4,"num_key_value_heads":2,"intermediate_size":40,"#
    + #""max_position_embeddings":16"#

  @Test(arguments: [
    (#"{"model_type":"llama"}"#, "no num_attention_heads"),
    (#"{"model_type":"mistral"}"#, "model_type is not llama"),
    ("{\(good),\"tie_word_embeddings\":true}", "tie_word_embeddings is true"),
    ("{\(good),\"rope_scaling\":{\"type\":\"linear\",\"factor\":2}}", "positions are scaled"),
    ("{\(good),\"hidden_act\":\"gelu\"}", "hidden_act is gelu"),
    ("{\(good),\"head_dim\":8}", "head_dim is 8"),
    ("{", "no JSON"),
  ])
  func otherModelsAreRefused(config: String, message: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(config, to: "config.json")
    #expect {
      try LlamaConfig(huggingFace: path)
    } throws: {
      "\($0)".contains(message)
    }
  }

  @Test func bothFormsOfThetaAreRead() throws {
    let folder = try TemporaryFolder()
    for rope in [
      #""rope_theta":500.0"#, #""rope_parameters":{"rope_type":"default","rope_theta":500.0}"#,
    ] {
      let path = try folder.write("{\(Self.good),\(rope)}", to: "config.json")
      #expect(try LlamaConfig(huggingFace: path).ropeTheta == 500)
    }
  }

  @Test func anIndexMayNotLeadElsewhere() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("{\(Self.good)}", to: "config.json")
    let index = try folder.write(
      #"{"weight_map":{"model.norm.weight":"../secret"}}"#, to: "model.safetensors.index.json")
    #expect(throws: Fault(index, at: 0, .malformed("no usable weight_map"))) {
      try ModelFolder(path: folder.path)
    }
  }

  /// A Python with torch and transformers: `QUIPU_PYTHON`, or else `python3`.
  static let python: String? = {
    let name = ProcessInfo.processInfo.environment["QUIPU_PYTHON"] ?? "python3"
    let isThere = try? run(name, "-c", "import torch, transformers")
    return isThere == 0 ? name : nil
  }()

  static func run(_ arguments: String...) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test(
    .enabled(if: python != nil, "no Python with torch and transformers; set QUIPU_PYTHON"),
    arguments: [5_000_000_000, 20_000])
  func transformersContinuesTheSame(shardBytes: Int) throws {
    let folder = try TemporaryFolder()
    let model = Self.model(3)
    try model.exportHuggingFace(to: folder.path, shardBytes: shardBytes)
    let prompt: [Int32] = [1, 17, 42]
    let written = Generator(model: model).write(after: prompt, count: 12)
    let python = try #require(Self.python)
    let status = try Self.run(
      python, "\(repository)/Scripts/check-export.py", folder.path,
      prompt.map(String.init).joined(separator: ","),
      written.map(String.init).joined(separator: ","))
    #expect(status == 0)
  }
}
