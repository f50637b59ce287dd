/// The tree of a hierarchical softmax: Huffman's, over how often each label was seen.
///
/// Its leaves are the labels; each of the others is a row of the output matrix that says how likely
/// the way to the right is.
///
/// - SeeAlso: `facebookresearch/fastText` `src/loss.cc`, `buildTree`; Mikolov et al. 2013.
package struct FastTextTree: Sendable {
  /// A node that is no leaf; a child below `leaves` is that label, another is `nodes[child - leaves]`.
  package struct Node: Sendable, Equatable {
    package var left: Int32
    package var right: Int32
  }

  /// How many labels.
  package let leaves: Int
  /// Their place is the row of the output matrix; the last is the root.
  package let nodes: [Node]
  /// By node, leaves first: the node above it, counted as in `nodes`, or -1; and whether it is its
  /// right child.
  private let parents: [(above: Int32, isRight: Bool)]

  /// Joins the two rarest trees until one is left.
  ///
  /// Among equals a joined tree comes before a label; among labels the last in order comes first.
  ///
  /// - Parameter counts: of the labels in their order, which is from frequent to rare. Where they are
  ///   in another order, as in a file that was tampered with, the tree is still one over all labels.
  package init(counts: [Int64]) {
    let leaves = counts.count
    self.leaves = leaves
    var weights = counts + [Int64](repeating: 0, count: max(0, leaves - 1))
    var parents = [(above: Int32, isRight: Bool)](
      repeating: (-1, false), count: max(leaves, weights.count))
    var nodes: [Node] = []
    nodes.reserveCapacity(max(0, leaves - 1))
    var leaf = leaves - 1
    var joined = leaves
    for made in leaves..<max(leaves, weights.count) {
      func rarest() -> Int {
        // A tree that does not exist yet is never taken, whatever the counts.
        if leaf >= 0, joined >= made || weights[leaf] < weights[joined] {
          leaf -= 1
          return leaf + 1
        }
        joined += 1
        return joined - 1
      }
      let left = rarest()
      let right = rarest()
      nodes.append(Node(left: Int32(left), right: Int32(right)))
      weights[made] = weights[left].addingClamped(weights[right])
      parents[left] = (Int32(made - leaves), false)
      parents[right] = (Int32(made - leaves), true)
    }
    self.nodes = nodes
    self.parents = parents
  }

  /// The way from a label up to the root: rows of the output matrix, and whether it comes from the
  /// right, where the row's answer is to be 1.
  package func path(of label: Int) -> [(row: Int32, isRight: Bool)] {
    var path: [(row: Int32, isRight: Bool)] = []
    var place = parents[label]
    while place.above >= 0 {
      path.append((place.above, place.isRight))
      place = parents[leaves + Int(place.above)]
    }
    return path
  }
}

extension Int64 {
  /// The sum, or the largest number where it is beyond.
  fileprivate func addingClamped(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
