import Glibc
import TextModels

/// What came of scoring many texts.
struct ScoreTally {
  private(set) var texts = 0
  /// Texts without a score: no label passed, or nothing was left of them.
  private(set) var withoutScore = 0
  /// Lines that are no texts.
  private(set) var bad = 0
  /// By number: texts whose best label it was.
  private(set) var labels: [Int: Int] = [:]
  private(set) var log10 = 0.0
  private(set) var tokens = 0
  private(set) var unknown = 0
  private(set) var sketch = PerplexitySketch()

  mutating func addBad() { bad += 1 }

  mutating func add(_ score: TextScore) {
    texts += 1
    switch score {
    case .labels(let labels):
      if let best = labels.first {
        self.labels[best.label, default: 0] += 1
      } else {
        withoutScore += 1
      }
    case .probability(let log10, let tokens, let unknown, let perplexity):
      self.log10 += log10
      self.tokens += tokens
      self.unknown += unknown
      sketch.add(perplexity)
    case .nothing: withoutScore += 1
    }
  }
}

/// A few lines for people, of what came out.
func scoreReport(
  _ model: AnyTextModel, _ tally: ScoreTally, _ cutoffs: PerplexityCutoffs?
) -> String {
  var text = "\(grouped(tally.texts)) texts"
  if tally.withoutScore > 0 { text += ", \(grouped(tally.withoutScore)) without a score" }
  if tally.bad > 0 { text += ", \(grouped(tally.bad)) lines that are none" }
  switch model {
  case .classifier(let model): return "\(text)\n" + labelTable(tally, model.labels)
  case .language:
    guard tally.tokens > 0 else { return "\(text)\n" }
    let perplexity = pow(10, -tally.log10 / Double(tally.tokens))
    text += "; \(grouped(tally.tokens)) tokens, \(grouped(tally.unknown)) unknown, "
    text += "perplexity \(fixed(perplexity, 1)) of all\n"
    return text + percentiles(tally.sketch) + buckets(cutoffs)
  }
}

private func labelTable(_ tally: ScoreTally, _ labels: [String]) -> String {
  var table = Table("label", "texts", "share %")
  let order = tally.labels.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
  for (label, count) in order.prefix(20) {
    table.add(labels[label], grouped(count), fixed(100 * Double(count) / Double(tally.texts), 2))
  }
  if order.count > 20 {
    let rest = order.dropFirst(20).reduce(0) { $0 + $1.value }
    table.add(
      "\(order.count - 20) others", grouped(rest),
      fixed(100 * Double(rest) / Double(tally.texts), 2))
  }
  return table.text
}

private func percentiles(_ sketch: PerplexitySketch) -> String {
  let parts = [10.0, 30, 50, 60, 90].compactMap { percent in
    sketch.percentile(percent).map { "\(Int(percent)) %: \(fixed($0, 1))" }
  }
  return parts.isEmpty ? "" : "texts below a perplexity: \(parts.joined(separator: ", "))\n"
}

private func buckets(_ cutoffs: PerplexityCutoffs?) -> String {
  guard let cutoffs else { return "" }
  return "head is below \(fixed(cutoffs.head, 1)), middle below \(fixed(cutoffs.middle, 1))\n"
}
