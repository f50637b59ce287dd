import Foundation
import Ground
import TestSupport
import Testing

/// How the program measures itself.
@Suite struct ProfileTests {
  private struct Trace: Decodable {
    struct Event: Decodable {
      var name: String
      var cat: String?
      var ph: String
      var dur: Double?
    }
    var traceEvents: [Event]

    init(file: String) throws {
      self = try JSONDecoder().decode(Trace.self, from: Data(openDecoded(file).readToEnd()))
    }

    var steps: [String] { traceEvents.filter { $0.cat == "step" }.map(\.name) }
    var classes: Set<String> { Set(traceEvents.compactMap(\.cat)) }
  }

  @Test func aTrainingLeavesATraceOfSomeSteps() throws {
    let folder = try TemporaryFolder()
    let inputs = "\(folder.path)/inputs", work = "\(folder.path)/work"
    try makeFolder(inputs)
    #expect(try Program.run("sample", inputs, "--size", "100KB", "--quiet").status == 0)
    let built = try Program.run(
      "build", "\(repository)/Manifests/sample.yaml", "--inputs", inputs, "--work", work, "--quiet")
    #expect(built.status == 0, "\(built.errors)")
    let run = "\(folder.path)/run"
    let trained = try Program.run(
      "train", "\(repository)/Manifests/models/tiny.yaml", "--data", "\(work)/shards", "--output",
      run, "--steps", "6", "--nproc", "2", "--profile", "\(run)/trace.json", "--profile-steps", "2",
      "--quiet")
    #expect(trained.status == 0, "\(trained.errors)")
    let trace = try Trace(file: "\(run)/trace.json")
    #expect(trace.steps == ["step 3", "step 4"])
    #expect(trace.classes.isSuperset(of: ["products", "attention", "optimizer", "communication"]))
  }

  @Test func benchMeasuresStepsByClass() throws {
    let folder = try TemporaryFolder()
    let model = try folder.write(
      """
      name: midget
      model:
        dim: 64
        layers: 2
        heads: 2
        hidden: 176
        context: 64
        vocabulary-size: 512
      training:
        learning-rate: 1.0e-3
        warm-up: 10
        steps: 100
        batch-sequences: 4
      """, to: "midget.yaml")
    let measured = try Program.run(
      "bench", "train", "--model", model, "--steps", "2", "--steps-only", "--recompute", "full",
      "--profile", "\(folder.path)/trace.json", "--profile-steps", "2", "--json")
    #expect(measured.status == 0, "\(measured.errors)")
    let tables = try measured.output.split(separator: "\n").map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [[String: Any]] ?? []
    }
    try #require(tables.count == 2, "\(measured.output)")
    let figures = Set(tables[0].compactMap { $0["figure"] as? String })
    #expect(
      figures.isSuperset(of: [
        "peak of a thread, GFLOP a CPU-second", "tokens a second", "tokens a CPU-second",
        "share of peak", "MFU, 6N and causal attention", "MFU, 6N and whole attention (PaLM)",
        "loss of the last step", "planned MB in all", "peak resident MB",
      ]))
    let classes = tables[1].compactMap { $0["class"] as? String }
    #expect(Set(classes).isSuperset(of: ["products", "norm", "loss", "gaps", "all"]))
    #expect(try Trace(file: "\(folder.path)/trace.json").steps == ["step 4", "step 5"])

    let refused = try Program.run("bench", "train", "--steps", "0", "--profile", "x.json")
    #expect(refused.status == 64)
  }

  @Test(.enabled(if: EmulatedGPU.isHere, EmulatedGPU.hint)) func benchMeasuresAGPU() throws {
    let folder = try TemporaryFolder()
    func bench(_ context: Int, _ more: String...) throws -> Program.Outcome {
      let model = try folder.write(
        """
        name: toy
        model: {dim: 64, layers: 2, heads: 4, hidden: 96, context: \(context), vocabulary-size: 96}
        training: {learning-rate: 1e-2, steps: 6, warm-up: 2, batch-sequences: 4}

        """, to: "toy.yaml")
      return try Program.run(
        ["bench", "train", "--device", "cuda", "--model", model] + more,
        environment: EmulatedGPU.environment)
    }
    let measured = try bench(8, "--steps", "2", "--profile", "\(folder.path)/trace.json", "--json")
    #expect(measured.status == 0, "\(measured.errors)")
    for name in [
      "emulated device 0", "tokens a second", "MFU, 6N and causal attention", "planned MB: scratch",
      "taken MB in all", "\"class\":\"products\"", "\"class\":\"gaps\"",
    ] {
      #expect(measured.output.contains(name), "\(name) in \(measured.output)")
    }
    #expect(try Trace(file: "\(folder.path)/trace.json").steps == ["step 5", "step 6", "step 7"])

    let large = try bench(1 << 20, "--batch", "64")
    #expect(large.status == 1 && large.errors.contains("a smaller --batch"), "\(large.errors)")
  }

  @Test func withoutAGPUItIsSaidWhatIsMissing() throws {
    let measured = try Program.run("bench", "train", "--device", "cuda", "--steps", "1")
    // On a machine with a GPU it is measured.
    if measured.status == 0 { return #expect(measured.output.contains("MFU")) }
    #expect(measured.status == 1 && measured.errors.hasPrefix("error: "), "\(measured.errors)")
  }
}
