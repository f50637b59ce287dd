import Glibc

/// What went wrong, in which file, at which byte; prints as `path: byte 4096: cause`.
public struct Fault: Error, Equatable, Sendable {
  public enum Cause: Equatable, Sendable {
    /// The file ends before the record, member or header does; bytes.
    case truncated(expected: Int, found: Int)
    /// The bytes break their format, for example "WARC header has no Content-Length".
    case malformed(String)
    /// A line or record that is larger than the reader's bound; bytes.
    case tooLong(limit: Int)
    /// A system call failed with this `errno`.
    case system(call: String, CInt)
    /// What the user asked for cannot be had, for example "no such source".
    case unusable(String)
  }

  public let file: String
  /// Bytes into the stored, still compressed, file.
  public let offset: UInt64
  public let cause: Cause

  public init(_ file: String, at offset: UInt64, _ cause: Cause) {
    self.file = file
    self.offset = offset
    self.cause = cause
  }

  /// The failure of the system call that has just returned, read from `errno`.
  public static func system(_ call: String, _ file: String, at offset: UInt64 = 0) -> Fault {
    Fault(file, at: offset, .system(call: call, errno))
  }

  /// True where going on with other inputs would fail as well: the disk is full or the quota spent.
  public var stopsTheRun: Bool {
    if case .system(_, let code) = cause { return [ENOSPC, EDQUOT, EROFS].contains(code) }
    return false
  }
}

extension Fault {
  /// True where the bytes are at fault, not the machine or the user.
  public var isDamage: Bool {
    switch cause {
    case .truncated, .malformed, .tooLong: true
    case .system, .unusable: false
    }
  }
}

extension Fault: CustomStringConvertible {
  public var description: String { "\(file): byte \(offset): \(cause)" }

  /// What the user can do about it, as a sentence; nil where nothing general helps.
  public var remedy: String? {
    switch cause {
    case .truncated: "The file is incomplete: fetch it again, or drop it from the inputs."
    case .tooLong(let limit):
      "Records above \(limit) bytes are skipped; split the input if it matters."
    case .system(_, ENOENT): "Check the path."
    case .system(_, EACCES): "Check the permissions of the file and its folders."
    case .system(_, ENOSPC), .system(_, EDQUOT):
      "The disk is full: free some space and run the same command again; it goes on where it stopped."
    case .system(_, EMFILE): "Too many open files: raise the limit with `ulimit -n 65536`."
    case .malformed, .system, .unusable: nil
    }
  }
}

extension Fault.Cause: CustomStringConvertible {
  public var description: String {
    switch self {
    case .truncated(let expected, let found): "expected \(expected) bytes, found \(found)"
    case .malformed(let what), .unusable(let what): what
    case .tooLong(let limit): "longer than the limit of \(limit) bytes"
    case .system(let call, let code): "\(call) failed: \(unsafe String(cString: strerror(code)))"
    }
  }
}
