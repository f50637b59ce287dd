import ArgumentParser
import Documents
import Ground
import Manifest
import Pipeline

struct IngestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Turn one source's raw files into documents, as JSON Lines.",
    discussion: """
      Extracts the text and applies the source's own recipe; language models, filters and \
      duplicates belong to `build`. An input is a file, or a folder that is searched for the \
      source's files.

        quipu ingest wikipedia dewiki-pages-articles.xml.bz2 --output de.jsonl.zst
        quipu ingest stack-exchange math.stackexchange.com.7z | head -1

      Sources:
      \(sourceCatalogue.keys.sorted().map { "  \($0): \(sourceCatalogue[$0]?.summary ?? "")" }
        .joined(separator: "\n"))
      """)

  @Argument(help: "One of the sources below.")
  var source: String

  @Argument(help: "Raw files or folders.")
  var inputs: [String]

  @Option(
    help: "Languages to keep, with commas, such as en,de; as the source knows them.")
  var language: [String] = []

  @Option(help: "A source's own setting, as in a manifest: key=value.")
  var set: [String] = []

  @Option(help: "Where the documents go; .zst is compressed. Standard output by default.")
  var output: String?

  @Option(help: "Where dropped records go, with their reasons.")
  var rejects: String?

  @Option(help: "The day that is written into each document.")
  var added = "1970-01-01"

  @Flag(help: "Fail where a record is bad.")
  var strict = false

  @OptionGroup var options: RunOptions

  func validate() throws {
    guard sourceCatalogue[source] != nil else {
      let names = sourceCatalogue.keys.sorted()
      throw ValidationError(
        "There is no source '\(source)'; there are \(names.joined(separator: ", ")).")
    }
    _ = try settings()
  }

  private func settings() throws -> SourceSettings {
    guard let entry = sourceCatalogue[source] else { return SourceSettings([:]) }
    var values: [String: SourceSettings.Value] = [:]
    for pair in set {
      guard let equals = pair.firstIndex(of: "="), entry.settings.contains(String(pair[..<equals]))
      else {
        throw ValidationError(
          "--set \(pair): \(source) knows \(entry.settings.map { "\($0)=…" }.joined(separator: ", "))."
        )
      }
      values[String(pair[..<equals])] = .init(argument: pair[pair.index(after: equals)...])
    }
    if !language.isEmpty {
      guard let key = entry.languages else {
        throw ValidationError("\(source) does not know the languages of its records.")
      }
      let codes = language.flatMap { $0.split(separator: ",") }.map {
        SourceSettings.Value.text(String($0))
      }
      values[key] = codes.count == 1 ? codes[0] : .list(codes)
    }
    return SourceSettings(values)
  }

  func run() throws {
    guard let entry = sourceCatalogue[source] else { return }
    try Charset.check()
    let reader = try entry.make(settings())
    var units: [Unit] = []
    for input in inputs {
      for found in try findInputs(input, under: "", for: reader) {
        units += try reader.units(of: found)
      }
    }
    var kept = try LineOutput(output)
    var dropped = try rejects.map { try LineOutput($0) }
    var failures: [Fault] = []
    let meter = Meter()
    let tally = try withProgress(quiet: options.quiet, line: { meter.line }) {
      try ingest(
        units, from: reader, added: added, jobs: options.jobs, needsRejects: rejects != nil,
        meter: meter
      ) { documents, rejects in
        try kept.write(documents)
        try dropped?.write(rejects)
      } failed: { fault in
        tellUser("error: \(fault)\n")
        if let remedy = fault.remedy { tellUser("  \(remedy)\n") }
        failures.append(fault)
      }
    }
    try kept.commit()
    try dropped.take()?.commit()
    options.say(tally.table)
    if !failures.isEmpty { throw ExitCode(1) }
    if strict && tally.errors > 0 { throw ExitCode(1) }
  }
}

extension SourceSettings.Value {
  /// A value as it is typed: a number, true, false, a list with commas, or a text.
  fileprivate init(argument: Substring) {
    let parts = argument.split(separator: ",")
    if parts.count > 1 {
      self = .list(parts.map { Self(argument: $0) })
    } else if let number = Double(argument) {
      self = .number(number)
    } else if let flag = Bool(String(argument)) {
      self = .flag(flag)
    } else {
      self = .text(String(argument))
    }
  }
}

extension Tally {
  /// The table that ends an `ingest`.
  var table: String {
    var table = Table("", "records", "")
    table.add("read", grouped(records), "")
    table.add("kept", grouped(kept), inBytes(bytes))
    for (reason, count) in reasons { table.add("dropped", grouped(count), reason) }
    table.add("errors", grouped(errors), "")
    return table.text
  }
}
