public import Ground

/// What `writeSample` wrote.
public struct SampleSummary: Sendable {
  /// One raw file, by its path below the sample's folder.
  public struct File: Sendable {
    public var path: String
    /// As stored, compressed.
    public var bytes: Int
  }

  public var files: [File] = []
  /// One per raw record, as in `labels.jsonl`.
  public var labels: [Label] = []
  /// Bytes of raw records before compression.
  public var rawBytes = 0
}

/// Writes a labelled synthetic corpus in the raw formats of all seven sources, with planted
/// duplicates, boilerplate, foreign, poor and bad records.
///
/// The folder then has what `Manifests/sample.yaml` expects, and `labels.jsonl`, one object for each
/// raw record. The same size and seed give the same files on every machine with the same versions
/// of the compression libraries.
///
/// - Parameters:
///   - folder: Is made if it is not there; files of the same names are replaced.
///   - size: Bytes of raw text, about; every source has 20 records or more however small it is.
///   - seed: Another seed gives other words everywhere, in the same layout.
/// - Returns: The files and labels.
/// - Throws: `Fault` where a file cannot be written.
/// - Complexity: O(size), about 15 MB/s; memory for one source's raw text.
public func writeSample(
  to folder: String, size: Int = 20_000_000, seed: UInt64 = 1
) throws(Fault) -> SampleSummary {
  // In thousandths of the size: Table 1 of LLaMA, with the small sources made larger so that each
  // has enough to look at.
  let parts: [(share: Int, write: (inout SampleFolder, Int) throws(Fault) -> Void)] = [
    (450, writeExtractedPages), (120, writeCrawledPages), (150, writeCleanPages),
    (60, writeRepositories), (60, writeWikis), (100, writeBooks), (35, writePapers),
    (25, writeQuestions),
  ]
  var sample = SampleFolder(path: folder, seed: seed)
  for part in parts {
    try part.write(&sample, max(0, size) / 1000 * part.share)
  }
  let labels = sample.summary.labels.flatMap(\.line)
  try sample.write(labels, to: "labels.jsonl")
  return sample.summary
}

/// The folder that is being filled.
struct SampleFolder {
  let path: String
  let seed: UInt64
  var summary = SampleSummary()

  init(path: String, seed: UInt64) {
    self.path = path
    self.seed = seed
  }

  /// Chances of their own for everything that has a name.
  func dice(_ stream: String) -> Dice { Dice(seed: seed, stream: stream) }

  mutating func write(_ bytes: [UInt8], to name: String) throws(Fault) {
    let file = "\(path)/\(name)"
    try makeFolder(folder(of: file))
    try writeAtomically(bytes, to: file)
    summary.files.append(.init(path: name, bytes: bytes.count))
  }

  mutating func add(_ label: Label) { summary.labels.append(label) }
}

extension [UInt8] {
  static func += (bytes: inout [UInt8], text: String) { bytes.append(contentsOf: text.utf8) }

  /// The same bytes as text for names and labels.
  var string: String { String(decoding: self, as: UTF8.self) }
}
