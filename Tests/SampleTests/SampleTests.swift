import Formats
import Ground
import Sample
import TestSupport
import Testing

@Suite struct SampleTests {
  let sample: SampleFixture

  init() throws { sample = try SampleFixture.shared.get() }

  static let sources = [
    "common-crawl", "c4", "github", "wikipedia", "books", "arxiv", "stack-exchange",
  ]

  @Test func oneSeedGivesOneSample() throws {
    let again = try SampleFixture(seed: 1)
    let names = try files(under: sample.folder.path)
    #expect(try files(under: again.folder.path) == names)
    for name in names {
      #expect(try sha256(file: sample.path(name)) == sha256(file: again.path(name)), "\(name)")
    }
  }

  @Test func anotherSeedGivesOtherBytesInEveryFile() throws {
    let other = try SampleFixture(seed: 2)
    let names = Set(other.summary.files.map(\.path))
    for file in sample.summary.files where names.contains(file.path) {
      #expect(try sha256(file: sample.path(file.path)) != sha256(file: other.path(file.path)))
    }
  }

  @Test func everyRawRecordHasALabel() throws {
    let labels = Dictionary(grouping: sample.summary.labels, by: \.input).mapValues(\.count)
    var counted: [String: Int] = [:]
    for file in sample.summary.files {
      let count = try sample.records(in: file.path)
      if count > 0 { counted[file.path] = count }
    }
    #expect(counted == labels)
  }

  @Test func labelsAreJSONLines() throws {
    let lines = try sample.decoded("labels.jsonl").split(separator: 0x0a).map(Array.init)
    #expect(lines.count == sample.summary.labels.count)
    let parser = JSONParser()
    for (line, label) in zip(lines, sample.summary.labels) {
      let node = try parser.parse(line)
      #expect(node["input"]?.string == label.input && node["record"]?.string == label.record)
      #expect(node["source"]?.string == label.source)
      #expect(node["expect"]?.string == label.expect.rawValue)
      #expect(node["reason"]?.string == label.reason && node["twin"]?.string == label.twin)
    }
  }

  @Test func labelsNameEachRecordOnce() {
    let names = sample.summary.labels.map { "\($0.input)\n\($0.record)" }
    #expect(Set(names).count == names.count)
  }

  @Test(arguments: sources)
  func everySourceHasTwentyRecordsAndMostAreGood(source: String) {
    let labels = sample.summary.labels.filter { $0.source == source }
    #expect(labels.count >= 20)
    #expect(labels.count { $0.expect == .keep } * 2 >= labels.count)
  }

  @Test(arguments: [
    (
      "common-crawl",
      [
        "duplicate", "duplicate lines", "language", "near-duplicate", "repetition", "short",
        "symbols", "type",
      ]
    ),
    (
      "c4",
      [
        "curly bracket", "duplicate", "language", "lorem ipsum", "near-duplicate", "no text",
        "not JSON", "not UTF-8", "short", "symbols",
      ]
    ),
    (
      "github",
      [
        "binary", "duplicate", "licence", "long lines", "not JSON", "skipped", "suffix", "symbols",
      ]
    ),
    ("wikipedia", ["empty", "namespace", "redirect"]), ("books", ["contained"]),
    ("arxiv", ["cut short", "pdf"]), ("stack-exchange", ["orphan", "tag wiki"]),
  ])
  func everyKindOfBadRecordIsPlanted(source: String, reasons: [String]) {
    let labels = sample.summary.labels.filter { $0.source == source && $0.expect != .keep }
    #expect(Set(labels.compactMap(\.reason)).sorted() == reasons)
  }

  @Test func everyTwinIsARecord() {
    let records = Set(sample.summary.labels.map(\.record))
    for label in sample.summary.labels {
      if let twin = label.twin { #expect(records.contains(twin), "\(label.record)") }
    }
  }

  @Test func theSizeIsAboutWhatWasAskedFor() throws {
    let ratio = Double(sample.summary.rawBytes) / Double(SampleFixture.size)
    #expect(0.8...1.35 ~= ratio)
    let folder = try TemporaryFolder()
    let larger = try writeSample(to: folder.path, size: 3_000_000, seed: 1)
    #expect(0.85...1.25 ~= Double(larger.rawBytes) / 3_000_000)
  }
}
