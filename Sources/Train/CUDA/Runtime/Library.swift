import Glibc
internal import Ground

/// A shared library that stays open for the life of the process.
@safe struct Library: @unchecked Sendable {
  let handle: UnsafeMutableRawPointer
  /// As it was asked for: a path, or a name that the loader found.
  let path: String

  /// Opens a library, or gives the loader's words.
  static func open(_ path: String, isGlobal: Bool) -> Result<Library, CUDAError> {
    if let cut = cut(path) { return .failure(cut) }
    let flags = RTLD_NOW | (isGlobal ? RTLD_GLOBAL : RTLD_LOCAL)
    guard let handle = unsafe dlopen(path, flags) else {
      let words = unsafe dlerror().map { unsafe String(cString: $0) } ?? "no reason given"
      return .failure(CUDAError(path, words))
    }
    return unsafe .success(Library(handle: handle, path: path))
  }

  /// What is wrong with a file that ends before its segments do, as after a download that broke off:
  /// the loader would map it and the process die of it.
  private static func cut(_ path: String) -> CUDAError? {
    guard path.contains("/"), let file = try? MappedFile(path: path) else { return nil }
    return unsafe file.withBytes { bytes in
      func number<Number: FixedWidthInteger>(at place: Int, as type: Number.Type) -> Int {
        unsafe Int(clamping: bytes.loadUnaligned(fromByteOffset: place, as: type))
      }
      guard bytes.count >= 64, unsafe bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]) else {
        return nil  // no ELF of 64 bits: the loader says so
      }
      let table = number(at: 32, as: UInt64.self), size = number(at: 54, as: UInt16.self)
      var end = table.addingReportingOverflow(size * number(at: 56, as: UInt16.self)).partialValue
      if end <= bytes.count && table >= 64 && size >= 56 {
        for segment in stride(from: table, to: end, by: size) {
          let first = number(at: segment + 8, as: UInt64.self)
          let count = number(at: segment + 32, as: UInt64.self)
          end = max(end, first.addingReportingOverflow(count).partialValue)
        }
      }
      if end <= bytes.count { return nil }
      return CUDAError(path, "\(path) is cut: \(bytes.count) of \(end) bytes; install it anew")
    }
  }

  private init(handle: UnsafeMutableRawPointer, path: String) {
    unsafe self.handle = unsafe handle
    self.path = path
  }
}

/// The five libraries that training on a GPU is made of.
public enum LibraryKind: String, CaseIterable, Sendable {
  case driver = "libcuda.so"
  case compiler = "libnvrtc.so"
  case product = "libcublasLt.so"
  case attention = "libcudnn.so"
  case collective = "libnccl.so"

  /// What it is to a reader.
  public var purpose: String {
    switch self {
    case .driver: "the driver"
    case .compiler: "the run-time compiler"
    case .product: "matrix products"
    case .attention: "fused attention"
    case .collective: "collectives between GPUs"
    }
  }

  /// The versions of its name that we know, newest first.
  var names: [String] {
    switch self {
    case .driver: ["libcuda.so.1"]
    case .compiler: ["libnvrtc.so.13", "libnvrtc.so.12"]
    case .product: ["libcublasLt.so.13", "libcublasLt.so.12"]
    case .attention: ["libcudnn.so.9"]
    case .collective: ["libnccl.so.2"]
    }
  }

  /// True where training cannot do without it on one GPU.
  public var isNeeded: Bool { self == .driver || self == .compiler || self == .product }
}
