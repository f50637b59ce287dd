public import CUDA
internal import Compute
internal import Ranks

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

  /// A group of one rank: the ABI of NCCL, every function of it, also recorded in a graph.
  public static func collective(_ bench: CheckBench, count: Int = 1 << 20) throws {
    let engine = bench.engine
    let group = try CUDAGroup(engine.device, Solo())
    let exchange = try StreamExchange(engine, Solo())
    for format in [CUDAFormat.f32, .bf16] {
      let numbers = bench.noise(count)
      let values = try bench.device(numbers, format), twin = try bench.poisoned(count, format)
      func report(_ name: String, _ memory: CUDAMemory, isDoubled: Bool = false) {
        let expected = isDoubled ? numbers.map { 2 * $0 } : numbers
        bench.report(
          CheckRow(
            name: "\(name) of one", sizes: "\(count) of \(format)",
            error: engine.download(memory) == expected ? 0 : 1, limit: 0))
      }
      try group.allReduce(values, on: engine.stream)
      report("all-reduce", values)
      try group.reduceScatter(values, on: engine.stream)
      report("reduce-scatter", values)
      try group.allGather(values, on: engine.stream)
      report("all-gather", values)
      try group.broadcast(values, from: 0, on: engine.stream)
      report("broadcast", values)
      try group.together { () throws(CUDAError) in
        try group.send(values, to: 0, on: engine.stream)
        try group.receive(twin, from: 0, on: engine.stream)
      }
      report("send and receive", twin)
      try exchange.reduceScatter(values, adding: twin).wait()
      report("exchange", twin, isDoubled: true)
      engine.copy(values, to: twin)
      try graph(engine, exchange, values, adding: twin).launch(on: engine.stream)
      report("recorded exchange", twin, isDoubled: true)
    }
  }

  private static func graph(
    _ engine: CUDAEngine, _ exchange: StreamExchange, _ values: CUDAMemory,
    adding sum: CUDAMemory
  ) throws -> CUDAGraph {
    var failure: (any Error)?
    let graph = try CUDAGraph(engine.stream) { () throws(CUDAError) in
      do {
        try exchange.reduceScatter(values, adding: sum).wait()
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return graph
  }
}
