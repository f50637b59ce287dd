import Ground

/// Where lines of results go: a plain file, a Zstandard file, or standard output.
///
/// A file appears when it is whole, with `commit()`.
struct LineOutput: ~Copyable {
  private var plain: AtomicFile?
  private var zstd: ZstdFile?
  private var standard: StandardOutput?

  /// Nil and `-` mean standard output; the end `.zst` means compression.
  init(_ path: String?) throws(Fault) {
    switch path {
    case nil, "-": standard = StandardOutput()
    case let path? where path.hasSuffix(".zst"): zstd = try ZstdFile(path: path)
    case let path?: plain = try AtomicFile(path: path)
    }
  }

  mutating func write(_ bytes: borrowing [UInt8]) throws(Fault) {
    try plain?.write(bytes)
    try zstd?.write(bytes)
    try standard?.write(bytes)
  }

  consuming func commit() throws(Fault) {
    try plain.take()?.commit()
    try zstd.take()?.commit()
    try standard?.flush()
  }
}
