import Documents
import Glibc
import Llama
public import Ground
public import Shards
import Tokenizer

extension Evaluator {
  /// How well the model knows texts, source by source.
  public struct TextReport: Equatable, Sendable {
    /// For each source, by its first text, and for all together where there are several: nats a
    /// token, perplexity and bits a byte.
    public var measurements: [Measurement]
    public var documents = 0
    /// Lines that were no documents, and the first few.
    public var bad = 0
    public var faults: [Fault] = []
  }

  /// Scores the documents of a file of JSON lines.
  ///
  /// - Parameters:
  ///   - path: As `quipu ingest` writes it; may be compressed.
  ///   - stride: Targets of a window; fewer than the context give each token more to look back on,
  ///     and cost more. Nil is the context: windows that do not overlap, but for
  ///     the last of a text, which reaches back to be a whole one.
  ///   - limit: Only the first so many documents; nil for all.
  /// - Returns: The measurements, and what was no document.
  /// - Throws: `Fault` where the file cannot be read, or has no text.
  public func evaluate(
    documents path: String, stride: Int? = nil, limit: Int? = nil
  ) throws(Fault) -> TextReport {
    let reader = DocumentLineReader(try openDecoded(path), name: fileName(of: path))
    var totals = TextTotals(evaluator: self, stride: stride)
    var report = TextReport(measurements: [])
    while report.documents < limit ?? .max, let result = try reader.next() {
      switch result {
      case .success(let document):
        report.documents += 1
        try totals.add(
          encoder.encode(document.text), bytes: document.text.count, source: document.source)
      case .failure(let fault):
        report.bad += 1
        if report.faults.count < 10 { report.faults.append(fault) }
      }
    }
    report.measurements = try totals.measurements()
    guard !report.measurements.isEmpty else {
      throw report.faults.first
        ?? Fault(path, at: 0, .unusable("the file has no text to be scored"))
    }
    return report
  }

  /// Scores the documents of token shards, each on its own and without its end token.
  ///
  /// - Parameters:
  ///   - stream: The shards.
  ///   - stride: As for documents.
  ///   - limit: Only the first so many documents; nil for all.
  ///   - source: What a document of a shard is counted under.
  /// - Returns: The measurements.
  /// - Throws: `Fault` where a token is outside the tokenizer's vocabulary, or there are none.
  public func evaluate(
    shards stream: TokenStream, stride: Int? = nil, limit: Int? = nil,
    source: (_ shard: Int, _ document: Int) throws(Fault) -> String
  ) throws(Fault) -> TextReport {
    var totals = TextTotals(evaluator: self, stride: stride)
    var report = TextReport(measurements: [])
    for (number, shard) in stream.shards.enumerated() {
      for document in 0..<shard.documentCount where report.documents < limit ?? .max {
        var tokens = shard.tokens(ofDocument: document).map { Int32(bitPattern: $0) }
        if tokens.last == encoder.endID { tokens.removeLast() }
        guard tokens.allSatisfy({ $0 >= 0 && $0 < encoder.count }) else {
          throw Fault(
            shard.path, at: 0,
            .unusable(
              "document \(document) has a token outside the tokenizer's \(encoder.count): the "
                + "shards were made with another tokenizer"))
        }
        report.documents += 1
        let bytes = try decoder.decode(tokens).count
        try totals.add(tokens, bytes: bytes, source: source(number, document))
      }
    }
    report.measurements = try totals.measurements()
    guard !report.measurements.isEmpty else {
      throw Fault(
        stream.shards.first?.path ?? "shards", at: 0, .unusable("the shards have no tokens"))
    }
    return report
  }
}

/// Windows of texts on their way through the model, and the losses of those that have been.
private struct TextTotals {
  struct Total {
    var name: String
    var loss = Loss()
    var bytes = 0
    var waiting: [(tokens: ArraySlice<Int32>, scored: Int)] = []
  }

  let evaluator: Evaluator
  let stride: Int
  /// Windows that the model takes at a time.
  let rows: Int
  var totals: [Total] = []
  var places: [String: Int] = [:]

  init(evaluator: Evaluator, stride: Int?) {
    self.evaluator = evaluator
    let context = evaluator.model.config.context
    self.stride = max(1, min(context, stride ?? context))
    rows = evaluator.model.maximumTokens / context
  }

  /// Cuts a text into windows; every token is a target of one of them.
  mutating func add(_ text: [Int32], bytes: Int, source: String) throws(Fault) {
    guard !text.isEmpty else { return }
    let place = places[source] ?? totals.count
    if place == totals.count {
      totals.append(Total(name: source.isEmpty ? "-" : source))
      places[source] = place
    }
    totals[place].bytes += bytes
    let tokens = [evaluator.start] + text
    let context = evaluator.model.config.context
    var done = 1  // the first token is no target
    while done < tokens.count {
      let end = min(tokens.count, done == 1 ? 1 + context : done + stride)
      let begin = max(0, end - 1 - context)
      totals[place].waiting.append((tokens[begin..<end], end - done))
      done = end
      if totals[place].waiting.count == rows { try flush(place) }
    }
  }

  /// Scores the windows that wait, shorter ones padded at the end, where no target looks.
  private mutating func flush(_ place: Int) throws(Fault) {
    let waiting = totals[place].waiting
    totals[place].waiting = []
    guard let length = waiting.map({ $0.tokens.count - 1 }).max() else { return }
    var inputs: [Int32] = []
    var targets: [Int32] = []
    for window in waiting {
      let count = window.tokens.count - 1
      inputs += window.tokens.dropLast() + repeatElement(0, count: length - count)
      targets += repeatElement(-1, count: count - window.scored)
      targets += window.tokens.suffix(window.scored) + repeatElement(-1, count: length - count)
    }
    let loss = try evaluator.model.loss(
      tokens: inputs, targets: targets, batch: waiting.count, length: length)
    totals[place].loss = totals[place].loss + loss
  }

  mutating func measurements() throws(Fault) -> [Measurement] {
    for place in totals.indices { try flush(place) }
    var shown = totals
    if totals.count > 1 {
      shown.append(
        Total(
          name: "all", loss: totals.reduce(Loss()) { $0 + $1.loss },
          bytes: totals.reduce(0) { $0 + $1.bytes }))
    }
    return shown.flatMap { total in
      [
        ("nats a token", total.loss.mean), ("perplexity", exp(total.loss.mean)),
        ("bits a byte", total.loss.sum / log(2) / Double(total.bytes)),
      ].map {
        Measurement(name: total.name, measure: $0.0, value: $0.1, count: total.loss.count)
      }
    }
  }
}
