import Foundation
import Ground
import TestSupport
import Testing

/// `quipu train --device cuda` as a user starts it, on an emulated GPU whose libraries it finds itself.
@Suite(.serialized, .enabled(if: EmulatedGPU.isHere, EmulatedGPU.hint)) struct GPUTests {
  private let folder: TemporaryFolder
  private let manifest: String

  init() throws {
    folder = try TemporaryFolder()
    try writeToyShards(to: "\(folder.path)/data")
    manifest = try folder.write(
      """
      name: toy
      model: {dim: 64, layers: 2, heads: 4, hidden: 96, context: 8, vocabulary-size: 96}
      training: {learning-rate: 1e-2, steps: 6, warm-up: 2, batch-sequences: 16, initial-deviation: 0.1}

      """, to: "toy.yaml")
  }

  private func quipu(_ arguments: String...) throws -> Program.Outcome {
    try Program.run(arguments, environment: EmulatedGPU.environment)
  }

  private func arguments(_ run: String) -> [String] {
    [
      "train", manifest, "--data", "\(folder.path)/data", "--output", "\(folder.path)/\(run)",
      "--device", "cuda",
    ]
  }

  private func train(_ run: String, _ more: String...) throws -> Program.Outcome {
    try Program.run(arguments(run) + more, environment: EmulatedGPU.environment)
  }

  @Test func whatIsFoundIsSaid() throws {
    let outcome = try quipu("train", "--device", "cuda", "--check")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("training on CUDA can begin: emulated device 0, sm_90a"))
    let none = try Program.run(
      ["train", "--device", "cuda", "--check"], environment: ["QUIPU_CUDA_LIBRARIES": "/nowhere"])
    #expect(none.status == 0)
    #expect(none.output.contains("no training on CUDA here: missing the driver"))
  }

  @Test func aRunStopsGoesOnAndIsUsedOnTheCPU() throws {
    let whole = try train("whole", "--deterministic", "--evaluate-every", "3")
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(whole.errors.contains("checkpoint of step 6 saved"), "\(whole.errors)")
    for more in [["--steps", "3"], ["--resume"]] {
      let part = try Program.run(
        arguments("parts") + ["--deterministic", "--evaluate-every", "3"] + more,
        environment: EmulatedGPU.environment)
      #expect(part.status == 0, "\(part.errors)")
    }
    let last = "checkpoint-000006.safetensors"
    #expect(
      try sha256(file: "\(folder.path)/whole/\(last)")
        == sha256(file: "\(folder.path)/parts/\(last)"))
    let stats = try quipu("stats", "\(folder.path)/whole")
    #expect(stats.status == 0 && stats.output.contains("steps"), "\(stats.errors)")
    let export = try quipu(
      "export", "\(folder.path)/whole", "--output", "\(folder.path)/model")
    #expect(export.status == 0, "\(export.errors)")
  }

  @Test func thePlanNamesWhereMemoryLies() throws {
    let outcome = try train("planned", "--plan")
    #expect(outcome.status == 0, "\(outcome.errors)")
    for purpose in ["memory of a GPU", "parameters in f32", "of the host", "copy to save from"] {
      #expect(outcome.output.contains(purpose), "\(outcome.output)")
    }
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let large = try folder.write(
      """
      name: large
      model: {dim: 8192, layers: 80, heads: 64, hidden: 22016, context: 8, vocabulary-size: 96}
      training: {learning-rate: 1e-4, steps: 6, warm-up: 2, batch-sequences: 4}

      """, to: "large.yaml")
    let outcome = try quipu(
      "train", large, "--data", "\(folder.path)/data", "--output", "\(folder.path)/large",
      "--device", "cuda")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("emulated device 0 has free"), "\(outcome.errors)")
    #expect(outcome.errors.contains("--plan says for what"), "\(outcome.errors)")
  }

  @Test func oneRankToAGPU() throws {
    let outcome = try train("many", "--nproc", "16")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.hasPrefix("error: --nproc: byte 0: 16 ranks take a GPU each"),
      "\(outcome.errors)")
    #expect(outcome.errors.contains("this machine has 8: --nproc 8"), "\(outcome.errors)")
  }

  /// Each rank once opened its GPU first, and what was printed hung on who was faster.
  @Test func whatSettingsForbidIsRefusedBeforeRanksStart() throws {
    let outcome = try train("odd", "--nproc", "3")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.hasPrefix("error: training settings: byte 0: a batch of 16 sequences"),
      "\(outcome.errors)")
    #expect(!outcome.errors.contains("rank 0 failed"), "\(outcome.errors)")
  }
}
