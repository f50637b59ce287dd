import Glibc

/// A GPU that models are computed on: activations and weights in bf16, sums, gradients, moments and
/// master weights in f32.
///
/// Operations are given to one stream and carried out in their order; those that hand numbers to the
/// host wait for them. A call that fails has left the device in an unknown state: the process ends
/// with the call's name, its code and the likely cause.
public final class CUDAEngine: Sendable {
  public let device: CUDADevice
  package let stream: CUDAStream
  let kernels: KernelSet
  let multiplier: Multiplier
  package let staging: Staging
  let attention: Attention
  let arrivals: Arrivals
  let inputs: PassInputs
  let recorder: PassRecorder
  let takeaway: Takeaway
  /// Sums of blocks on their way to one.
  let sums: CUDABlock

  /// Bytes of pinned memory for what goes to and fro: tokens, losses, parts of parameters.
  static let stagingBytes = 64 << 20
  /// Bytes of pinned memory for losses on their way.
  private static let arrivalBytes = 16 << 20
  /// Blocks of 65,536 elements whose squares are summed at a time.
  static let mostSums = 1 << 20

  /// - Parameters:
  ///   - device: Its context must not be used by another engine at a time.
  ///   - isDeterministic: The same bits on every run, for attention that is slower and products that
  ///     are chosen by estimate, not by time.
  ///   - isFused: False computes attention without cuDNN.
  ///   - cache: Where compiled kernels are kept.
  /// - Throws: Where a library that is needed is missing, or the device's memory is full.
  public init(
    _ device: CUDADevice, isDeterministic: Bool = false, isFused: Bool = true,
    cache: KernelCache = .standard
  ) throws(CUDAError) {
    self.device = device
    stream = try CUDAStream(device)
    kernels = try KernelSet(stream, cache: cache)
    multiplier = try Multiplier(stream, measures: !isDeterministic)
    staging = try Staging(stream, bytes: Self.stagingBytes)
    arrivals = try Arrivals(stream, bytes: Self.arrivalBytes)
    takeaway = try Takeaway(device)
    inputs = try PassInputs(stream, staging)
    recorder = PassRecorder(stream, inputs)
    sums = try CUDABlock(device, count: 2 * Self.mostSums, format: .f32)
    attention = Attention(
      stream, kernels, multiplier,
      cudnn: isFused ? try? CuDNN(device.libraries, stream: stream) : nil,
      isDeterministic: isDeterministic)
  }

  /// New memory of a format, all zeros.
  public func allocate(_ count: Int, _ format: CUDAFormat) throws(CUDAError) -> CUDAMemory {
    try device.makeCurrent()
    let memory = CUDAMemory(
      try CUDABlock(device, count: count, format: format), offset: 0, count: count)
    try fill(memory)
    return memory
  }

  func fill(_ memory: CUDAMemory) throws(CUDAError) {
    try stream.fill(memory.bytes, at: memory.address, with: 0)
  }

  /// Waits until the device has done all it was given.
  public func synchronise() { carryOut { () throws(CUDAError) in try stream.synchronise() } }

  /// Does what cannot go on where it fails.
  func carryOut<Result>(_ work: () throws(CUDAError) -> Result) -> Result {
    do {
      try device.makeCurrent()
      return try work()
    } catch {
      let message = "\(device.name): \(error)\n"
      unsafe _ = write(STDERR_FILENO, message, message.utf8.count)
      exit(1)
    }
  }

  func launch(
    _ name: KernelName, _ grid: (Int, Int), threads: Int, _ arguments: [KernelArgument]
  ) {
    carryOut { () throws(CUDAError) in
      try kernels.launch(name, grid, threads: threads, arguments)
    }
  }

  /// A grid for a loop over `count` elements.
  func grid(for count: Int) -> (Int, Int) { (min((count + 255) / 256, 32 * 132), 1) }
}

extension CUDAEngine {
  /// Copies numbers to the device, rounded to its format.
  public func upload(_ numbers: Span<Float>, to memory: CUDAMemory) {
    precondition(numbers.count == memory.count, "\(numbers.count) numbers into \(memory.count)")
    let most = Self.stagingBytes / 8
    carryOut { () throws(CUDAError) in
      for first in stride(from: 0, to: numbers.count, by: most) {
        let count = min(most, numbers.count - first)
        let part = memory.part(first, count)
        let address = try staging.upload(numbers.extracting(first..<first + count))
        switch memory.format {
        case .f32: try stream.copy(4 * count, from: address, to: part.address)
        case .bf16: try round(address, to: part)
        }
      }
    }
  }

  func round(_ address: UInt64, to memory: CUDAMemory) throws(CUDAError) {
    try kernels.launch(
      .round, grid(for: memory.count), threads: 256,
      [.address(memory.address), .address(address), .long(memory.count)])
  }

  /// The numbers of a memory, those of bf16 widened.
  public func download(_ memory: CUDAMemory) -> [Float] {
    let most = Self.stagingBytes / 8
    var numbers: [Float] = []
    numbers.reserveCapacity(memory.count)
    carryOut { () throws(CUDAError) in
      for first in stride(from: 0, to: memory.count, by: most) {
        let part = memory.part(first, min(most, memory.count - first))
        if memory.format == .f32 {
          numbers += try staging.download(part.count, from: part.address, as: Float.self)
        } else {
          numbers += try staging.download(part.count, from: part.address, as: UInt16.self).map {
            Float(bitPattern: UInt32($0) << 16)
          }
        }
      }
    }
    return numbers
  }

  /// The f32 that a view of sums has.
  public func downloadSums(_ memory: CUDAMemory) -> [Float] {
    carryOut { () throws(CUDAError) in
      try staging.download(
        memory.count / Self.sumPlaces, from: memory.address, as: Float.self)
    }
  }

  /// Random numbers with a deviation, for measurements: made on the device.
  public func setNoise(
    _ memory: CUDAMemory, deviation: Double, seed: UInt64, stream number: UInt64 = 0
  ) {
    let most = 1 << 28
    let seed = seed ^ number &* 0xD1B5_4A32_D192_ED03
    carryOut { () throws(CUDAError) in
      let isWide = memory.format == .f32
      let room =
        isWide
        ? nil
        : try CUDABlock(
          device, count: min(most, memory.count), format: .f32)
      for first in stride(from: 0, to: memory.count, by: most) {
        let part = memory.part(first, min(most, memory.count - first))
        let target = room?.address ?? part.address
        try kernels.launch(
          .noise, grid(for: part.count), threads: 256,
          [
            .address(target), .long(part.count), .float(deviation),
            .seed(seed &+ UInt64(first) &* 0x9E37_79B9_7F4A_7C15),
          ])
        if !isWide { try round(target, to: part) }
      }
      try stream.synchronise()
    }
  }
}
