/// A stream of bytes: a file, or what a decoder makes of one.
///
/// A reader belongs to one task. Decoders are readers over readers.
public protocol ByteReader: AnyObject {
  /// The file that faults name.
  var path: String { get }

  /// Where the part that is being read begins: decoding can start afresh there.
  var segment: Segment { get }

  /// True where another `read` after a fault gives what lies behind the damage; else the stream is
  /// over.
  var goesOnAfterFault: Bool { get }

  /// Fills the front of `room` with at least one byte, or none at the end of the input.
  ///
  /// One call never reaches over the end of a segment.
  ///
  /// - Precondition: `room` is not empty.
  /// - Throws: `Fault`, with the offset reached in the stored file.
  func read(into room: UnsafeMutableRawBufferPointer) throws(Fault) -> Int
}

extension ByteReader {
  public var goesOnAfterFault: Bool { false }
}

/// The start of a part that can be decoded alone: a gzip member, a bzip2 stream, a Zstandard frame.
public struct Segment: Equatable, Sendable {
  /// Bytes into the stored file.
  public var stored: UInt64
  /// Bytes into the decoded stream.
  public var decoded: UInt64
  /// True where stored and decoded bytes are the same, so that reading can start at any byte.
  public var isPlain: Bool

  public init(stored: UInt64, decoded: UInt64, isPlain: Bool = false) {
    self.stored = stored
    self.decoded = decoded
    self.isPlain = isPlain
  }
}

/// How to find a decoded byte again: open the stored file at `offset`, decode, skip `skip` bytes.
public struct Location: Hashable, Sendable {
  public var offset: UInt64
  public var skip: UInt64

  public init(offset: UInt64, skip: UInt64) {
    self.offset = offset
    self.skip = skip
  }
}
