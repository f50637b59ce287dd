import Glibc
import Ground

/// A file that grows at its end while a run goes on, and is cut where the run goes back.
final class AppendedFile {
  let path: String
  private let descriptor: CInt

  /// Opens a file, or makes it.
  init(_ path: String) throws(Fault) {
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system("open", path) }
  }

  deinit { close(descriptor) }

  /// Leaves the first so many bytes.
  func cut(to count: Int) throws(Fault) {
    guard ftruncate(descriptor, count) == 0 else { throw .system("truncate", path) }
  }

  /// Writes at the end; others see it at once.
  func append(_ bytes: [UInt8]) throws(Fault) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { bytes in
        unsafe write(descriptor, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .system("write", path) }
      done += count
    }
  }
}
