internal import CCUDA
import Glibc

/// A GPU: the driver's primary context on it.
@safe public final class CUDADevice: @unchecked Sendable {
  let driver: quipu_driver
  public let libraries: CUDALibraries
  /// The driver's number of it.
  public let ordinal: Int
  public let name: String
  /// Compute capability, such as 9.0 for Hopper.
  public let capability: (major: Int, minor: Int)
  public let multiprocessors: Int
  /// Bytes of the device's memory.
  public let memory: Int
  private let device: CInt
  private let context: UnsafeMutableRawPointer?

  /// How many devices the driver shows to this process.
  public static func count(_ libraries: CUDALibraries) throws(CUDAError) -> Int {
    guard let driver = libraries.driver else { throw libraries.refusal(of: .driver) }
    try driver.check("cuInit", driver.initialise?(0))
    var count: CInt = 0
    try unsafe driver.check("cuDeviceGetCount", driver.device_count?(&count))
    return Int(count)
  }

  /// Makes the device's context current for this thread.
  ///
  /// - Parameters:
  ///   - libraries: As found.
  ///   - ordinal: The driver's number of the device.
  /// - Throws: Where there is no driver, or no such device.
  public init(_ libraries: CUDALibraries, ordinal: Int = 0) throws(CUDAError) {
    let count = try Self.count(libraries)
    guard let driver = libraries.driver else {
      throw libraries.refusal(of: .driver)
    }
    self.driver = driver
    self.libraries = libraries
    self.ordinal = ordinal
    guard ordinal < count else {
      throw CUDAError(
        "cuDeviceGetCount",
        "no device \(ordinal), counted from 0, among \(count): each rank of a machine needs one")
    }
    var device: CInt = 0
    try unsafe driver.check("cuDeviceGet", driver.device?(&device, CInt(ordinal)))
    self.device = device
    var name = [CChar](repeating: 0, count: 256)
    try unsafe driver.check("cuDeviceGetName", driver.device_name?(&name, 255, device))
    self.name = String(
      decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    func attribute(_ number: CInt) throws(CUDAError) -> Int {
      var value: CInt = 0
      try unsafe driver.check(
        "cuDeviceGetAttribute", driver.device_attribute?(&value, number, device))
      return Int(value)
    }
    capability = (try attribute(75), try attribute(76))
    multiprocessors = try attribute(16)
    var bytes = 0
    try unsafe driver.check("cuDeviceTotalMem", driver.device_memory?(&bytes, device))
    memory = bytes
    var context: UnsafeMutableRawPointer?
    try unsafe driver.check(
      "cuDevicePrimaryCtxRetain", driver.retain_context?(&context, device))
    unsafe self.context = unsafe context
    try makeCurrent()
  }

  /// Makes this thread's calls go to the device.
  func makeCurrent() throws(CUDAError) {
    try unsafe driver.check("cuCtxSetCurrent", driver.set_context?(context))
  }

  deinit { _ = driver.release_context?(device) }

  /// The name that the compiler has for it; Hopper's with its own instructions.
  public var architecture: String {
    let (major, minor) = capability
    return "sm_\(major)\(minor)\(major == 9 ? "a" : "")"
  }

  /// Bytes of memory that nobody has taken.
  public var freeMemory: Int {
    var free = 0, total = 0
    try? makeCurrent()
    unsafe _ = driver.memory_info?(&free, &total)
    return free
  }

  /// Operations a second of dense bf16 products, by NVIDIA's datasheets; nil for a device that is not
  /// among these.
  public var peak: Double? {
    let known: [(name: String, peak: Double)] = [
      ("H100 PCIe", 756e12), ("H100 NVL", 835e12), ("H100", 989e12), ("H200", 989e12),
      ("H800", 989e12), ("A100", 312e12), ("A800", 312e12), ("B200", 2250e12), ("L40S", 362e12),
    ]
    return known.first { name.contains($0.name) }?.peak
  }

  public var description: String {
    "\(name), \(architecture), \(multiprocessors) multiprocessors, \(memory >> 20) MiB"
  }
}

extension quipu_driver {
  /// Throws what a call gave, if that was not success; nil is a function that the driver lacks.
  func check(_ call: StaticString, _ code: CInt?) throws(CUDAError) {
    if code == 0 { return }
    guard let code else {
      throw CUDAError("\(call)", "this driver does not have it: it is too old")
    }
    var words: UnsafePointer<CChar>?
    unsafe _ = error_text?(code, &words)
    throw CUDAError(
      "\(call)", code: Int(code), unsafe words.map { unsafe String(cString: $0) } ?? "unknown")
  }
}
