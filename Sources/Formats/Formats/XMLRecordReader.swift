public import Ground

/// One element of a large XML file, as raw bytes from `<name` to the end of its end tag.
public struct XMLRecord: Sendable {
  public var bytes: [UInt8]
  /// Where it begins: enough to fetch `bytes` again.
  public var location: Location
  /// The same place in the decoded stream that its reader was given.
  public var offset: UInt64
}

/// Cuts the elements of one name out of a stream of XML, such as every `<page>` of a dump.
///
/// Records are cut by their bytes and only then parsed, each alone, by `XMLParser`. Streaming parsers
/// cannot say cheaply where an element begins: libxml2's `xmlByteConsumed` counts what was fed, in
/// chunks, and encodes the buffer again to find out more. Cutting gives the exact place, needs no root,
/// so that reading can start anywhere, and keeps damage within one record.
///
/// Such records must not nest, and their tags not stand in comments or CDATA: dumps have neither.
public final class XMLRecordReader {
  private let name: String
  private let startTag: [UInt8]
  private let endTag: [UInt8]
  private let limit: Int

  private var reader: BufferedReader
  private var onward: (() throws(Fault) -> BufferedReader)?
  private var hasGoneOn = false
  private var piece: [UInt8] = []
  private var pieceReader: BufferedReader
  private var pieceStart: UInt64 = 0

  private var record: XMLRecord?
  private var isInTag = false
  private var quote: UInt8?
  private var isTooLong = false

  /// The last bytes that stand outside records, 256 at most: a complete file's root ends there.
  public private(set) var tail: [UInt8] = []

  /// - Parameters:
  ///   - reader: XML in UTF-8, from its beginning or from anywhere else.
  ///   - name: The element's name.
  ///   - limit: The largest record in bytes; a larger one is passed over and reported.
  ///   - onward: Opens what follows the end of `reader`, to finish a record that goes on there.
  public init(
    _ reader: BufferedReader, element name: String, limit: Int = 1 << 26,
    onward: (() throws(Fault) -> BufferedReader)? = nil
  ) {
    self.reader = reader
    self.name = name
    self.limit = limit
    self.onward = onward
    pieceReader = reader
    startTag = Array("<\(name)".utf8)
    endTag = Array("</\(name)".utf8)
  }

  /// The next record, or why it is none; nil at the end.
  ///
  /// - Throws: `Fault` where the stream cannot be decoded on.
  /// - Complexity: O(length); memory is bounded by the limit.
  public func next() throws(Fault) -> Result<XMLRecord, Fault>? {
    while try readPiece() {
      if record == nil {
        if let start = tagStart() { begin(at: start) } else { keepTail() }
        if hasGoneOn && record == nil { return nil }
      } else if isInTag {
        // XML has no `<` within a tag: here the record breaks off and something else begins.
        if piece.contains(UInt8(ascii: "<")) { return restart("its start tag has no end") }
        append(piece)
      } else {
        if let start = tagStart() { return restart("no </\(name)> comes before byte", at: start) }
        append(piece)
        if piece.last == UInt8(ascii: ">"), endsRecord() { return finish() }
        continue
      }
      if record != nil, closesTag() {
        isInTag = false
        if piece.count > 1, piece[piece.count - 2] == UInt8(ascii: "/") { return finish() }
      }
    }
    guard record != nil else { return nil }
    return restart("it is cut short by the end of the file")
  }

  /// Reads on to the next `>`, from `onward` too where a record or a tag is open at the end.
  private func readPiece() throws(Fault) -> Bool {
    if hasGoneOn && record == nil { return false }
    pieceReader = reader
    pieceStart = reader.offset
    var found = try read(into: &piece)
    if !found, let open = onward, record != nil || piece.contains(UInt8(ascii: "<")) {
      onward = nil
      hasGoneOn = true
      reader = try open()
      var rest: [UInt8] = []
      found = try read(into: &rest)
      piece += rest
    }
    return !piece.isEmpty
  }

  /// Reads up to and with the next `>`; false where the stream ends without one.
  private func read(into piece: inout [UInt8]) throws(Fault) -> Bool {
    let begin = reader.offset
    guard let outcome = try reader.read(upTo: UInt8(ascii: ">"), into: &piece) else { return false }
    if outcome == .tooLong { isTooLong = record != nil }
    guard outcome == .tooLong || reader.offset - begin > UInt64(piece.count) else { return false }
    piece.append(UInt8(ascii: ">"))
    return true
  }

  /// Where in the piece the record's start tag begins, if the piece ends with (part of) one.
  private func tagStart() -> Int? {
    guard let start = piece.lastIndex(of: UInt8(ascii: "<")),
      piece[start...].starts(with: startTag), start + startTag.count < piece.count
    else { return nil }
    let next = piece[start + startTag.count]
    return next <= 0x20 || next == UInt8(ascii: ">") || next == UInt8(ascii: "/") ? start : nil
  }

  private func begin(at start: Int) {
    let offset = pieceStart + UInt64(start)
    record = XMLRecord(
      bytes: Array(piece[start...]), location: pieceReader.location(of: offset), offset: offset)
    isInTag = true
    quote = nil
    isTooLong = piece.count - start > limit
  }

  private func append(_ piece: [UInt8]) {
    guard !isTooLong, let count = record?.bytes.count else { return }
    isTooLong = count + piece.count > limit
    if isTooLong { record?.bytes = [] } else { record?.bytes += piece }
  }

  /// Follows the quotes of the start tag through the piece; true where its `>` ends the tag.
  private func closesTag() -> Bool {
    let start = piece.lastIndex(of: UInt8(ascii: "<")) ?? 0
    var open = quote
    for byte in piece[start...] where byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
      if open == nil { open = byte } else if open == byte { open = nil }
    }
    quote = open
    return open == nil && piece.last == UInt8(ascii: ">")
  }

  private func endsRecord() -> Bool {
    guard let start = piece.lastIndex(of: UInt8(ascii: "<")) else { return false }
    guard piece[start...].starts(with: endTag) else { return false }
    return piece[(start + endTag.count)...].dropLast().allSatisfy { $0 <= 0x20 }
  }

  private func finish() -> Result<XMLRecord, Fault>? {
    defer { record = nil }
    tail = []
    guard let record else { return nil }
    if isTooLong { return .failure(fault(.tooLong(limit: limit), at: record)) }
    return .success(record)
  }

  /// Gives up the open record; goes on with the one that begins in this piece, if one does.
  private func restart(_ why: String, at start: Int? = nil) -> Result<XMLRecord, Fault>? {
    guard let broken = record else { return nil }
    let place = start.map { " \(pieceReader.location(of: pieceStart + UInt64($0)).offset)" } ?? ""
    let cause = Fault.Cause.malformed("the <\(name)> here is broken: \(why)\(place)")
    record = nil
    if let start = start ?? tagStart(), start > 0 || piece.first == UInt8(ascii: "<") {
      begin(at: start)
      if closesTag() { isInTag = false }
    }
    return .failure(fault(cause, at: broken))
  }

  private func fault(_ cause: Fault.Cause, at record: XMLRecord) -> Fault {
    Fault(reader.path, at: record.location.offset, cause)
  }

  private func keepTail() {
    tail = (tail + piece.suffix(256)).suffix(256)
  }
}
