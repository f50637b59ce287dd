import Glibc

/// A file that appears whole or not at all: temporary name, sync, rename, sync of the folder.
///
/// Dropped without `commit()`, it leaves nothing; killed, it leaves a name that `sweepLeftovers` knows.
public struct AtomicFile: ~Copyable {
  /// The end of every temporary name; what stands before the process number is the final name.
  static let mark = ".quipu-part-"

  public let path: String
  public private(set) var count = 0
  private let temporary: String
  private let descriptor: CInt
  private var buffer: [UInt8] = []
  private var isCommitted = false

  public init(path: String) throws(Fault) {
    self.path = path
    temporary = temporaryName(for: path)
    descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system("create", path) }
    buffer.reserveCapacity(1 << 16)
  }

  deinit {
    close(descriptor)
    if !isCommitted { unsafe _ = unlink(temporary) }
  }

  public mutating func write(_ bytes: borrowing [UInt8]) throws(Fault) {
    try write(bytes.span)
  }

  public mutating func write(_ bytes: Span<UInt8>) throws(Fault) {
    if buffer.count + bytes.count > 1 << 16 { try flush() }
    if bytes.count > 1 << 16 {
      try unsafe bytes.withUnsafeBytes { raw throws(Fault) in try unsafe store(raw) }
    } else {
      unsafe bytes.withUnsafeBytes { unsafe buffer.append(contentsOf: $0) }
    }
    count += bytes.count
  }

  /// Makes the file appear under its name, on the disk for good.
  public consuming func commit() throws(Fault) {
    try flush()
    guard fsync(descriptor) == 0 else { throw .system("sync", path) }
    try publish(temporary, as: path)
    isCommitted = true
  }

  private mutating func flush() throws(Fault) {
    try unsafe buffer.span.withUnsafeBytes { raw throws(Fault) in try unsafe store(raw) }
    buffer.removeAll(keepingCapacity: true)
  }

  private func store(_ bytes: UnsafeRawBufferPointer) throws(Fault) {
    var done = 0
    while done < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .system("write", path, at: UInt64(self.count)) }
      done += count
    }
  }
}

/// Writes `bytes` to `path` at one go, whole or not at all.
public func writeAtomically(_ bytes: [UInt8], to path: String) throws(Fault) {
  var file = try AtomicFile(path: path)
  try file.write(bytes)
  try file.commit()
}

/// The name under which a file is written before it is published; swept if its process is killed.
public func temporaryName(for path: String) -> String {
  "\(path)\(AtomicFile.mark)\(getpid())"
}

/// Gives a finished, synced file its final name, for good.
public func publish(_ temporary: String, as path: String) throws(Fault) {
  guard unsafe rename(temporary, path) == 0 else { throw .system("rename", path) }
  try syncFolder(of: path)
}

/// Brings what another library wrote into a file onto the disk, then publishes it.
public func syncAndPublish(_ temporary: String, as path: String) throws(Fault) {
  let descriptor = unsafe open(temporary, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .system("open", temporary) }
  let isSynced = fsync(descriptor) == 0
  let fault = Fault.system("sync", path)
  close(descriptor)
  guard isSynced else { throw fault }
  try publish(temporary, as: path)
}
