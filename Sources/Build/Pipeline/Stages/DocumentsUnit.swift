import Documents
import Formats
import Ground
import Ledger
import Manifest

/// Raw records of one unit → documents, signals and fingerprints: the first time that text crosses
/// the disk.
struct DocumentsUnit: UnitOfWork {
  let stage = "documents"
  let key: String
  let plan: SourcePlan
  let unit: Unit
  /// The manifest's day, as it is written into each document.
  let added: String

  var source: String { plan.name }
  var input: String { unit.input.name }

  init(_ unit: Unit, digest: String, of plan: SourcePlan, added: String) throws(Fault) {
    self.unit = unit
    self.plan = plan
    self.added = added
    var key = Key(stage: stage, version: 1)
    key.add(plan.recipe.canonical)
    key.add("\(type(of: plan.source).version)")
    key.add(plan.recipe.duplicates.canonical)
    for material in plan.materials { key.add(try xxh3Wide(file: material).description) }
    key.add(added)
    key.add(unit.input.name)
    key.add(digest)
    key.add(unit.range.map { "\($0)" } ?? "whole")
    self.key = key.text
  }

  func run(in work: WorkFolder) throws -> Commit {
    let (documentsPath, provenancePath) = (
      WorkFolder.documents(source, key), WorkFolder.provenance(source, key)
    )
    var lines = DocumentLineWriter(added: added)
    var documents = try ZstdFile(path: work.prepared(documentsPath))
    var provenance = try ProvenanceWriter(path: work.prepared(provenancePath))
    let fingerprints = try FingerprintWriter(
      plan.recipe.duplicates, source: source, key: key, in: work)
    var line = 0
    let tally = try plan.source.read(unit, judge: plan.judge) { fate in
      switch fate {
      case .kept(let document, let signals):
        try documents.write(lines.line(for: document))
        try provenance.add(ProvenanceRow(document, signals, verdict: "kept", line: line))
        try fingerprints.add(document)
        line += 1
      case .dropped(let document, let signals, let reason):
        try provenance.add(ProvenanceRow(document, signals, verdict: reason))
      case .bad: break
      }
    }
    try documents.commit()
    try provenance.commit()
    var commit = begunCommit
    commit.counts = tally.counts
    commit.faults = tally.faults
    for artifact in [documentsPath, provenancePath] + (try fingerprints.commit()) {
      try commit.add(artifact: artifact, in: work)
    }
    return commit
  }
}

extension ProvenanceRow {
  init(_ document: Document, _ signals: Signals, verdict: String, line: Int? = nil) {
    let origin = document.origin
    self.init(
      id: document.id, path: origin.path, offset: Int(clamping: origin.offset),
      skip: Int(clamping: origin.skip), length: Int(clamping: origin.length),
      member: origin.member, url: document.metadata.string("url"),
      title: document.metadata.string("title"), verdict: verdict, line: line,
      signals: signals.json)
  }

  /// Where the raw record lies.
  var origin: Origin {
    Origin(
      path: path,
      location: Location(offset: UInt64(clamping: offset), skip: UInt64(clamping: skip)),
      length: UInt64(clamping: length), member: member)
  }
}

extension Signals {
  /// The signals as a JSON object, in the order they were measured.
  var json: String {
    var json = JSONWriter()
    json.object { json in
      for (name, value) in entries {
        json.key(name)
        json.number(value)
      }
    }
    return String(decoding: json.bytes, as: UTF8.self)
  }
}
