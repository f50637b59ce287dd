import CCUDA
import CUDA
import CUDACheck
import CUDAEmulator
import Compute
import Ranks

/// Ranks that are threads of this process, each with an emulated device of its own.
enum EmulatedRanks {
  /// Runs `body` once for every rank.
  ///
  /// - Parameters:
  ///   - ranks: At most 8.
  ///   - seed: Of the pauses that streams make; 0 for none.
  ///   - change: Of NCCL's table.
  ///   - body: What a rank does, with its engine and its end of a group of hosts.
  /// - Returns: What it gave, in the order of ranks.
  /// - Throws: What a rank throws.
  static func run<Result: Sendable>(
    _ ranks: Int, seed: UInt64 = 0,
    change: @escaping @Sendable (inout quipu_collective) -> Void = { _ in },
    _ body: @escaping @Sendable (CUDAEngine, any Communicator<View<Float>>) throws -> Result
  ) throws -> [Result] {
    quipu_emulate_delays(seed)
    defer { quipu_emulate_delays(0) }
    return try RankChecks.onRanks(
      ranks,
      engine: { rank in
        try CUDAEngine(
          try EmulatedDevice.make(rank, change: change), cache: KernelCache(folder: nil))
      }, body)
  }
}

extension CUDAEngine {
  /// New memory with these numbers.
  func memory(_ numbers: [Float], _ format: CUDAFormat = .f32) throws(CUDAError) -> CUDAMemory {
    let memory = try allocate(numbers.count, format)
    upload(numbers.span, to: memory)
    return memory
  }
}

/// Whole numbers that bf16 has, and the sum of 4 ranks' too; different on every rank.
func wholeNumbers(_ count: Int, rank: Int) -> [Float] {
  (0..<count).map { Float(($0 * 7 + $0 / 5 + rank * 13) % 61) }
}
