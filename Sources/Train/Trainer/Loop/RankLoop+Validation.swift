import Ground
import Llama
import Ranks
import Shards

extension RankLoop {
  struct Validation {
    var loss: Double
    var bySource: [(source: String, loss: Double)]
  }

  /// The mean loss over the first validation sequences, shared by the ranks; nil where none is due.
  func validation(step: Int) throws(Fault) -> Validation? {
    guard settings.evaluateEvery > 0, let source = training.data.validation,
      step % settings.evaluateEvery == 0 || step == settings.steps
    else { return nil }
    let stream = (source as? TokenSamples)?.stream
    let sources = stream == nil ? nil : training.validationSources
    let groups = sources?.names.count ?? 1
    let count = min(settings.evaluationSequences, source.sampleCount(context: settings.context))
    // Sums and numbers of targets, source by source.
    var sums = [Double](repeating: 0, count: 2 * groups)
    // All ranks make as many passes, as a pass gathers parameters; the last may not count.
    for first in stride(from: 0, to: count, by: replica.data.ranks) {
      let number = min(first + replica.data.rank, count - 1)
      let batch = try source.samples(
        [number], context: settings.context, vocabulary: training.config.vocabularySize)
      let losses = try replica.losses(of: batch)
      guard number == first + replica.data.rank, replica.counts else { continue }
      var places: [Int]?
      if let stream, let sources {
        let first = number * batch.length + 1  // targets are one ahead of inputs
        places = sources.places(of: first..<first + batch.length, in: stream)
      }
      for place in batch.targets.indices where batch.targets[place] >= 0 {
        let group = places?[place] ?? 0
        sums[2 * group] += losses[place]
        sums[2 * group + 1] += 1
      }
    }
    sums = try channel.sum(sums)
    let total = stride(from: 0, to: sums.count, by: 2).reduce((0.0, 0.0)) {
      ($0.0 + sums[$1], $0.1 + sums[$1 + 1])
    }
    var bySource: [(source: String, loss: Double)] = []
    for (group, name) in (sources?.names ?? []).enumerated() where sums[2 * group + 1] > 0 {
      bySource.append((name, sums[2 * group] / sums[2 * group + 1]))
    }
    return Validation(loss: total.0 / total.1, bySource: bySource)
  }
}
