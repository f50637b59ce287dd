public import Formats
public import Ground

/// Documents as JSON Lines, in the field's common schema:
/// `{"id","text","source","added","created","metadata":{…,"origin":{…}}}`.
///
/// See `Docs/Formats/documents.md`.
public struct DocumentLineWriter {
  private var json = JSONWriter()
  private let added: String

  /// `added` is when the documents joined the corpus, as the manifest says; never the clock.
  public init(added: String) { self.added = added }

  /// The line of one document, with its `\n`; with `reason` where it was dropped for one.
  public mutating func line(for document: borrowing Document, reason: String? = nil) -> [UInt8] {
    let (id, text, origin) = (document.id, document.text, document.origin)
    let (source, created, metadata) = (document.source, document.created, document.metadata)
    json.removeAll()
    json.object { json in
      json.key("id")
      json.string(id.description)
      json.key("text")
      json.string(text)
      json.key("source")
      json.string(source)
      json.key("added")
      json.string(added)
      json.key("created")
      json.string(created)
      if let reason {
        json.key("reason")
        json.string(reason)
      }
      json.key("metadata")
      json.object { json in
        for (name, value) in metadata.entries {
          json.key(name)
          json.value(value)
        }
        json.key("origin")
        json.origin(origin)
      }
    }
    return json.bytes + [0x0a]
  }
}

extension JSONWriter {
  fileprivate mutating func value(_ value: Metadata.Value) {
    switch value {
    case .string(let text): string(text)
    case .integer(let number): integer(number)
    case .number(let number): self.number(number)
    case .bool(let value): bool(value)
    case .strings(let texts): array { json in for text in texts { json.string(text) } }
    }
  }

  /// Writes `{"path","offset","length"}`, with `skip` and `member` where they say something.
  public mutating func origin(_ origin: Origin) {
    object { json in
      json.key("path")
      json.string(origin.path)
      json.key("offset")
      json.integer(Int(clamping: origin.offset))
      if origin.skip > 0 {
        json.key("skip")
        json.integer(Int(clamping: origin.skip))
      }
      json.key("length")
      json.integer(Int(clamping: origin.length))
      if let member = origin.member {
        json.key("member")
        json.string(member)
      }
    }
  }
}

/// Reads documents back from JSON Lines, ours or another toolkit's.
///
/// Only `text` must be there. A line without an `id` gets one from its place in the file; unknown
/// metadata of nested kinds is left out.
public final class DocumentLineReader {
  private let reader: BufferedReader
  private let parser = JSONParser()
  private let name: String
  private var line: [UInt8] = []

  /// Reads from `reader`; `name` is the input's, for the origin of lines that have none.
  public init(_ reader: BufferedReader, name: String) {
    self.reader = reader
    self.name = name
  }

  /// The next document, or why the next line is none; nil at the end.
  public func next() throws(Fault) -> Result<Document, Fault>? {
    while true {
      guard try !reader.isAtEnd() else { return nil }
      let start = reader.offset
      let location = reader.location
      guard let piece = try reader.readLine(into: &line) else { return nil }
      if piece == .tooLong { return .failure(reader.fault(.tooLong(limit: line.count), at: start)) }
      if line.allSatisfy({ $0 <= 0x20 }) { continue }
      let origin = Origin(path: name, location: location, length: UInt64(line.count))
      do throws(JSONError) {
        let node = try parser.parse(line)
        guard let text = node["text"]?.bytes else {
          return .failure(reader.fault(.malformed("the line has no string \"text\""), at: start))
        }
        return .success(document(node, text: text, origin: origin))
      } catch {
        return .failure(reader.fault(.malformed("not JSON: \(error)"), at: start))
      }
    }
  }

  private func document(_ node: JSONNode, text: [UInt8], origin: Origin) -> Document {
    var origin = origin
    var metadata = Metadata()
    node["metadata"]?.forEachMember { name, value in
      if name == "origin" {
        origin = Origin(value) ?? origin
      } else if let value = Metadata.Value(value) {
        metadata[name] = value
      }
    }
    var document = Document(
      source: node["source"]?.string ?? "", text: text, created: node["created"]?.string ?? "",
      metadata: metadata, origin: origin)
    if let id = node["id"]?.string {
      document.id = Hash128(id) ?? xxh3Wide(Array(id.utf8))
    }
    return document
  }
}

extension Origin {
  public init?(_ node: JSONNode) {
    guard let path = node["path"]?.string, let offset = node["offset"]?.integer,
      let length = node["length"]?.integer, offset >= 0, length >= 0
    else { return nil }
    let skip = max(0, node["skip"]?.integer ?? 0)
    self.init(
      path: path, location: Location(offset: UInt64(offset), skip: UInt64(skip)),
      length: UInt64(length), member: node["member"]?.string)
  }
}

extension Metadata.Value {
  /// Nil for null, objects and arrays of anything but strings.
  fileprivate init?(_ node: JSONNode) {
    if let text = node.string {
      self = .string(text)
    } else if let value = node.bool {
      self = .bool(value)
    } else if let number = node.integer {
      self = .integer(number)
    } else if let number = node.number {
      self = .number(number)
    } else if node.isArray {
      let texts = node.elements.compactMap(\.string)
      guard texts.count == node.elements.count else { return nil }
      self = .strings(texts)
    } else {
      return nil
    }
  }
}
