public import Documents
internal import Formats
internal import Ground

/// The public C4, `allenai/c4`: a line of JSON for each page, cleaned already.
///
/// Every line is an object with the strings `text`, `timestamp` and `url`. Other members are passed
/// over; empty lines are no records.
public struct C4Source: DocumentSource {
  public static let name = "c4"
  public static let version = 1

  /// What a manifest may set.
  public struct Settings: Hashable, Sendable {
    /// The language that documents are marked with; empty for no mark.
    ///
    /// It is `en` for all variants but `multilingual`, whose files say theirs in their names.
    public var language = "en"
    /// The longest line that is read, in bytes; longer ones are bad records.
    ///
    /// C4 itself drops pages above 190,000 characters (`c4_utils.py`), so real lines are far below.
    public var recordLimit = 1 << 26

    public init() {}
  }

  public var settings: Settings

  public init(settings: Settings = Settings()) { self.settings = settings }

  public func recognises(_ path: String) -> Bool {
    [".json", ".jsonl"].contains { end in
      ["", ".gz", ".zst"].contains { path.hasSuffix(end + $0) }
    }
  }

  public func read(_ unit: Unit, to accept: (Record) throws -> Void) throws {
    let reader = try unit.open()
    let parser = JSONParser()
    var line: [UInt8] = []
    var number = 0
    while try !reader.isAtEnd() {
      number += 1
      let location = reader.location
      guard let piece = try reader.readLine(into: &line) else { break }
      func bad(_ cause: Fault.Cause) -> Record {
        .bad(Fault(unit.input.path, at: location.offset, cause))
      }
      if piece == .tooLong || line.count > settings.recordLimit {
        let message = "line \(number) is longer than the limit of \(settings.recordLimit) bytes"
        try accept(bad(.malformed(message)))
      } else if !line.allSatisfy({ $0 <= 0x20 }) {
        let origin = unit.origin(location, length: line.count)
        switch document(line, parser, origin) {
        case .success(let document): try accept(.document(document))
        case .failure(let error): try accept(bad(.malformed("line \(number): \(error)")))
        }
      }
    }
  }

  private func document(
    _ line: [UInt8], _ parser: JSONParser, _ origin: Origin
  ) -> Result<Document, JSONError> {
    let node: JSONNode
    do throws(JSONError) {
      node = try parser.parse(line)
    } catch {
      return .failure(JSONError("not JSON: \(error)"))
    }
    var text: [UInt8]?
    var strings: (timestamp: String?, url: String?)
    node.forEachMember { name, value in
      switch name {
      case "text": text = text ?? value.bytes
      case "timestamp": strings.timestamp = strings.timestamp ?? value.string
      case "url": strings.url = strings.url ?? value.string
      default: break
      }
    }
    guard let text else { return .failure(JSONError("there is no string \"text\"")) }
    guard let timestamp = strings.timestamp else {
      return .failure(JSONError("there is no string \"timestamp\""))
    }
    guard let url = strings.url else { return .failure(JSONError("there is no string \"url\"")) }
    var document = Document(source: Self.name, text: text, created: timestamp, origin: origin)
    document.metadata["url"] = .string(url)
    document.metadata["timestamp"] = .string(timestamp)
    if !settings.language.isEmpty { document.metadata["language"] = .string(settings.language) }
    return .success(document)
  }
}
