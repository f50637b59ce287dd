import CUDA
import Compute
import Testing

/// An H200 in cuDNN's words.
private let h200 = """
  {"deviceVer":900,"driverVer":13000,"cudaDeviceId":0,"totalGlobalMem":150110011392,\
  "maxGridSize":[2147483647,65535,65535],"maxBlockSize":[1024,1024,64],"regsPerBlock":65536,\
  "multiProcessorCount":132,"warpSize":32,"maxSharedMemoryPerBlock":49152,\
  "maxSharedMemoryPerBlockOptin":232448,"reservedSharedMemoryPerBlock":1024,\
  "maxRegistersPerSM":65536,"maxCtasPerSM":32,"maxThreadsPerBlock":1024,"maxThreadsPerSM":2048,\
  "pciDeviceId":0,"isTccDriver":0,"supportCoopLaunch":1,"smClockRateKHz":1980000,\
  "memClockRateKHz":3201000,"l2CacheSize":62914560,"deviceName":"NVIDIA H200"}
  """

/// Graphs of attention for an H200 that is only described: cuDNN must have a fused kernel for each.
@Suite(.serialized, .enabled(if: StubDriver.isHere, StubDriver.hint)) struct PlanningTests {
  static let shapes = [(8, 2048, 32, 32, 128), (4, 4096, 32, 8, 128), (1, 200, 2, 2, 64)].map {
    (B, S, N, M, D) in
    AttentionShape(
      B: B, Q: S, K: S, N: N, M: M, D: D, queryStride: (N + 2 * M) * D,
      keyStride: (N + 2 * M) * D)
  }

  @Test(arguments: shapes) func forwardIsFused(_ shape: AttentionShape) throws {
    let facts = try AttentionPlanner(Libraries.here, device: h200).plan(shape, backward: false)
    #expect(facts.operations == 14)
    #expect(facts.workspace < 1 << 20)
  }

  @Test(arguments: shapes) func backwardIsFused(_ shape: AttentionShape) throws {
    let facts = try AttentionPlanner(Libraries.here, device: h200).plan(shape, backward: true)
    #expect(facts.operations == (shape.N == shape.M ? 22 : 24))
    // Heads that share keys have their gradients stored before they are summed.
    let perHead = shape.N == shape.M ? 0 : 4 * shape.B * shape.N * shape.K * shape.D
    #expect(facts.workspace <= perHead + 1 << 20)
  }

  @Test func sumsInOrderTakeRoomForEveryScore() throws {
    let shape = Self.shapes[2]
    let facts = try AttentionPlanner(Libraries.here, device: h200).plan(
      shape, backward: true, isDeterministic: true)
    #expect(facts.workspace >= shape.B * shape.N * shape.Q * shape.K * 2)
  }
}
