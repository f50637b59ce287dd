internal import CCUDA

/// The kernels of a device, loaded.
@safe final class KernelSet: @unchecked Sendable {
  private let stream: CUDAStream
  private var modules: [UnsafeMutableRawPointer] = unsafe []
  private var functions: [UnsafeMutableRawPointer] = unsafe []

  init(_ stream: CUDAStream, cache: KernelCache) throws(CUDAError) {
    self.stream = stream
    let compiler = try KernelCompiler(stream.device.libraries)
    let driver = stream.driver
    var loaded: [(String, UnsafeMutableRawPointer)] = unsafe []
    for text in KernelText.all {
      let image = try cache.image(of: text, architecture: stream.device.architecture, compiler)
      let module = unsafe try Self.load(image, driver)
      unsafe modules.append(module)
      unsafe loaded.append((text.name, module))
    }
    for name in KernelName.allCases {
      guard let module = unsafe loaded.first(where: { unsafe $0.0 == name.file })?.1 else {
        throw CUDAError(name.file, "is not embedded")
      }
      unsafe functions.append(try Self.function(name.rawValue, of: module, driver))
    }
  }

  deinit {
    for index in unsafe modules.indices { unsafe _ = stream.driver.unload_module?(modules[index]) }
  }

  static func load(
    _ image: [UInt8], _ driver: quipu_driver
  ) throws(CUDAError) -> UnsafeMutableRawPointer {
    var module: UnsafeMutableRawPointer?
    let code = unsafe image.withUnsafeBytes { unsafe driver.load_module?(&module, $0.baseAddress) }
    try driver.check("cuModuleLoadData", code)
    guard let module = unsafe module else { throw CUDAError("cuModuleLoadData", "gave nothing") }
    return unsafe module
  }

  static func function(
    _ name: String, of module: UnsafeMutableRawPointer, _ driver: quipu_driver
  ) throws(CUDAError) -> UnsafeMutableRawPointer {
    var function: UnsafeMutableRawPointer?
    try unsafe driver.check("cuModuleGetFunction", driver.function?(&function, module, name))
    guard let function = unsafe function else {
      throw CUDAError("cuModuleGetFunction", "gave nothing for \(name)")
    }
    return unsafe function
  }

  /// Gives a kernel to the stream.
  ///
  /// - Parameters:
  ///   - name: Which.
  ///   - grid: Blocks; the second number is of the second axis.
  ///   - threads: Of a block.
  ///   - arguments: In the kernel's order.
  /// - Throws: Where the driver does not take it, or an earlier kernel has failed.
  func launch(
    _ name: KernelName, _ grid: (Int, Int), threads: Int, _ arguments: [KernelArgument]
  ) throws(CUDAError) {
    guard grid.0 > 0, grid.1 > 0 else { return }
    let function = unsafe functions[name.ordinal]
    try unsafe Self.launch(function, grid, threads: threads, sharedBytes: 0, arguments, on: stream)
  }

  static func launch(
    _ function: UnsafeMutableRawPointer, _ grid: (Int, Int), threads: Int, sharedBytes: Int,
    _ arguments: [KernelArgument], on stream: CUDAStream
  ) throws(CUDAError) {
    var words: [UInt64] = []
    var starts: [Int] = []
    words.reserveCapacity(16)
    starts.reserveCapacity(16)
    for argument in arguments {
      starts.append(words.count)
      argument.append(to: &words)
    }
    let code = unsafe words.withUnsafeMutableBufferPointer { words -> CInt? in
      unsafe withUnsafeTemporaryAllocation(
        of: UnsafeMutableRawPointer?.self, capacity: starts.count
      ) { pointers in
        for (index, start) in starts.enumerated() {
          unsafe pointers[index] = words.baseAddress.map {
            unsafe UnsafeMutableRawPointer($0 + start)
          }
        }
        return unsafe stream.driver.launch?(
          function, CUnsignedInt(grid.0), CUnsignedInt(grid.1), 1, CUnsignedInt(threads), 1, 1,
          CUnsignedInt(sharedBytes), stream.handle, pointers.baseAddress, nil)
      }
    }
    try stream.driver.check("cuLaunchKernel", code)
  }
}

extension KernelName {
  private static let ordinals = Dictionary(
    uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
  var ordinal: Int { Self.ordinals[self] ?? 0 }
}

/// An argument of a kernel.
enum KernelArgument {
  case address(UInt64)
  case int(Int)
  case long(Int)
  case float(Double)
  case seed(UInt64)
  /// A struct that is passed by value.
  case words([UInt64])

  /// Appends the argument; one of less than a word stands in the word's first bytes.
  func append(to words: inout [UInt64]) {
    switch self {
    case .address(let value), .seed(let value): words.append(value)
    case .int(let value): words.append(UInt64(UInt32(bitPattern: Int32(value))))
    case .long(let value): words.append(UInt64(bitPattern: Int64(value)))
    case .float(let value): words.append(UInt64(Float(value).bitPattern))
    case .words(let value): words += value
    }
  }
}
