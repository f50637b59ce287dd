import Compute
import Foundation
import Testing

/// Measurements, not tests: `QUIPU_SPEED=1 swift test -c release --filter SpeedTests`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["QUIPU_SPEED"] != nil))
struct SpeedTests {
  /// Seconds of processor time of all threads, which other programs do not spoil.
  static func processorSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

  @Test(arguments: [
    (1020, 1024, 1024), (2040, 2048, 2048), (2040, 256, 768), (2040, 256, 32_000),
    (2040, 32_000, 256),
  ])
  func products(shape: (T: Int, I: Int, O: Int)) {
    let (T, I, O) = shape
    let peak = InstructionSet.widest.measuredPeak() / 1e9
    var noise = Noise(1)
    let x = noise.view(T * I, as: Float.self), w = noise.view(O * I, as: Float.self)
    let y = noise.view(T * O, as: Float.self)
    let dx = empty(T * I, as: Float.self), dw = empty(O * I, as: Float.self)
    let operations = 2 * Double(T) * Double(I) * Double(O)
    for threads in [1, 2] {
      let processor = Processor<Float>(workers: WorkerPool(threads: threads))
      func rate(_ body: () -> Void) -> String {
        var best = (cpu: 0.0, wall: 0.0)
        for _ in 0..<5 {
          let start = ContinuousClock.now, cpu = Self.processorSeconds()
          body()
          best.cpu = max(best.cpu, operations / (Self.processorSeconds() - cpu) / 1e9)
          best.wall = max(
            best.wall, operations / ((ContinuousClock.now - start) / .seconds(1)) / 1e9)
        }
        let share = Int(100 * best.cpu / peak)
        return "\(Int(best.cpu)) a CPU-second (\(share) %), \(Int(best.wall)) a second"
      }
      let forward = rate { processor.multiply(x, transposed: w, into: y, T: T, I: I, O: O) }
      let inputs = rate { processor.multiply(y, by: w, into: dx, T: T, I: I, O: O) }
      let weights = rate { processor.addProduct(transposed: y, x, to: dw, T: T, I: I, O: O) }
      print("\(threads) threads, T \(T) I \(I) O \(O), GFLOP, peak of a thread \(Int(peak)):")
      print("  y \(forward); dx \(inputs); dW \(weights)")
    }
  }
}
