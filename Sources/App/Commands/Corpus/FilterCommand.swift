import ArgumentParser
import Documents
import Filters
import Ground
import Pipeline

struct FilterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "filter",
    abstract: "Judge documents by published rules: keep or drop, and say why.",
    discussion: """
        quipu filter gopher,c4 documents.jsonl.zst --output kept.jsonl.zst --rejects dropped.jsonl
        quipu filter --list
      """)

  @Flag(help: "List the filters, and the rewrites and signals they stand on.")
  var list = false

  @Argument(help: "Filters, with commas; then files of JSON Lines.")
  var arguments: [String] = []

  @Option(help: "Where kept documents go. Standard output by default.")
  var output: String?

  @Option(help: "Where dropped documents go, with their reasons.")
  var rejects: String?

  @Option(help: "A list of words, one a line, that no document may have (C4's rule).")
  var badWords: String?

  @Flag(help: "Print nothing on standard error but errors.")
  var quiet = false

  func validate() throws {
    if list { return }
    guard arguments.count >= 2 else {
      throw ValidationError("Name one filter and one file at least; --list shows the filters.")
    }
    for name in names where presetRules(name) == nil {
      throw ValidationError(
        "There is no filter '\(name)'; there are \(presets.map(\.name).joined(separator: ", ")).")
    }
  }

  private var names: [String] { arguments[0].split(separator: ",").map(String.init) }

  func run() throws {
    if list { return try printList() }
    let judge = try self.judge()
    var tally = Tally()
    var kept = try LineOutput(output)
    var dropped = try rejects.map { try LineOutput($0) }
    var lines = DocumentLineWriter(added: "1970-01-01")
    var signals = Signals()
    for path in arguments.dropFirst() {
      let reader = DocumentLineReader(try openDecoded(path), name: path)
      while let line = try reader.next() {
        switch line {
        case .failure(let fault):
          tellUser("\(fault)\n")
          tally.fail(fault)
        case .success(var document):
          if let rule = judge.judge(&document, noting: &signals) {
            tally.drop(rule.reason)
            try dropped?.write(lines.line(for: document, reason: rule.reason))
          } else {
            tally.keep(bytes: document.text.count)
            try kept.write(lines.line(for: document))
          }
        }
      }
    }
    try kept.commit()
    try dropped.take()?.commit()
    if !quiet { tellUser(tally.table) }
  }

  private func judge() throws -> Judge {
    let rules = names.flatMap { presetRules($0) ?? [] }
    let words = try badWords.map { try BadWords(path: $0) }
    let signals = Set(rules.map(\.signal))
    return Judge(
      rewrites:
        filterCatalogue
        .filter { $0.kind == .rewrite && !signals.isDisjoint(with: $0.signals) }
        .compactMap { rewrite(named: $0.name, badWords: words) },
      measures: measures(for: rules.map(\.signal)), rules: rules)
  }

  private func printList() throws {
    var output = StandardOutput()
    for preset in presets {
      try output.write("\(preset.name): \(preset.source)\n")
      for rule in preset.rules {
        let (low, high) = (rule.keeps.lowerBound, rule.keeps.upperBound)
        let bounds = high.isFinite ? "\(low) to \(high)" : "\(low) or more"
        try output.write("  \(rule.signal): \(bounds)\n")
      }
    }
    try output.write("\n")
    for entry in filterCatalogue {
      try output.write(
        "\(entry.name) (\(entry.kind.rawValue)): \(entry.summary)\n"
          + "  \(entry.signals.joined(separator: ", "))\n")
    }
    try output.flush()
  }
}
