internal import CCUDA
internal import Ground

/// Compiles CUDA text to machine code for one architecture, without a GPU.
@safe public final class KernelCompiler: @unchecked Sendable {
  private let table: quipu_compiler
  public let version: String

  public init(_ libraries: CUDALibraries) throws(CUDAError) {
    guard let table = libraries.compiler,
      let version = libraries.version(of: .compiler)
    else { throw libraries.refusal(of: .compiler) }
    self.table = table
    self.version = version
  }

  /// The options that a text is compiled with.
  static func options(_ architecture: String) -> [String] {
    ["--gpu-architecture=\(architecture)", "--std=c++17", "--ptxas-options=-v"]
  }

  /// What a text's machine code is kept under: a digest of all that it depends on.
  func key(_ text: String, architecture: String) -> String {
    let parts = [version, Self.options(architecture).joined(separator: " "), text]
    return hexadecimal(sha256(Array(parts.joined(separator: "\0").utf8).span))
  }

  /// - Returns: The machine code, and the compiler's words: registers and spills of each kernel.
  public func compile(
    _ text: String, name: String, architecture: String
  ) throws(CUDAError) -> (image: [UInt8], log: String) {
    var program: UnsafeMutableRawPointer?
    try unsafe check("nvrtcCreateProgram", table.create?(&program, text, name, 0, nil, nil), "")
    defer { unsafe _ = table.destroy?(&program) }
    let result = unsafe withCStrings(Self.options(architecture)) { options in
      unsafe table.compile?(program, CInt(options.count), options.baseAddress)
    }
    var size = 0
    unsafe _ = table.log_size?(program, &size)
    let log = unsafe string(of: size) { unsafe table.log?(program, $0) }
    try check("nvrtcCompileProgram", result, log)
    try unsafe check("nvrtcGetCUBINSize", table.image_size?(program, &size), log)
    var image = [UInt8](repeating: 0, count: size)
    let code = unsafe image.withUnsafeMutableBytes {
      unsafe table.image?(program, $0.bindMemory(to: CChar.self).baseAddress)
    }
    try check("nvrtcGetCUBIN", code, log)
    return (image, log)
  }

  private func check(_ call: String, _ code: CInt?, _ log: String) throws(CUDAError) {
    if code == 0 { return }
    guard let code else { throw CUDAError(call, "this NVRTC does not have it") }
    let words = unsafe table.error_text?(code).map { unsafe String(cString: $0) } ?? "unknown"
    throw CUDAError(call, code: Int(code), log.isEmpty ? words : "\(words)\n\(log)")
  }

  private func string(of size: Int, _ body: (UnsafeMutablePointer<CChar>?) -> CInt?) -> String {
    var bytes = [UInt8](repeating: 0, count: size + 1)
    unsafe bytes.withUnsafeMutableBytes {
      unsafe _ = body($0.bindMemory(to: CChar.self).baseAddress)
    }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}

/// Calls `body` with strings as C has them.
private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
  let all = strings.flatMap { $0.utf8CString }
  return unsafe all.withUnsafeBufferPointer { buffer in
    var pointers: [UnsafePointer<CChar>?] = unsafe []
    var offset = 0
    for string in strings {
      unsafe pointers.append(buffer.baseAddress.map { unsafe $0 + offset })
      offset += string.utf8CString.count
    }
    return unsafe pointers.withUnsafeBufferPointer { unsafe body($0) }
  }
}
