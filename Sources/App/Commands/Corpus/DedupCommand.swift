import ArgumentParser
import Dedup
import Documents
import Formats
import Ground
import Pipeline

struct DedupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dedup",
    abstract: "Find duplicates among documents: equal, near, contained, or line by line.",
    discussion: """
      Which of two survives depends on their ids alone, never on the order of files. Writes \
      DIR/documents.jsonl.zst with the survivors, and DIR/duplicates.jsonl.

        quipu dedup minhash documents.jsonl.zst --output deduplicated
      """)

  enum Method: String, CaseIterable, ExpressibleByArgument {
    case exact, lines, minhash, containment
  }

  @Argument(help: "exact, lines, minhash or containment.")
  var method: Method

  @Argument(help: "Files of JSON Lines.")
  var files: [String]

  @Option(help: "The folder to write.")
  var output: String

  @Option(help: "Memory before sorting goes to the disk.")
  var memory = ByteCount(1_000_000_000)

  @Option(help: "Words in a shingle. [minhash: 5, containment: 13]")
  var ngram: Int?

  @Option(help: "MinHash: bands.")
  var bands = 14

  @Option(help: "MinHash: hashes in a band.")
  var rows = 8

  @Option(help: "The least similarity. [minhash: none, containment: 0.9]")
  var threshold: Double?

  @Flag(help: "Print nothing on standard error but errors.")
  var quiet = false

  func validate() throws {
    guard bands > 0, rows > 0, ngram ?? 1 > 0 else {
      throw ValidationError("--bands, --rows and --ngram must be at least 1.")
    }
  }

  func run() throws {
    try makeFolder(output)
    try sweepLeftovers(under: output)
    let fingerprints = "\(output)/fingerprints"
    let verdicts = "\(output)/verdicts"
    defer {
      for file in [fingerprints, verdicts] { try? removeFile(file) }
    }
    try writeFingerprints(to: fingerprints)
    let space = SortSpace(folder: output, memory: memory.bytes)
    switch method {
    case .exact: try resolveExact([fingerprints], to: verdicts, in: space)
    case .lines: try resolveLines([fingerprints], to: verdicts, in: space)
    case .minhash:
      try resolveNear([fingerprints], minhash, minimum: threshold, to: verdicts, in: space)
    case .containment: try resolveContained([fingerprints], containment, to: verdicts, in: space)
    }
    let tally = try writeSurvivors(verdicts)
    if !quiet { tellUser(tally.table) }
  }

  private var minhash: MinHash {
    var settings = MinHash()
    settings.shingle = ngram ?? settings.shingle
    settings.bands = bands
    settings.rows = rows
    return settings
  }

  private var containment: Containment {
    var settings = Containment()
    settings.shingle = ngram ?? settings.shingle
    settings.threshold = threshold ?? settings.threshold
    return settings
  }

  private func forEachDocument(_ body: (Document) throws -> Void, bad: (Fault) -> Void) throws {
    for path in files {
      let reader = DocumentLineReader(try openDecoded(path), name: path)
      while let line = try reader.next() {
        switch line {
        case .success(let document): try body(document)
        case .failure(let fault): bad(fault)
        }
      }
    }
  }

  private func writeFingerprints(to path: String) throws {
    switch method {
    case .exact:
      var writer = try ExactWriter(path: path)
      try forEachDocument {
        try writer.add($0.id, text: $0.text)
      } bad: { _ in
      }
      try writer.commit()
    case .lines:
      var writer = try LineKeyWriter(path: path)
      var keys = LineKeys()
      try forEachDocument {
        try writer.add(keys.keys(of: $0.text))
      } bad: { _ in
      }
      try writer.commit()
    case .minhash:
      var writer = try SignatureWriter(path: path, minhash)
      var signer = MinHashSigner(minhash)
      try forEachDocument { document in
        if let signature = signer.signature(of: document.text) {
          try writer.add(document.id, signature)
        }
      } bad: { _ in
      }
      try writer.commit()
    case .containment:
      var writer = try ShingleWriter(path: path, containment)
      try forEachDocument {
        try writer.add($0.id, text: $0.text)
      } bad: { _ in
      }
      try writer.commit()
    }
  }

  private func writeSurvivors(_ verdicts: String) throws -> Tally {
    let duplicates = method == .lines ? nil : try DuplicateFile(path: verdicts)
    let shared = method == .lines ? try DuplicatedLines(path: verdicts) : nil
    var survivors = try ZstdFile(path: "\(output)/documents.jsonl.zst")
    var list = try AtomicFile(path: "\(output)/duplicates.jsonl")
    var lines = DocumentLineWriter(added: "1970-01-01")
    var keys = LineKeys()
    var tally = Tally()
    try forEachDocument { document in
      var document = document
      if let duplicate = duplicates?[document.id] {
        tally.drop("duplicate")
        try list.write(duplicate.line)
        return
      }
      if let shared {
        document.text =
          shared.removeLines(from: document.text, keys: keys.keys(of: document.text)).text
        if document.text.isEmpty { return tally.drop("duplicate.lines") }
      }
      tally.keep(bytes: document.text.count)
      try survivors.write(lines.line(for: document))
    } bad: {
      tellUser("\($0)\n")
      tally.fail($0)
    }
    try survivors.commit()
    try list.commit()
    return tally
  }
}

extension Duplicate {
  /// `{"id":…,"duplicateOf":…,"similarity":…}` and a line's end.
  fileprivate var line: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.key("id")
      json.string(id.description)
      json.key("duplicateOf")
      json.string(duplicateOf.description)
      json.key("similarity")
      json.number(similarity)
    }
    return json.bytes + [0x0a]
  }
}
