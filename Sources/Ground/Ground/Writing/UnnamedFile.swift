import Glibc

/// A file without a name, for what does not fit into memory: the system frees it when the process ends,
/// however it ends.
public final class UnnamedFile {
  private let folder: String
  private let descriptor: CInt
  /// Bytes.
  public private(set) var size = 0

  /// - Throws: `Fault` naming `folder` where no file can be made there.
  public init(in folder: String) throws(Fault) {
    self.folder = folder
    var template = Array("\(folder)/quipu-XXXXXX".utf8CString)
    descriptor = unsafe mkstemp(&template)
    guard descriptor >= 0 else { throw .system("create", folder) }
    guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw .system("fcntl", folder) }
    guard unsafe unlink(&template) == 0 else { throw .system("remove", folder) }
  }

  deinit { close(descriptor) }

  public func append(_ bytes: UnsafeRawBufferPointer) throws(Fault) {
    var done = 0
    while done < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
      let written = unsafe write(descriptor, rest.baseAddress, rest.count)
      if written < 0 && errno == EINTR { continue }
      guard written >= 0 else { throw .system("write", folder, at: UInt64(size)) }
      done += written
      size += written
    }
  }

  /// Fills `room` with the bytes from `start` on.
  ///
  /// - Throws: `Fault` where the file cannot be read, or ends before.
  public func read(into room: UnsafeMutableRawBufferPointer, at start: Int) throws(Fault) {
    var done = 0
    while done < room.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[done...])
      let got = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(start + done))
      if got < 0 && errno == EINTR { continue }
      let offset = UInt64(start + done)
      guard got >= 0 else { throw .system("read", folder, at: offset) }
      guard got > 0 else {
        throw Fault(folder, at: offset, .truncated(expected: room.count, found: done))
      }
      done += got
    }
  }
}
