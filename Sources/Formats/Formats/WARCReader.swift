public import Ground

/// One record of a WARC file.
public struct WARCRecord: Sendable {
  /// What stands behind `WARC/`, such as `1.0`.
  public var version: String
  public var fields: HeaderFields
  /// Where the `WARC/` of the record stands.
  public var location: Location
  /// Bytes from there to the end of the body.
  public var length: Int
  /// Empty where the body was not asked for.
  public var body: [UInt8]

  /// The `WARC-Type` in lower case, such as `response`; empty where the record has none.
  public var type: String { fields["WARC-Type"]?.lowercased() ?? "" }
}

/// Reads the records of a WARC file, versions 0.17 to 1.1, compressed or not.
///
/// Damage costs the record in which it is: reading goes on at the next line that begins with
/// `WARC/`, behind a damaged gzip member at the next one. Memory is bounded by the limit on bodies.
///
/// - SeeAlso: ISO 28500:2017.
public final class WARCReader {
  private let reader: BufferedReader
  private let bodyLimit: Int
  private var line: [UInt8] = []
  private var body: [UInt8] = []
  /// A line `WARC/…` that has been read already, while its record has not.
  private var waiting: Start?
  /// True while bytes that belong to no record belong to one that has been reported as bad.
  private var isLost = false
  private var records = 0
  /// Decoded bytes that belonged to no record.
  public private(set) var skippedBytes: UInt64 = 0

  private struct Start {
    var offset: UInt64
    var location: Location
    var version: String
  }

  private static let mark = Array("WARC/".utf8)
  /// Larger headers are damage; real ones have some hundred bytes.
  private static let headerLimit = 1 << 20

  /// - Parameters:
  ///   - reader: The decoded file.
  ///   - bodyLimit: The longest body that is handed over, in bytes.
  public init(_ reader: BufferedReader, bodyLimit: Int = 1 << 28) {
    self.reader = reader
    self.bodyLimit = bodyLimit
  }

  /// The next record, or why the next bytes are none; nil at the end.
  ///
  /// - Parameter wantsBody: Asked with the header; a body that is not wanted is passed over.
  /// - Returns: A record cut off by the end of the file is a failure as well, the last one.
  /// - Throws: `Fault` where the file cannot be read on, or is no WARC file.
  public func next(
    _ wantsBody: (HeaderFields) -> Bool = { _ in true }
  ) throws(Fault) -> Result<WARCRecord, Fault>? {
    do {
      return try undamaged(wantsBody)
    } catch  where error.isDamage && records > 0 {
      waiting = nil
      isLost = true
      return .failure(error)
    }
  }

  /// The next record; a fault of the decoder is thrown.
  private func undamaged(
    _ wantsBody: (HeaderFields) -> Bool
  ) throws(Fault) -> Result<WARCRecord, Fault>? {
    var stray: (offset: UInt64, location: Location)?
    if waiting == nil {
      while try !reader.isAtEnd() {
        let (offset, location) = (reader.offset, reader.location)
        guard let piece = try reader.readLine(into: &line) else { break }
        if piece == .whole, let version = version(line) {
          waiting = Start(offset: offset, location: location, version: version)
          break
        }
        if stray == nil && line.allSatisfy(isSpace) { continue }
        if offset == 0 && line.starts(with: Array("filedesc:".utf8)) {
          throw reader.fault(.unusable("this is an ARC file; convert it to WARC"), at: 0)
        }
        stray = stray ?? (offset, location)
      }
    }
    if let stray {
      let count = (waiting?.offset ?? reader.offset) - stray.offset
      skippedBytes += count
      if waiting == nil && records == 0 && !isLost {
        throw Fault(reader.path, at: stray.location.offset, .malformed("this is no WARC file"))
      }
      if !isLost {
        let message = "\(count) bytes that belong to no WARC record"
        return .failure(Fault(reader.path, at: stray.location.offset, .malformed(message)))
      }
    }
    isLost = false
    guard let start = waiting else { return nil }
    waiting = nil
    records += 1
    return try record(start, wantsBody)
  }

  private func record(
    _ start: Start, _ wantsBody: (HeaderFields) -> Bool
  ) throws(Fault) -> Result<WARCRecord, Fault> {
    func failure(_ cause: Fault.Cause) -> Result<WARCRecord, Fault> {
      .failure(Fault(reader.path, at: start.location.offset, cause))
    }
    guard let header = try header() else {
      isLost = true
      return failure(.malformed("the WARC header does not end"))
    }
    let fields = HeaderFields(header)
    guard let text = fields["Content-Length"], let count = Int(text), count >= 0 else {
      isLost = true
      return failure(.malformed("the WARC header has no Content-Length"))
    }
    body.removeAll(keepingCapacity: true)
    let wantsBody = wantsBody(fields)
    let found =
      wantsBody && count <= bodyLimit
      ? try reader.read(count, into: &body) : try reader.skip(count)
    guard found == count else { return failure(.truncated(expected: count, found: found)) }
    guard !wantsBody || count <= bodyLimit else { return failure(.tooLong(limit: bodyLimit)) }
    return .success(
      WARCRecord(
        version: start.version, fields: fields, location: start.location,
        length: Int(reader.offset - start.offset), body: body))
  }

  /// The lines up to the empty one; nil where another record begins or the file ends before it.
  private func header() throws(Fault) -> [UInt8]? {
    var header: [UInt8] = []
    while try !reader.isAtEnd() {
      let (offset, location) = (reader.offset, reader.location)
      guard let piece = try reader.readLine(into: &line) else { break }
      guard piece == .whole, header.count + line.count < Self.headerLimit else { return nil }
      if line.isEmpty || line == [0x0d] { return header }
      if let version = version(line) {
        waiting = Start(offset: offset, location: location, version: version)
        return nil
      }
      header.append(contentsOf: line)
      header.append(0x0a)
    }
    return nil
  }

  /// What stands behind the `WARC/` of a first line; nil for other lines.
  private func version(_ line: [UInt8]) -> String? {
    guard line.starts(with: Self.mark), line.count > 5, line.count < 32,
      line[5] &- 0x30 < 10
    else { return nil }
    return String(decoding: line[5...].prefix { !isSpace($0) }, as: UTF8.self)
  }
}
