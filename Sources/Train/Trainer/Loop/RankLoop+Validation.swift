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
    for number in stride(from: channel.rank, to: count, by: channel.ranks) {
      let batch = try source.samples(
        [number], context: settings.context, vocabulary: training.config.vocabularySize)
      var places: [Int]?
      if let stream, let sources {
        let first = number * batch.length + 1  // targets are one ahead of inputs
        places = sources.places(of: first..<first + batch.length, in: stream)
      }
      for (group, loss) in try losses(batch, groups: places) {
        sums[2 * group] += loss.sum
        sums[2 * group + 1] += Double(loss.count)
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

  /// The loss of one sample, group by group of its targets.
  ///
  /// - Complexity: A pass over the model for each group, as the model tells sums, not single losses.
  private func losses(
    _ batch: SampleBatch, groups: [Int]?
  ) throws(Fault) -> [(group: Int, loss: Loss)] {
    var losses: [(group: Int, loss: Loss)] = []
    for group in groups.map({ Set($0).sorted() }) ?? [0] {
      var targets = batch.targets
      for place in targets.indices where groups.map({ $0[place] != group }) ?? false {
        targets[place] = -1
      }
      let loss = try replica.model.loss(
        tokens: batch.inputs, targets: targets, batch: 1, length: batch.length)
      losses.append((group, loss))
    }
    return losses
  }
}
