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
    try? stream.device.makeCurrent()
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

  /// Gives a kernel to a stream.
  ///
  /// - Parameters:
  ///   - name: Which.
  ///   - grid: Blocks; the second number is of the second axis.
  ///   - threads: Of a block.
  ///   - arguments: In the kernel's order.
  ///   - other: Where to give it to; nil is the engine's stream.
  /// - Throws: Where the driver does not take it, or an earlier kernel has failed.
  func launch(
    _ name: KernelName, _ grid: (Int, Int), threads: Int, _ arguments: [KernelArgument],
    on other: CUDAStream? = nil
  ) throws(CUDAError) {
    guard grid.0 > 0, grid.1 > 0, !stream.isMuted else { return }
    let function = unsafe functions[name.ordinal]
    let stream = other ?? stream
    var words = arguments.map(\.word)
    let code = unsafe words.withUnsafeMutableBufferPointer { words -> CInt? in
      unsafe withUnsafeTemporaryAllocation(
        of: UnsafeMutableRawPointer?.self, capacity: words.count
      ) { pointers in
        for index in words.indices {
          unsafe pointers[index] = words.baseAddress.map {
            unsafe UnsafeMutableRawPointer($0 + index)
          }
        }
        return unsafe stream.driver.launch?(
          function, CUnsignedInt(grid.0), CUnsignedInt(grid.1), 1, CUnsignedInt(threads), 1, 1, 0,
          stream.handle, pointers.baseAddress, nil)
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

/// An argument of a kernel, in a word of its own.
enum KernelArgument {
  case address(UInt64)
  case int(Int)
  case long(Int)
  case float(Double)
  case seed(UInt64)

  /// The argument in a word's first bytes.
  var word: UInt64 {
    switch self {
    case .address(let value), .seed(let value): value
    case .int(let value): UInt64(UInt32(bitPattern: Int32(value)))
    case .long(let value): UInt64(bitPattern: Int64(value))
    case .float(let value): UInt64(Float(value).bitPattern)
    }
  }
}
