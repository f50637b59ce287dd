import Glibc
import Ground

/// Keeps a second process out of a run's folder; ends with the value or the process.
///
/// The folder itself is locked, so no file is left behind. File systems without locks let all in.
@safe final class FolderLock {
  private let descriptor: CInt

  init(_ path: String) throws(Fault) {
    descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("open", path) }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK {
      close(descriptor)
      throw Fault(path, at: 0, .unusable("another process is training in this folder"))
    }
  }

  deinit { close(descriptor) }
}
