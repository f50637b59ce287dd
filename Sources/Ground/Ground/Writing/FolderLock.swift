import Glibc

/// Keeps other processes out of a folder that one writes to.
///
/// Ends with the value or with the process, however that ends; hold on to the value with
/// `withExtendedLifetime`. The folder itself is locked, so no file is left behind. File systems
/// without locks let all in.
public final class FolderLock: Sendable {
  private let descriptor: CInt

  /// Locks the folder at `path`, which must be there.
  ///
  /// Throws a `Fault` where the folder cannot be opened or another process has the lock: then it
  /// says "another process is …" with `purpose`.
  public init(_ path: String, for purpose: String) throws(Fault) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("open", path) }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK {
      close(descriptor)
      throw Fault(path, at: 0, .unusable("another process is \(purpose)"))
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}
