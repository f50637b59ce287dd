import Glibc

/// A shared library that stays open for the life of the process.
@safe struct Library: @unchecked Sendable {
  let handle: UnsafeMutableRawPointer
  /// As it was asked for: a path, or a name that the loader found.
  let path: String

  /// Opens a library, or gives the loader's words.
  static func open(_ path: String, isGlobal: Bool) -> Result<Library, CUDAError> {
    let flags = RTLD_NOW | (isGlobal ? RTLD_GLOBAL : RTLD_LOCAL)
    guard let handle = unsafe dlopen(path, flags) else {
      let words = unsafe dlerror().map { unsafe String(cString: $0) } ?? "no reason given"
      return .failure(CUDAError(path, words))
    }
    return unsafe .success(Library(handle: handle, path: path))
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
