import Glibc

/// Collects results for standard output and writes them in blocks of 64 KiB.
public struct StandardOutput: ~Copyable {
  private var buffer: [UInt8] = []
  private var written: UInt64 = 0

  public init() {}

  public mutating func write(_ bytes: borrowing [UInt8]) throws(Fault) {
    unsafe bytes.span.withUnsafeBytes { unsafe buffer.append(contentsOf: $0) }
    if buffer.count >= 1 << 16 { try flush() }
  }

  public mutating func write(_ text: String) throws(Fault) { try write(Array(text.utf8)) }

  /// Writes what is left; nothing is written without it.
  public mutating func flush() throws(Fault) {
    var done = 0
    while done < buffer.count {
      let count = unsafe buffer.span.withUnsafeBytes { bytes in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
        return unsafe Glibc.write(STDOUT_FILENO, rest.baseAddress, rest.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .system("write", "standard output", at: written) }
      done += count
      written += UInt64(count)
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
