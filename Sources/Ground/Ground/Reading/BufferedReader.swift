import Glibc

/// Cuts a stream of bytes into lines, blocks and delimited pieces, and always knows where it is.
///
/// Memory is bounded: a piece above `limit` bytes is passed over and reported, never collected.
@safe public final class BufferedReader {
  /// How a line or delimited piece came.
  public enum Piece: Equatable, Sendable {
    /// It is in the caller's array, without its delimiter.
    case whole
    /// It was longer than the reader's limit and has been skipped; the array holds its beginning.
    case tooLong
  }

  public var path: String { upstream.path }
  /// Bytes of the decoded stream before the next one to be read.
  public private(set) var offset: UInt64 = 0

  private let upstream: any ByteReader
  /// The longest piece that is handed over, bytes.
  public let limit: Int
  private let storage: UnsafeMutableRawPointer
  private static let capacity = 1 << 18
  private var start = 0
  private var end = 0
  private var atEnd = false
  /// Segments that the buffered bytes belong to, oldest first.
  private var segments: [Segment]

  /// Reads from `upstream`; `limit` is the longest piece that is handed over, in bytes.
  public init(_ upstream: any ByteReader, limit: Int = 1 << 28) {
    self.upstream = upstream
    self.limit = limit
    segments = [upstream.segment]
    unsafe storage = .allocate(byteCount: Self.capacity, alignment: 64)
  }

  deinit { unsafe storage.deallocate() }

  /// How to find the byte at `decoded` again; one no older than the last piece that was read.
  public func location(of decoded: UInt64) -> Location {
    let segment = segments.last { $0.decoded <= decoded } ?? segments[0]
    let within = decoded - segment.decoded
    return segment.isPlain
      ? Location(offset: segment.stored + within, skip: 0)
      : Location(offset: segment.stored, skip: within)
  }

  /// The location of the next byte to be read.
  public var location: Location { location(of: offset) }

  /// A fault about the byte at `decoded`, by its place in the stored file.
  public func fault(_ cause: Fault.Cause, at decoded: UInt64? = nil) -> Fault {
    Fault(path, at: location(of: decoded ?? offset).offset, cause)
  }

  /// True where no byte is left.
  public func isAtEnd() throws(Fault) -> Bool {
    if start == end { try fill() }
    return start == end
  }

  /// Reads a line into `line`, without its `\n`; nil at the end of the input.
  ///
  /// A `\r` before the `\n` stays. The last line needs no `\n`.
  public func readLine(into line: inout [UInt8]) throws(Fault) -> Piece? {
    try read(upTo: 0x0a, into: &line)
  }

  /// Reads up to and over the next `delimiter` byte; nil at the end of the input.
  ///
  /// - Complexity: O(length), one copy.
  public func read(upTo delimiter: UInt8, into piece: inout [UInt8]) throws(Fault) -> Piece? {
    piece.removeAll(keepingCapacity: true)
    dropOldSegments()
    var result = Piece.whole
    var found = false
    while !found {
      if start == end { try fill() }
      if start == end { break }
      let waiting = unsafe UnsafeRawPointer(storage + start)
      let hit = unsafe memchr(waiting, CInt(delimiter), end - start)
      found = unsafe hit != nil
      let count = unsafe hit.map { unsafe UnsafeRawPointer($0) - waiting } ?? end - start
      if piece.count + count > limit { result = .tooLong }
      if result == .whole {
        unsafe piece.append(contentsOf: UnsafeRawBufferPointer(start: waiting, count: count))
      }
      advance(count + (found ? 1 : 0))
    }
    return found || !piece.isEmpty || result == .tooLong ? result : nil
  }

  /// Reads `count` bytes, or as many as are left, onto the end of `bytes`; says how many.
  @discardableResult
  public func read(_ count: Int, into bytes: inout [UInt8]) throws(Fault) -> Int {
    dropOldSegments()
    var left = count
    bytes.reserveCapacity(bytes.count + min(count, 1 << 20))
    while left > 0 {
      if start == end { try fill() }
      if start == end { break }
      let part = min(left, end - start)
      unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: storage + start, count: part))
      advance(part)
      left -= part
    }
    return count - left
  }

  /// Reads all that is left.
  ///
  /// - Throws: `Fault` where that is more than the reader's limit.
  public func readToEnd() throws(Fault) -> [UInt8] {
    var bytes: [UInt8] = []
    let begin = offset
    try read(limit, into: &bytes)
    guard try isAtEnd() else { throw fault(.tooLong(limit: limit), at: begin) }
    return bytes
  }

  /// Passes over `count` bytes, or as many as are left; says how many.
  @discardableResult
  public func skip(_ count: Int) throws(Fault) -> Int {
    dropOldSegments()
    var left = count
    while left > 0 {
      if start == end { try fill() }
      if start == end { break }
      let part = min(left, end - start)
      advance(part)
      left -= part
    }
    return count - left
  }

  /// The next bytes, not yet read: `count` of them, or fewer at the end of the input.
  ///
  /// - Precondition: `count` is at most 65,536.
  public func peek(_ count: Int) throws(Fault) -> [UInt8] {
    precondition(count <= 1 << 16, "peek of \(count) bytes; 65536 at most")
    while end - start < count && !atEnd { try fill() }
    return unsafe Array(
      UnsafeRawBufferPointer(start: storage + start, count: min(end - start, count)))
  }

  private func advance(_ count: Int) {
    start += count
    offset += UInt64(count)
  }

  private func dropOldSegments() {
    if let current = segments.lastIndex(where: { $0.decoded <= offset }), current > 0 {
      segments.removeFirst(current)
    }
  }

  private func fill() throws(Fault) {
    guard !atEnd else { return }
    if start > 0 {
      unsafe storage.copyMemory(from: storage + start, byteCount: end - start)
      (start, end) = (0, end - start)
    }
    let room = unsafe UnsafeMutableRawBufferPointer(
      start: storage + end, count: Self.capacity - end)
    let count: Int
    do {
      count = try unsafe upstream.read(into: room)
    } catch {
      atEnd = !upstream.goesOnAfterFault
      throw error
    }
    if count == 0 { atEnd = true }
    end += count
    if upstream.segment != segments.last { segments.append(upstream.segment) }
  }
}
