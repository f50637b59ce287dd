import Documents
import Ground
import Manifest
import Pipeline

/// A source of one line a record: `drop …` is dropped, `bad …` is bad, `cut` ends the file with a
/// fault; all else is a document.
struct ToySource: DocumentSource {
  static let name = "toy"
  static let version = 1

  func recognises(_ path: String) -> Bool { path.hasSuffix(".toy") }

  func read(_ unit: Unit, to accept: (Record) throws -> Void) throws {
    let reader = try unit.open()
    var line: [UInt8] = []
    while try !reader.isAtEnd() {
      let location = reader.location
      _ = try reader.readLine(into: &line)
      let text = String(decoding: line, as: UTF8.self)
      var document = Document(
        source: Self.name, text: line, origin: unit.origin(location, length: line.count))
      document.metadata["url"] = .string("toy://\(text.prefix(12))")
      if text.hasPrefix("drop") {
        try accept(.dropped(document, reason: "asked"))
      } else if text.hasPrefix("bad") {
        try accept(.bad(Fault(unit.input.path, at: location.offset, .malformed("asked"))))
      } else if text == "cut" {
        throw Fault(unit.input.path, at: location.offset, .malformed("the file is cut"))
      } else {
        try accept(.document(document))
      }
    }
  }
}

/// A rule that drops texts with more bytes than its bound.
struct LengthMeasure: Measure {
  static let signals = ["toy.bytes"]

  func measure(_ document: borrowing Document, into signals: inout Signals) {
    signals["toy.bytes"] = Double(document.text.count)
  }
}

/// A manifest and plans for toy inputs in a folder.
func toyBuild(
  inputs: String, work: String, jobs: Int = 1, epochs: String = "1.5", validation: String = "0.1",
  shards: Int = 2000
) throws -> Build {
  let yaml = """
    name: toy
    added: 2023-02-27
    sources:
      toy:
        inputs: ["*.toy"]
        epochs: \(epochs)
        rules: { toy.bytes: { max: 400 } }
        duplicates: { exact: true, lines: {} }
    tokenizer: { vocabulary-size: 320, sample: 1MB }
    shards: { tokens: \(shards), validation: \(validation) }
    """
  let manifest = try CorpusManifest(
    yaml: yaml, file: "toy.yaml",
    vocabulary: Vocabulary(sources: [.init("toy")], rewrites: [], signals: ["toy.bytes"]))
  let plans = manifest.sources.map { recipe in
    SourcePlan(
      recipe: recipe, source: ToySource(),
      judge: Judge(
        measures: [LengthMeasure()],
        rules: recipe.rules.map { Rule(signal: $0.signal, keeps: $0.keeps) }))
  }
  return Build(
    manifest: manifest, plans: plans, work: WorkFolder(work), inputs: inputs, jobs: jobs,
    memory: 1 << 20, quiet: true)
}
