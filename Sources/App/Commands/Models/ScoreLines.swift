import Formats
import TextModels

/// Writes answers a line each: as JSON objects, or in columns with a space between.
struct ScoreLines {
  private let labels: [String]
  private let asJSON: Bool
  private var json = JSONWriter()

  init(_ model: AnyTextModel, json: Bool) {
    if case .classifier(let model) = model { labels = model.labels } else { labels = [] }
    asJSON = json
  }

  /// The lines of some answers; with `cutoffs`, those of a language model have a bucket.
  mutating func of(_ texts: ArraySlice<ScoredText>, _ cutoffs: PerplexityCutoffs?) -> [UInt8] {
    var lines: [UInt8] = []
    for text in texts {
      if asJSON {
        json.removeAll()
        write(text, cutoffs)
        lines += json.bytes
      } else {
        lines += columns(text.score, cutoffs).joined(separator: " ").utf8
      }
      lines.append(0x0a)
    }
    return lines
  }

  private func columns(_ score: TextScore, _ cutoffs: PerplexityCutoffs?) -> [String] {
    switch score {
    case .labels(let found): found.flatMap { [labels[$0.label], "\($0.probability)"] }
    case .probability(let log10, let tokens, _, let perplexity):
      ["\(Float(log10))", "\(tokens)", "\(perplexity)"]
        + (cutoffs.map { [$0.bucket(of: perplexity).rawValue] } ?? [])
    case .nothing: ["-", "0", "-"] + (cutoffs.map { _ in [PerplexityBucket.all.rawValue] } ?? [])
    }
  }

  private mutating func write(_ text: ScoredText, _ cutoffs: PerplexityCutoffs?) {
    let labels = labels
    json.object { json in
      if let id = text.id {
        json.key("id")
        json.string(id)
      }
      switch text.score {
      case .labels(let found):
        json.label(found.first, labels)
        if found.count > 1 {
          json.key("others")
          json.array { json in
            for other in found.dropFirst() { json.object { $0.label(other, labels) } }
          }
        }
      case .probability(let log10, let tokens, let unknown, let perplexity):
        json.key("log10")
        json.value("\(Float(log10))")
        json.key("tokens")
        json.integer(tokens)
        json.key("unknown")
        json.integer(unknown)
        json.key("perplexity")
        json.number(perplexity)
        json.bucket(cutoffs.map { $0.bucket(of: perplexity) })
      case .nothing:
        for key in ["log10", "perplexity"] {
          json.key(key)
          json.null()
        }
        json.key("tokens")
        json.integer(0)
        json.bucket(cutoffs.map { _ in .all })
      }
    }
  }
}

extension JSONWriter {
  fileprivate mutating func label(_ prediction: FastTextPrediction?, _ labels: [String]) {
    key("label")
    if let prediction { string(labels[prediction.label]) } else { null() }
    key("probability")
    if let prediction { value("\(prediction.probability)") } else { null() }
  }

  fileprivate mutating func bucket(_ bucket: PerplexityBucket?) {
    guard let bucket else { return }
    key("bucket")
    string(bucket.rawValue)
  }
}
