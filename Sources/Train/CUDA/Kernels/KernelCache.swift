import Glibc
internal import Ground

/// Machine code that was compiled before, kept in a folder under a digest of all it depends on.
///
/// A folder that cannot be read or written costs time, nothing else.
public struct KernelCache: Sendable {
  /// Nil keeps nothing.
  public let folder: String?

  public init(folder: String?) { self.folder = folder }

  /// `$XDG_CACHE_HOME/quipu/kernels`, or in `~/.cache`.
  public static var standard: KernelCache {
    func value(_ name: String) -> String? {
      unsafe getenv(name).map { unsafe String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    let base = value("XDG_CACHE_HOME") ?? value("HOME").map { "\($0)/.cache" }
    return KernelCache(folder: base.map { "\($0)/quipu/kernels" })
  }

  /// The machine code of a text, compiled only where it is not kept.
  public func image(
    of text: KernelText, architecture: String, _ compiler: KernelCompiler
  ) throws(CUDAError) -> [UInt8] {
    let key = compiler.key(text.text, architecture: architecture)
    if let kept = read(key) { return kept }
    let image = try compiler.compile(text.text, name: text.name, architecture: architecture).image
    write(image, key)
    return image
  }

  private func path(_ key: String) -> String? { folder.map { "\($0)/\(key).cubin" } }

  /// A kept image; one without ELF's first bytes is none.
  private func read(_ key: String) -> [UInt8]? {
    guard let path = path(key), let file = try? MappedFile(path: path) else { return nil }
    let image = unsafe file.withBytes { unsafe [UInt8]($0) }
    return image.starts(with: [0x7F, 0x45, 0x4C, 0x46]) ? image : nil
  }

  private func write(_ image: [UInt8], _ key: String) {
    guard let folder, let path = path(key) else { return }
    try? makeFolder(folder)
    try? writeAtomically(image, to: path)
  }
}
