public import CUDA
internal import Compute

/// The checks of what operations stand on: the driver, the compiler, graphs, collectives.
public enum DeviceChecks {
  /// Pinned memory there and back, with events around it.
  public static func driver(_ bench: CheckBench, isTimed: Bool = true) throws(CUDAError) {
    let engine = bench.engine, count = isTimed ? 4 << 20 : 12_345
    let numbers = bench.noise(count)
    let memory = try bench.device(numbers, .f32), twin = try bench.poisoned(count, .f32)
    engine.copy(memory, to: twin)
    bench.report(
      CheckRow(
        name: "there and back", sizes: "\(4 * count) bytes",
        error: engine.download(twin) == numbers ? 0 : 1, limit: 0))
    let other = try CUDAStream(engine.device), event = try CUDAEvent(engine.device)
    engine.zero(memory)
    try event.record(on: engine.stream)
    try other.wait(for: event)
    try other.copy(memory.bytes, from: memory.address, to: twin.address)
    try other.synchronise()
    bench.report(
      CheckRow(
        name: "two streams", sizes: "\(4 * count) bytes",
        error: engine.download(twin).allSatisfy { $0 == 0 } ? 0 : 1, limit: 0))
    guard isTimed else { return }
    let spent = try bench.time {
      _ = try? engine.staging.upload(numbers.span)
    }
    bench.report(
      CheckRow(
        name: "upload", sizes: "\(4 * count) bytes", milliseconds: spent,
        rate: Double(4 * count) / spent / 1e6, unit: "GB/s"))
  }

  /// Norms and a product, recorded and replayed: the same bits as without.
  public static func graph(_ bench: CheckBench, isTimed: Bool = true) throws(CUDAError) {
    let engine = bench.engine, (T, C) = isTimed ? (256, 1024) : (32, 128)
    let x_TC = try bench.device(bench.noise(T * C)), gain_C = try bench.device(bench.noise(C))
    let w_CC = try bench.device(bench.noise(C * C)), inverse_T = try engine.allocate(2 * T, .bf16)
    let y_TC = try engine.allocate(T * C, .bf16), z_TC = try engine.allocate(T * C, .bf16)
    let shape = AttentionShape(
      B: 1, Q: T, K: T, N: C / 64, M: C / 64, D: 64, queryStride: C, keyStride: C)
    let logSum_TN = try engine.allocate(2 * T * C / 64, .bf16),
      a_TC = try engine.allocate(T * C, .bf16)
    func work() {
      engine.rmsNorm(x_TC, gain: gain_C, into: y_TC, inverse: inverse_T, epsilon: 1e-6)
      engine.multiply(y_TC, transposed: w_CC, into: z_TC, T: T, I: C, O: C, adding: false)
      engine.attend(y_TC, y_TC, z_TC, into: a_TC, logSum: logSum_TN, shape)
    }
    work()
    let direct = engine.download(a_TC)
    let graph = try CUDAGraph(engine.stream) { () throws(CUDAError) in work() }
    engine.zero(a_TC)
    try graph.launch(on: engine.stream)
    bench.report(
      CheckRow(
        name: "graph", sizes: "norm, product, attention",
        error: engine.download(a_TC) == direct ? 0 : 1, limit: 0))
    guard isTimed else { return }
    let launched = try bench.time(work)
    let replayed = try bench.time { try? graph.launch(on: engine.stream) }
    bench.report(
      CheckRow(name: "launches", sizes: "norm, product, attention", milliseconds: launched))
    bench.report(
      CheckRow(name: "replay", sizes: "norm, product, attention", milliseconds: replayed))
  }

  /// A group of one rank: the ABI of NCCL.
  public static func collective(_ bench: CheckBench) throws(CUDAError) {
    let engine = bench.engine
    let group = try CUDAGroup(alone: engine.stream)
    let numbers = bench.noise(1 << 20)
    let from = try bench.device(numbers, .f32), to = try bench.poisoned(1 << 20, .f32)
    try group.sum(from, into: to)
    bench.report(
      CheckRow(
        name: "all-reduce of one", sizes: "\(numbers.count)",
        error: engine.download(to) == numbers ? 0 : 1, limit: 0))
  }
}
