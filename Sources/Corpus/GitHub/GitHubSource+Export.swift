import Documents
import Formats
import Ground

extension GitHubSource {
  /// Reads BigQuery's export: one JSON object a line, with whole numbers written as strings.
  ///
  /// Columns are those of `contents` joined with `files` and `licenses`, or of `sample_contents`,
  /// which puts `sample_` before the place of a file.
  func readExport(
    _ unit: Unit, _ rules: FileRules, to accept: (Record) throws -> Void
  ) throws {
    let reader = try unit.open()
    let parser = JSONParser()
    var line: [UInt8] = []
    while try !reader.isAtEnd() {
      let start = reader.offset
      let location = reader.location
      guard let piece = try reader.readLine(into: &line) else { return }
      if piece == .tooLong {
        try accept(.bad(reader.fault(.tooLong(limit: line.count), at: start)))
        continue
      }
      if line.allSatisfy({ $0 <= 0x20 }) { continue }
      let origin = unit.origin(location, length: line.count)
      try accept(record(line, parser, rules, origin, reader.path))
    }
  }

  private func record(
    _ line: [UInt8], _ parser: JSONParser, _ rules: FileRules, _ origin: Origin, _ path: String
  ) -> Record {
    let node: JSONNode
    do throws(JSONError) {
      node = try parser.parse(line)
    } catch {
      return .bad(Fault(path, at: origin.offset, .malformed("not JSON: \(error)")))
    }
    guard node.isObject else {
      return .bad(Fault(path, at: origin.offset, .malformed("the line is no JSON object")))
    }
    let file = SourceFile(node)
    let document = Document(
      source: Self.name, text: [], metadata: file.metadata, origin: origin)
    if let reason = rules.reason(against: file) { return .dropped(document, reason: reason) }
    if node["binary"]?.bool == true { return .dropped(document, reason: "binary") }
    guard let content = node["content"]?.bytes else {
      return .dropped(document, reason: "no_content")
    }
    return rules.record(file, content, origin: origin)
  }
}

extension SourceFile {
  fileprivate init(_ node: JSONNode) {
    func text(_ names: String...) -> String? {
      names.lazy.compactMap { node[$0]?.string }.first
    }
    self.init(
      repository: text("repo_name", "sample_repo_name") ?? "",
      path: text("path", "sample_path") ?? "", ref: text("ref", "sample_ref"),
      licence: text("license") ?? "", size: node["size"]?.integer, blob: text("id"))
  }
}
