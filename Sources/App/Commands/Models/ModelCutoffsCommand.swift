import ArgumentParser
import Formats
import Ground
import TextModels

struct ModelCutoffsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cutoffs",
    abstract: "Make CCNet's table of percentiles from the perplexities of a run.",
    discussion: """
      Reads what `quipu model score --json` wrote, of any number of parts in any order, and writes a \
      table like CCNet's cutoff.csv: a column a language, a row a percentile.

        quipu model cutoffs en=scores-en.jsonl de=scores-de.jsonl --output cutoff.csv
      """)

  @Argument(help: "LANGUAGE=FILE, as often as needed.")
  var files: [String]

  @Option(help: "The table to write. Standard output by default.")
  var output: String?

  func validate() throws {
    guard files.allSatisfy({ $0.contains("=") && !$0.hasPrefix("=") }) else {
      throw ValidationError("Every file must be given as LANGUAGE=FILE.")
    }
  }

  func run() throws {
    var sketches: [String: PerplexitySketch] = [:]
    let parser = JSONParser()
    var line: [UInt8] = []
    for wish in files {
      let parts = wish.split(separator: "=", maxSplits: 1).map(String.init)
      let path = parts.count > 1 ? parts[1] : ""
      let reader = try openDecoded(path)
      var sketch = PerplexitySketch()
      var start = reader.offset
      while try reader.readLine(into: &line) != nil {
        guard let node = try? parser.parse(line) else {
          throw reader.fault(.malformed("the line is not JSON"), at: start)
        }
        if let perplexity = node["perplexity"]?.number { sketch.add(perplexity) }
        start = reader.offset
      }
      sketches[parts[0], default: PerplexitySketch()].merge(sketch)
    }
    let table = CutoffTable.table(
      of: sketches.sorted { $0.key < $1.key }.map { (language: $0.key, sketch: $0.value) })
    var output = try LineOutput(output)
    try output.write(table)
    try output.commit()
  }
}
