public import CUDA
public import Compute
import Glibc

/// What checks are made with: an engine, the CPU in f64 beside it, noise, and peaks to compare with.
public final class CheckBench {
  public let engine: CUDAEngine
  public let reference: Processor<Double>
  private var state: UInt64 = 0x1234_5678_9ABC_DEF1
  private let print_: (CheckRow) -> Void
  /// GB/s of a copy on the device, bytes read and written; 0 until measured.
  public private(set) lazy var copyRate = measuredCopy()
  /// TFLOP/s of a large product; 0 until measured.
  public private(set) lazy var productRate = measuredProduct(8192)

  public init(
    _ engine: CUDAEngine, threads: Int, report: @escaping (CheckRow) -> Void
  ) {
    self.engine = engine
    reference = Processor<Double>(
      workers: WorkerPool(threads: threads),
      ownCount: AttentionShape.scratchCount(K: 1024, D: 128))
    print_ = report
  }

  public func report(_ row: CheckRow) { print_(row) }

  /// Numbers of variance 1 that bf16 has exactly.
  func noise(_ count: Int, deviation: Double = 1) -> [Float] {
    (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let a = Double(state >> 40) / Double(1 << 24)
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let b = Double(state >> 40) / Double(1 << 24)
      return rounded(Float((a - b) * 2.449_489_7 * deviation))
    }
  }

  /// The nearest number of bf16, ties to even.
  private func rounded(_ number: Float) -> Float {
    let bits = number.bitPattern
    return Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000)
  }

  /// Memory of the device with these numbers.
  func device(_ numbers: [Float], _ format: CUDAFormat = .bf16) throws(CUDAError) -> CUDAMemory {
    let memory = try engine.allocate(numbers.count, format)
    engine.upload(numbers.span, to: memory)
    return memory
  }

  /// Memory of the device that is full of NaN: what is not written is found.
  func poisoned(_ count: Int, _ format: CUDAFormat = .bf16) throws(CUDAError) -> CUDAMemory {
    let memory = try engine.allocate(count, format)
    try engine.stream.fill(memory.bytes, at: memory.address, with: 0xFF)
    return memory
  }

  func host(_ numbers: [Float]) -> View<Double> {
    let view = Arena<Double>(count: numbers.count).all
    view.copy(from: numbers.map(Double.init))
    return view
  }

  func empty(_ count: Int) -> View<Double> { Arena<Double>(count: count).all }

  /// ‖ours - reference‖ / ‖reference‖; NaN where ours has one.
  func error(_ ours: [Float], _ reference: View<Double>) -> Double {
    distance(ours.map(Double.init), reference.array)
  }

  /// Checks a result of the device against the CPU's.
  func compare(
    _ name: String, _ sizes: String, _ ours: CUDAMemory, _ reference: View<Double>, limit: Double
  ) {
    report(
      CheckRow(
        name: name, sizes: sizes, error: error(engine.download(ours), reference), limit: limit))
  }

  /// The median of milliseconds that `work` takes on the device.
  public func time(rounds: Int = 10, _ work: () -> Void) throws(CUDAError) -> Double {
    for _ in 0..<2 { work() }
    var times: [Double] = []
    for _ in 0..<rounds {
      times.append(try engine.stream.milliseconds { () throws(CUDAError) in work() })
    }
    return times.sorted()[rounds / 2]
  }

  /// Times work that moves memory, in GB/s beside a copy.
  func timeBytes(
    _ name: String, _ sizes: String, bytes: Int, _ work: () -> Void
  ) throws(CUDAError) {
    let spent = try time(work)
    let rate = Double(bytes) / spent / 1e6
    report(
      CheckRow(
        name: name, sizes: sizes, milliseconds: spent, rate: rate, unit: "GB/s",
        share: rate / copyRate))
  }

  /// Times arithmetic, in TFLOP/s beside a large product.
  func timeOperations(
    _ name: String, _ sizes: String, operations: Double, _ work: () -> Void
  ) throws(CUDAError) {
    let spent = try time(work)
    let rate = operations / spent / 1e9
    report(
      CheckRow(
        name: name, sizes: sizes, milliseconds: spent, rate: rate, unit: "TFLOP/s",
        share: rate / productRate))
  }

  private func measuredCopy() -> Double {
    let count = 1 << 30
    guard let from = try? engine.allocate(count, .bf16),
      let to = try? engine.allocate(count, .bf16),
      let spent = try? time({ engine.copy(from, to: to) })
    else { return .nan }
    return Double(2 * from.bytes) / spent / 1e6
  }

  private func measuredProduct(_ n: Int) -> Double {
    guard let x = try? engine.allocate(n * n, .bf16), let w = try? engine.allocate(n * n, .bf16),
      let y = try? engine.allocate(n * n, .bf16)
    else { return .nan }
    engine.setNoise(x, deviation: 1, seed: 1)
    engine.setNoise(w, deviation: 1, seed: 2)
    let spent = try? time {
      engine.multiply(x, transposed: w, into: y, T: n, I: n, O: n, adding: false)
    }
    return spent.map { 2 * pow(Double(n), 3) / $0 / 1e9 } ?? .nan
  }
}

/// ‖a - b‖ / ‖b‖.
public func distance(_ a: [Double], _ b: [Double]) -> Double {
  var difference = 0.0, whole = 0.0
  for index in a.indices {
    difference += (a[index] - b[index]) * (a[index] - b[index])
    whole += b[index] * b[index]
  }
  return (difference / max(whole, 1e-300)).squareRoot()
}
