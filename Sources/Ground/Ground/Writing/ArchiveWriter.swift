internal import CArchive

/// Builds a tar, 7z or zip archive of regular files, in memory.
///
/// The same members give the same bytes: every file has the time given, owner 0 and mode 0644.
@safe public final class ArchiveWriter {
  public enum Format: Sendable {
    /// POSIX ustar: names of at most 255 bytes.
    case tar
    case sevenZip
    case zip
  }

  private let archive: OpaquePointer?
  private let sink = Sink()
  private let modified: Int
  private let format: Format

  /// Begins an archive whose members all have the time `modified`, in seconds since 1970.
  public init(_ format: Format, modified: Int) throws(Fault) {
    self.modified = modified
    self.format = format
    unsafe archive = archive_write_new()
    let chosen =
      switch format {
      case .tar: unsafe archive_write_set_format_ustar(archive)
      case .sevenZip: unsafe archive_write_set_format_7zip(archive)
      case .zip: unsafe archive_write_set_format_zip(archive)
      }
    guard chosen == ARCHIVE_OK else { throw fault("archive") }
    // 7z and zip end with their table: nothing may be padded after it.
    unsafe archive_write_set_bytes_in_last_block(archive, 1)
    let handle = unsafe Unmanaged.passUnretained(sink).toOpaque()
    let opened = unsafe archive_write_open(archive, handle, nil, appendToSink, nil)
    guard opened == ARCHIVE_OK else { throw fault("archive") }
  }

  deinit { unsafe _ = archive_write_free(archive) }

  /// Adds a regular file; names are UTF-8 paths with `/`.
  public func add(_ name: String, _ bytes: [UInt8]) throws(Fault) {
    let entry = unsafe archive_entry_new()
    defer { unsafe archive_entry_free(entry) }
    // A tar takes the name's bytes as they are; 7z and zip translate them, from UTF-8 if told so.
    if format == .tar {
      unsafe archive_entry_set_pathname(entry, name)
    } else {
      unsafe archive_entry_set_pathname_utf8(entry, name)
    }
    unsafe archive_entry_set_size(entry, Int64(bytes.count))
    unsafe archive_entry_set_filetype(entry, 0o100000)
    unsafe archive_entry_set_perm(entry, 0o644)
    unsafe archive_entry_set_mtime(entry, modified, 0)
    guard unsafe archive_write_header(archive, entry) == ARCHIVE_OK else { throw fault(name) }
    var done = 0
    while done < bytes.count {
      let written = unsafe bytes.withUnsafeBytes { source in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: source[done...])
        return unsafe archive_write_data(archive, rest.baseAddress, rest.count)
      }
      guard written > 0 else { throw fault(name) }
      done += Int(written)
    }
  }

  /// Ends the archive and gives its bytes; nothing can be added afterwards.
  public func finish() throws(Fault) -> [UInt8] {
    guard unsafe archive_write_close(archive) == ARCHIVE_OK else { throw fault("archive") }
    return sink.bytes
  }

  private func fault(_ name: String) -> Fault {
    let message = unsafe archive_error_string(archive).map { unsafe String(cString: $0) }
    return Fault(
      name, at: UInt64(sink.bytes.count),
      .unusable("cannot be written into an archive: \(message ?? "unknown error")"))
  }
}

/// Collects what libarchive writes.
private final class Sink {
  var bytes: [UInt8] = []
}

private func appendToSink(
  _ archive: OpaquePointer?, _ handle: UnsafeMutableRawPointer?, _ block: UnsafeRawPointer?,
  _ count: Int
) -> Int {
  guard let handle = unsafe handle else { return -1 }
  let sink = unsafe Unmanaged<Sink>.fromOpaque(handle).takeUnretainedValue()
  unsafe sink.bytes.append(contentsOf: UnsafeRawBufferPointer(start: block, count: count))
  return count
}
