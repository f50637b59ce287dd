import ArgumentParser
import Formats
import Ground

/// How the texts of a file are told apart.
enum TextFormat: String, CaseIterable, ExpressibleByArgument {
  /// A text a line.
  case text
  /// A document a line, in JSON.
  case jsonl
  /// A text a file.
  case files
}

/// Whole lines of a file, about a mebibyte of them, or a whole file.
struct TextBatch: Sendable {
  var path: String
  var format: TextFormat
  var bytes: [UInt8]
  /// Where they begin in the stored file, or where the part begins that must be decoded for them.
  var stored: UInt64
  /// True where stored and decoded bytes are the same.
  var isPlain: Bool
  /// Why the line at the end was not read.
  var unread: Fault?

  /// Calls `accept` with each text, and its document's id where it has one, in the order of the file.
  ///
  /// - Returns: Why lines are no texts.
  func forEachText(
    _ accept: (_ text: Span<UInt8>, _ id: String?) throws(Fault) -> Void
  ) throws(Fault) -> [Fault] {
    var faults: [Fault] = []
    switch format {
    case .files: try accept(bytes.span, nil)
    case .text:
      try forEachLine { line throws(Fault) in
        let end = line.last == 0x0d ? line.endIndex - 1 : line.endIndex
        try accept(bytes.span.extracting(line.startIndex..<end), nil)
      }
    case .jsonl:
      let parser = JSONParser()
      try forEachLine { line throws(Fault) in
        if line.allSatisfy({ $0 <= 0x20 }) { return }
        let place = stored + (isPlain ? UInt64(line.startIndex) : 0)
        let document: [UInt8]
        let id: String?
        do throws(JSONError) {
          let node = try parser.parse(Array(line))
          guard let text = node["text"]?.bytes else {
            throw JSONError("the line has no string \"text\"")
          }
          document = text
          id = node["id"]?.string
        } catch {
          faults.append(Fault(path, at: place, .malformed("\(error)")))
          return
        }
        try accept(document.span, id)
      }
    }
    if let unread { faults.append(unread) }
    return faults
  }

  private func forEachLine(_ body: (ArraySlice<UInt8>) throws(Fault) -> Void) throws(Fault) {
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
      try body(bytes[start..<end])
      start = end + 1
    }
  }
}

/// Cuts files into batches, one after the other.
///
/// `orderedMap` never asks from two threads at once, hence `@unchecked`.
final class TextBatches: @unchecked Sendable {
  private static let batchSize = 1 << 20

  private let format: TextFormat?
  private var paths: ArraySlice<String>
  private var reader: BufferedReader?

  /// `format` is by the name of each file where it is nil: `.jsonl` in it means JSON.
  init(_ paths: [String], format: TextFormat?) {
    self.paths = paths[...]
    self.format = format
  }

  /// The next batch; nil where every file has been read.
  func next() throws(Fault) -> TextBatch? {
    while let path = paths.first {
      let reader: BufferedReader
      if let open = self.reader { reader = open } else { reader = try openDecoded(path) }
      self.reader = reader
      let format = format ?? (path.contains(".jsonl") ? .jsonl : .text)
      var batch = TextBatch(
        path: path, format: format, bytes: [], stored: reader.location.offset,
        isPlain: reader.location.skip == 0 && reader.location.offset == reader.offset)
      if format == .files {
        batch.bytes = try reader.readToEnd()
        advance()
        return batch
      }
      try fill(&batch, from: reader)
      if !batch.bytes.isEmpty || batch.unread != nil { return batch }
      advance()
    }
    return nil
  }

  private func advance() {
    paths.removeFirst()
    reader = nil
  }

  private func fill(_ batch: inout TextBatch, from reader: BufferedReader) throws(Fault) {
    try reader.read(Self.batchSize, into: &batch.bytes)
    guard let last = batch.bytes.last, last != 0x0a else { return }
    var rest: [UInt8] = []
    switch try reader.readLine(into: &rest) {
    case .whole: batch.bytes.append(contentsOf: rest)
    case .tooLong:
      let line = (batch.bytes.lastIndex(of: 0x0a) ?? -1) + 1
      batch.unread = Fault(
        batch.path, at: batch.stored + (batch.isPlain ? UInt64(line) : 0),
        .tooLong(limit: rest.count))
      batch.bytes.removeLast(batch.bytes.count - line)
    case nil: break
    }
  }
}
