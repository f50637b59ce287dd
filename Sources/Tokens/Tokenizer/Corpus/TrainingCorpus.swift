public import Ground

/// The text that a vocabulary is trained on: files, and how sentences are found in them.
///
/// Every form ends in sentences, which are lines. The order of the files has no influence.
public struct TrainingCorpus: Sendable {
  public enum Format: String, CaseIterable, Sendable {
    /// A sentence a line, as SentencePiece reads it.
    case text
    /// A document a line, in JSON; the sentences are the lines of its text.
    case jsonl
    /// A document a file; the sentences are its lines.
    case files
  }

  /// A stored file, compressed or not.
  public struct Input: Equatable, Sendable {
    public var path: String
    /// Stored bytes.
    public var size: UInt64
    /// Nanoseconds since 1970.
    public var modified: Int
    /// How much likelier than one of weight 1 a sentence of it comes into a sample.
    public var weight: Double
  }

  /// Takes the text out of a line that is a document, or throws what is wrong with the line.
  ///
  /// Made anew for every batch of lines, since parsers belong to one thread.
  public typealias DocumentReader = @Sendable () -> (_ line: [UInt8]) throws -> [UInt8]

  public let format: Format
  public private(set) var inputs: [Input] = []
  let documentReader: DocumentReader

  /// Takes files, and folders with all files below them.
  ///
  /// `weights` goes by the paths as they are given and is 1 by default; `documentReader` is needed
  /// for `jsonl` alone. Of a folder, what begins with `output` is left out: a model that is written
  /// into it, with its state, is no text.
  ///
  /// - Throws: `Fault` where a path leads nowhere or a weight cannot be used.
  public init(
    _ paths: [String], format: Format = .text, weights: [String: Double] = [:],
    output: String? = nil, documentReader: @escaping DocumentReader = { { $0 } }
  ) throws(Fault) {
    self.format = format
    self.documentReader = documentReader
    for (path, weight) in weights.sorted(by: { $0.key < $1.key }) {
      guard paths.contains(path) else {
        throw Fault(path, at: 0, .unusable("has a weight, but is no input"))
      }
      guard SampleKey.weights.contains(weight) else {
        throw Fault(
          path, at: 0, .unusable("the weight is \(weight); it must be a millionth to a million"))
      }
    }
    for path in paths {
      let weight = weights[path] ?? 1
      if fileKind(path) == .folder {
        let above = path.hasSuffix("/") ? path : path + "/"
        for name in try files(under: path) {
          if let output, (above + name).hasPrefix(output) { continue }
          try add(above + name, weight)
        }
      } else {
        try add(path, weight)
      }
    }
  }

  /// Stored bytes of all files.
  public var size: UInt64 { inputs.reduce(0) { $0 + $1.size } }

  private mutating func add(_ path: String, _ weight: Double) throws(Fault) {
    inputs.append(
      Input(
        path: path, size: try fileSize(path), modified: try modificationTime(path), weight: weight))
  }
}
