public import Compute
import Glibc

extension CUDAEngine {
  /// Copies all elements.
  public func copy(_ source: CUDAMemory, to target: CUDAMemory) {
    precondition(
      source.count == target.count && source.format == target.format,
      "\(source.count) elements into \(target.count)")
    carryOut { () throws(CUDAError) in
      try stream.copy(source.bytes, from: source.address, to: target.address)
    }
  }

  public func add(_ source: CUDAMemory, to sum: CUDAMemory) {
    carryOut { () throws(CUDAError) in try add(source, to: sum, on: stream) }
  }

  func add(
    _ source: CUDAMemory, to sum: CUDAMemory, on stream: CUDAStream
  ) throws(CUDAError) {
    precondition(
      source.count == sum.count && source.format == sum.format,
      "\(source.count) elements to \(sum.count)")
    try kernels.launch(
      sum.format == .f32 ? .addF32 : .addBF16, grid(for: sum.count), threads: 256,
      [.address(sum.address), .address(source.address), .long(sum.count)], on: stream)
  }

  public func zero(_ memory: CUDAMemory) {
    carryOut { () throws(CUDAError) in try fill(memory) }
  }

  /// As `Processor`'s, of f32: the same bits on every run.
  ///
  /// Waits once for all of them.
  public func squaredNorms(_ all: [CUDAMemory]) -> [Double] {
    guard !all.isEmpty else { return [] }
    return carryOut { () throws(CUDAError) -> [Double] in
      let results = unsafe try staging.take(8 * all.count).device
      try stream.fill(8 * all.count, at: results, with: 0)
      for (place, values) in all.enumerated() where values.count > 0 {
        let blocks = (values.count + 0xFFFF) >> 16
        precondition(values.format == .f32 && blocks <= Self.mostSums, "\(values.count) numbers")
        try kernels.launch(
          .squares, (blocks, 1), threads: 512,
          [.address(sums.address), .address(values.address), .long(values.count)])
        try kernels.launch(
          .total, (1, 1), threads: 512,
          [.address(results + UInt64(8 * place)), .address(sums.address), .int(blocks)])
      }
      return try staging.download(all.count, from: results, as: Double.self)
    }
  }

  /// The index of the first number that is NaN or infinite; nil where there is none.
  public func firstBroken(_ values: CUDAMemory) -> Int? {
    precondition(values.format == .f32, "only f32 is searched")
    return carryOut { () throws(CUDAError) in
      let place = try staging.upload([UInt64.max].span)
      try kernels.launch(
        .firstBroken, grid(for: values.count), threads: 256,
        [.address(place), .address(values.address), .long(values.count)])
      let found = try staging.download(1, from: place, as: UInt64.self)[0]
      return found == .max ? nil : Int(found)
    }
  }

  /// As `Processor`'s, in f32; bf16 without f32 beside it is rounded by chance.
  public func adamW(
    _ parameters: CUDAMemory, master: CUDAMemory?, gradients: CUDAMemory,
    firstMoments: CUDAMemory, secondMoments: CUDAMemory, settings: AdamW, step: Int,
    gradientScale: Double
  ) {
    let count = parameters.count
    precondition(
      gradients.count == count && firstMoments.count == count && secondMoments.count == count
        && count % 4 == 0 && step > 0,
      "memory of \(count), \(gradients.count), \(firstMoments.count), \(secondMoments.count)")
    precondition(parameters.format == .bf16 && gradients.format == .f32)
    let stepSize = settings.learningRate / (1 - pow(settings.beta1, Double(step)))
    let rootCorrection = 1 / (1 - pow(settings.beta2, Double(step))).squareRoot()
    let numbers: [KernelArgument] = [
      .address(gradients.address), .address(firstMoments.address),
      .address(secondMoments.address), .long(count / 4), .float(gradientScale),
      .float(settings.beta1), .float(settings.beta2), .float(stepSize), .float(rootCorrection),
      .float(settings.epsilon), .float(1 - settings.learningRate * settings.weightDecay),
    ]
    let grid = ((count / 4 + 255) / 256, 1)
    if let master {
      precondition(master.format == .f32 && master.count == count, "a master of \(master.count)")
      launch(
        .adamW, grid, threads: 256,
        [.address(master.address), .address(parameters.address)] + numbers)
    } else {
      let seed = UInt64(step) &* 0xD1B5_4A32_D192_ED03 ^ UInt64(parameters.offset) << 20
      launch(
        .adamWByChance, grid, threads: 256,
        [.address(parameters.address)] + numbers + [.seed(seed)])
    }
  }
}
