/// A reader whose first bytes can be looked at before they are read.
final class PeekedReader: ByteReader {
  var path: String { upstream.path }
  var segment: Segment { upstream.segment }
  var goesOnAfterFault: Bool { upstream.goesOnAfterFault }

  private let upstream: any ByteReader
  private var seen: ArraySlice<UInt8> = []

  init(_ upstream: any ByteReader) { self.upstream = upstream }

  /// The first `count` bytes, or all of a shorter input; to be called before anything is read.
  func peek(_ count: Int) throws(Fault) -> [UInt8] {
    var room = [UInt8](repeating: 0, count: count)
    var found = 0
    while found < count {
      var rest = room.mutableSpan
      let part = try unsafe rest.withUnsafeMutableBytes { rest throws(Fault) in
        try unsafe upstream.read(into: UnsafeMutableRawBufferPointer(rebasing: rest[found...]))
      }
      if part == 0 { break }
      found += part
    }
    seen = room[..<found]
    return Array(seen)
  }

  func read(into room: UnsafeMutableRawBufferPointer) throws(Fault) -> Int {
    if seen.isEmpty { return try unsafe upstream.read(into: room) }
    let count = min(room.count, seen.count)
    unsafe room.copyBytes(from: seen.prefix(count))
    seen = seen.dropFirst(count)
    return count
  }
}
