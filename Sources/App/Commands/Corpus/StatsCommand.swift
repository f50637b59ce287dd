import ArgumentParser
import Formats
import Ground
import Ledger
import Pipeline

struct StatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Show a corpus or a training run in numbers.",
    discussion: """
      Of a corpus: what was read, kept, dropped and why, and the mix. Of a run: losses, speed, what
      was skipped, and the curve.

        quipu stats work
        quipu stats work --json
        quipu stats run --html run.html
      """)

  @Argument(help: "The work directory of a build, or the folder of a training run.")
  var work: String

  @Option(help: "Of a run: write its curves to this file, as a page.")
  var html: String?

  @Flag(help: "Of a run: draw the steps by their logarithm.")
  var logSteps = false

  @OptionGroup var result: ResultOptions

  func run() throws {
    if RunStats.isRun(work) { return try printRun() }
    guard html == nil && !logSteps else {
      throw ValidationError("\(work) has no training run; --html and --log-steps need one.")
    }
    let statistics = try CorpusStatistics(WorkFolder(work))
    var output = StandardOutput()
    try output.write(result.json ? statistics.json : Array(statistics.text.utf8))
    try output.flush()
  }

  private func printRun() throws {
    let run = try RunStats(folder: work)
    if let html { try writeAtomically(Array(run.page(logSteps: logSteps).utf8), to: html) }
    var output = StandardOutput()
    try output.write(result.json ? run.json : Array(run.text(logSteps: logSteps).utf8))
    try output.flush()
  }
}

extension CorpusStatistics {
  /// Three tables: the records, the mix, and why records were dropped.
  var text: String {
    var read = Table(
      "source", "records", "kept", "dropped", "errors", "duplicates", "documents", "text")
    var mix = Table(
      "source", "tokens", "bytes/token", "epochs", "training", "validation", "share %", "wanted %")
    var reasons = Table("source", "dropped", "reason")
    for row in rows {
      let duplicates = row.dropped.reduce(0) {
        $0 + ($1.reason.hasPrefix("duplicate.") ? $1.count : 0)
      }
      let dropped = row.dropped.reduce(0) { $0 + $1.count } - duplicates
      read.add(
        row.source, grouped(row.records), grouped(row.kept), grouped(dropped), grouped(row.errors),
        grouped(duplicates), grouped(row.documents), inBytes(row.bytes))
      mix.add(
        row.source, grouped(row.tokens), fixed(Double(row.bytes) / Double(row.tokens), 2),
        fixed(row.epochs, 2), grouped(row.trainTokens), grouped(row.validationTokens),
        fixed(row.share, 1), row.wantedShare.map { fixed($0, 1) } ?? "-")
      for (reason, count) in row.dropped { reasons.add(row.source, grouped(count), reason) }
    }
    let tokens = shards.reduce(0) { $0 + $1.total("tokens") }
    var text = read.text + "\n" + mix.text + "\n" + reasons.text
    text += "\n\(shards.count) shards, \(grouped(tokens)) tokens\n"
    for failure in failures { text += "failed: \(failure.source): \(failure.fault)\n" }
    for (source, fault) in faults.prefix(10) { text += "bad record: \(source): \(fault)\n" }
    if faults.count > 10 { text += "and \(faults.count - 10) bad records more; see --json\n" }
    return text
  }

  var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.key("sources")
      json.object { json in
        for row in rows {
          json.key(row.source)
          json.row(row)
        }
      }
      json.key("shards")
      json.integer(shards.count)
      json.key("tokens")
      json.integer(shards.reduce(0) { $0 + $1.total("tokens") })
      json.key("failures")
      json.array { json in for failure in failures { json.string(failure.fault) } }
      json.key("badRecords")
      json.array { json in for (_, fault) in faults { json.string(fault) } }
    }
    return json.bytes + [0x0a]
  }
}

extension JSONWriter {
  fileprivate mutating func row(_ row: CorpusStatistics.Row) {
    object { json in
      let numbers = [
        ("records", row.records), ("kept", row.kept), ("errors", row.errors),
        ("documents", row.documents), ("bytes", row.bytes), ("tokens", row.tokens),
        ("trainTokens", row.trainTokens), ("validationTokens", row.validationTokens),
      ]
      for (name, number) in numbers {
        json.key(name)
        json.integer(number)
      }
      json.key("epochs")
      json.number(row.epochs)
      json.key("share")
      json.number(row.share)
      json.key("dropped")
      json.object { json in
        for (reason, count) in row.dropped {
          json.key(reason)
          json.integer(count)
        }
      }
    }
  }
}
