/// The questions that hierarchical softmax asks on the way to each label.
///
/// The tree is Huffman's over the labels' counts, built from two queues: labels, which come most
/// frequent first, from their end, and inner nodes as they are made.
///
/// - SeeAlso: `facebookresearch/fastText` `src/loss.cc`, `buildTree`.
struct LabelPaths: Sendable {
  /// The path of label l is `nodes[starts[l] ..< starts[l + 1]]`, from its parent to the root.
  private(set) var starts = [0]
  /// Inner nodes, which are rows of the output.
  private(set) var nodes: [UInt32] = []
  /// 1 where the path comes from the right.
  private(set) var answers: [UInt8] = []

  /// - Precondition: `counts` descend.
  init(_ counts: ArraySlice<Int>) {
    let labels = counts.count
    var weights = Array(counts)
    weights.reserveCapacity(2 * labels)
    var parents = [Int](repeating: -1, count: max(0, 2 * labels - 1))
    var isRight = [Bool](repeating: false, count: parents.count)
    var leaf = labels - 1
    var node = labels
    func take() -> Int {
      if leaf >= 0 && (node >= weights.count || weights[leaf] < weights[node]) {
        leaf -= 1
        return leaf + 1
      }
      node += 1
      return node - 1
    }
    for parent in labels..<max(labels, 2 * labels - 1) {
      let left = take()
      let right = take()
      weights.append(weights[left] + weights[right])
      parents[left] = parent
      parents[right] = parent
      isRight[right] = true
    }
    for label in 0..<labels {
      var place = label
      while parents[place] >= 0 {
        nodes.append(UInt32(parents[place] - labels))
        answers.append(isRight[place] ? 1 : 0)
        place = parents[place]
      }
      starts.append(nodes.count)
    }
  }
}
