import ArgumentParser
import Documents
import Formats
import Ground
import Ledger
import Pipeline

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say where a document or a token came from, what judged it, and where it went.",
    discussion: """
        quipu explain work --url https://en.wikipedia.org/wiki/Quipu
        quipu explain work --token train/00000:123456 --inputs inputs

      With --inputs the raw record is fetched again from its file and printed.
      """)

  @Argument(help: "The work directory of a build.")
  var work: String

  @Option(help: "A document's URL.")
  var url: String?

  @Option(help: "A document's id: 32 hexadecimal digits.")
  var id: String?

  @Option(help: "A token of a shard: SHARD:INDEX, such as train/00000:42.")
  var token: String?

  @Option(help: "The folder of inputs, to fetch the raw record from.")
  var inputs: String?

  @OptionGroup var result: ResultOptions

  func validate() throws {
    guard [url, id, token].count(where: { $0 != nil }) == 1 else {
      throw ValidationError("Say one of --url, --id and --token.")
    }
    if let id, Hash128(id) == nil {
      throw ValidationError("--id \(id) is not 32 hexadecimal digits.")
    }
    if token != nil && place == nil {
      throw ValidationError("--token must be SHARD:INDEX, such as train/00000:42.")
    }
  }

  private var place: (shard: String, index: Int)? {
    guard let token, let colon = token.lastIndex(of: ":"),
      let index = Int(token[token.index(after: colon)...]), index >= 0
    else { return nil }
    return (String(token[..<colon]), index)
  }

  func run() throws {
    let explainer = try Explainer(WorkFolder(work))
    var found: [Explanation] = []
    var range: TokenRange?
    if let url { found = try explainer.explain(url: url) }
    if let id = id.flatMap({ Hash128($0) }) {
      found = try [explainer.explain(id: id)].compactMap { $0 }
    }
    if let place, let answer = try explainer.explain(token: place.index, ofShard: place.shard) {
      found = [answer.explanation]
      range = answer.range
    }
    guard !found.isEmpty else {
      throw Fault(work, at: 0, .unusable("no document of this corpus's inputs matches"))
    }
    var output = StandardOutput()
    for explanation in found {
      let raw = try inputs.map { try rawRecord(explanation.origin, in: $0) }
      try output.write(
        result.json
          ? explanation.json(raw: raw) : Array(explanation.text(token: place, range, raw).utf8))
    }
    try output.flush()
  }

  private func rawRecord(_ origin: Origin, in inputs: String) throws -> [UInt8] {
    try origin.rawRecord(in: origin.path.hasPrefix("/") ? origin.path : "\(inputs)/\(origin.path)")
  }
}

extension Explanation {
  func text(
    token: (shard: String, index: Int)?, _ range: TokenRange?, _ raw: [UInt8]?
  ) -> String {
    var table = Table("", "")
    if let token, let range {
      table.add("token", "\(token.index) of \(token.shard)")
      table.add(
        "in document", "token \(token.index - range.start) of \(range.count), epoch \(range.epoch)")
    }
    table.add("id", record.id.description)
    table.add("source", source)
    if let title = record.title { table.add("title", title) }
    if let url = record.url { table.add("url", url) }
    table.add("verdict", verdict)
    if let twin = duplicateOf {
      table.add("survivor", "\(twin.id), similarity \(fixed(twin.similarity, 3))")
    }
    table.add("input", record.path)
    table.add(
      "record",
      "from byte \(record.offset)"
        + (record.skip > 0 ? ", then \(record.skip) decoded bytes on" : "")
        + ", \(record.length) bytes long" + (record.member.map { ", member \($0)" } ?? ""))
    table.add("unit", unit)
    for place in places {
      table.add(
        "tokens",
        "\(place.shard): \(place.range.start) to \(place.range.start + place.range.count - 1), epoch \(place.range.epoch)"
      )
    }
    for (name, value) in signals { table.add(name, value) }
    var text = String(table.text.drop { $0 == "\n" || $0 == " " })
    if let raw {
      text +=
        "\n--- raw record, \(raw.count) bytes ---\n" + String(decoding: raw, as: UTF8.self) + "\n"
    }
    return text
  }

  /// The measured signals with four decimals, in the order they were measured.
  private var signals: [(String, String)] {
    let parser = JSONParser()
    guard let node = try? parser.parse(Array(record.signals.utf8)) else { return [] }
    var signals: [(String, String)] = []
    node.forEachMember { name, value in
      let number = value.number ?? 0
      signals.append((name, fixed(number, number == number.rounded() ? 0 : 4)))
    }
    return signals
  }

  func json(raw: [UInt8]?) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.key("id")
      json.string(record.id.description)
      for (name, text) in [
        ("source", source), ("title", record.title), ("url", record.url), ("verdict", verdict),
        ("unit", unit), ("duplicateOf", duplicateOf?.id.description),
      ] {
        guard let text else { continue }
        json.key(name)
        json.string(text)
      }
      if let similarity = duplicateOf?.similarity {
        json.key("similarity")
        json.number(similarity)
      }
      json.key("origin")
      json.origin(origin)
      json.key("places")
      json.array { json in
        for place in places {
          json.object { json in
            json.key("shard")
            json.string(place.shard)
            json.key("start")
            json.integer(place.range.start)
            json.key("count")
            json.integer(place.range.count)
            json.key("epoch")
            json.integer(place.range.epoch)
          }
        }
      }
      json.key("signals")
      json.value(record.signals)
      if let raw {
        json.key("raw")
        json.string(Array(String(decoding: raw, as: UTF8.self).utf8))
      }
    }
    return json.bytes + [0x0a]
  }
}
