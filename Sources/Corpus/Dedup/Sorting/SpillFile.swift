import Glibc
public import Ground

/// A file without a name: the system frees it when the process ends, however it ends.
@usableFromInline final class SpillFile {
  private let folder: String
  private let descriptor: CInt
  private var count = 0

  @usableFromInline
  init(folder: String) throws(Fault) {
    self.folder = folder
    var template = Array("\(folder)/sort-XXXXXX".utf8CString)
    descriptor = unsafe mkstemp(&template)
    guard descriptor >= 0 else { throw .system("create", folder) }
    guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw .system("fcntl", folder) }
    guard unsafe unlink(&template) == 0 else { throw .system("remove", folder) }
  }

  deinit { close(descriptor) }

  @usableFromInline
  func append(_ bytes: UnsafeRawBufferPointer) throws(Fault) {
    var done = 0
    while done < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
      let written = unsafe write(descriptor, rest.baseAddress, rest.count)
      if written < 0 && errno == EINTR { continue }
      guard written >= 0 else { throw .system("write", folder, at: UInt64(count)) }
      done += written
      count += written
    }
  }

  /// Reads records by their numbers.
  @inlinable
  func records<Record: FixedRecord>(_ range: Range<Int>) throws(Fault) -> [Record] {
    var failure: Fault?
    let stride = MemoryLayout<Record>.stride
    let records = unsafe [Record](unsafeUninitializedCapacity: range.count) { room, made in
      let raw = UnsafeMutableRawBufferPointer(room)
      failure = unsafe read(into: raw, at: range.lowerBound * stride)
      made = failure == nil ? range.count : 0
    }
    if let failure { throw failure }
    return records
  }

  /// Fills `room` with the bytes from `start` on; gives what went wrong.
  @usableFromInline
  func read(into room: UnsafeMutableRawBufferPointer, at start: Int) -> Fault? {
    var done = 0
    while done < room.count {
      let got = unsafe pread(
        descriptor, room.baseAddress.map { unsafe $0 + done }, room.count - done,
        off_t(start + done))
      if got < 0 && errno == EINTR { continue }
      let offset = UInt64(start + done)
      if got < 0 { return .system("read", folder, at: offset) }
      if got == 0 {
        return Fault(folder, at: offset, .truncated(expected: room.count, found: done))
      }
      done += got
    }
    return nil
  }
}
