import Glibc
package import Ground

/// Keeps a second process from building into the same work directory at the same time.
///
/// The lock ends with the process, however it ends.
package struct FolderLock {
  private let descriptor: CInt

  package init(_ path: String) throws(Fault) {
    let file = "\(path)/.lock"
    descriptor = unsafe open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system("open", file) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw Fault(
        path, at: 0, .unusable("another process is building into this work directory"))
    }
  }

  package func release() { close(descriptor) }
}
