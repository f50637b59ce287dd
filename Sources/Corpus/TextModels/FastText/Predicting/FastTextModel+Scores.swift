import CTextModels
import Glibc
import Ground

/// How products with the output matrix become scores: logarithms of probabilities, by the program's
/// own reckoning, for its numbers and the order of its labels depend on it.
extension FastTextModel {
  /// Puts the best labels for `scratch.hidden` into `scratch.heap`; false where a product is not
  /// finite.
  func score(
    _ threshold: Float, _ file: UnsafeRawBufferPointer, _ scratch: inout FastTextScratch
  ) -> Bool {
    if let tree { return unsafe walk(tree, threshold, file, &scratch) }
    unsafe multiply(file, &scratch)
    let count = labelCount
    for label in 0..<count where !scratch.products[label].isFinite { return false }
    if settings.loss == .softmax {
      unsafe quipu_fasttext_softmax(scratch.products.start, count)
    } else {
      let table = Self.sigmoids.span
      for label in 0..<count {
        scratch.products[label] = Self.sigmoid(scratch.products[label], table)
      }
    }
    choose(count, threshold, &scratch)
    return true
  }

  /// The products of all rows of the output matrix.
  private func multiply(_ file: UnsafeRawBufferPointer, _ scratch: inout FastTextScratch) {
    let hidden = unsafe scratch.hidden.start
    if let panels {
      unsafe panels.multiply(
        hidden, columns: input.columns, level: scratch.level, into: scratch.products.start)
      return
    }
    for label in 0..<labelCount {
      scratch.products[label] = unsafe product(label, hidden, file)
    }
  }

  /// The product of one row of the output matrix.
  private func product(
    _ row: Int, _ x: UnsafePointer<Float>, _ file: UnsafeRawBufferPointer
  ) -> Float {
    if var quantised = unsafe output.quantised(in: file) {
      return unsafe quipu_fasttext_quantised_dot(&quantised, x, row)
    }
    let base = unsafe file.baseAddress.unsafelyUnwrapped
    let start = unsafe base + output.floats + 4 * output.columns * row
    return unsafe quipu_fasttext_dot(start, x, output.columns)
  }

  /// The best of the probabilities in `scratch.products`.
  private func choose(_ count: Int, _ threshold: Float, _ scratch: inout FastTextScratch) {
    // What is surely too little for the heap: below its worst by more than a score can be rounded.
    var tooLittle = -Double.infinity
    for label in 0..<count {
      let probability = scratch.products[label]
      if probability < threshold || Double(probability) < tooLittle { continue }
      let score = Self.logarithm(probability)
      if scratch.heap.isFull && score < scratch.heap.worst { continue }
      scratch.heap.push(score, Int32(label))
      if scratch.heap.isFull { tooLittle = exp(Double(scratch.heap.worst) - 4e-6) - 1e-5 }
    }
  }

  /// Walks down the tree, the left child of each node before its right, and leaves out whatever is
  /// less likely than the threshold or than the worst of enough labels.
  private func walk(
    _ tree: FastTextTree, _ threshold: Float, _ file: UnsafeRawBufferPointer,
    _ scratch: inout FastTextScratch
  ) -> Bool {
    let least = Self.logarithm(threshold)
    let isAtOnce = panels != nil
    if isAtOnce { unsafe multiply(file, &scratch) }
    // Nodes that are still to be seen; the tree may be as deep as it has nodes.
    var pending = [(node: Int32(2 * tree.leaves - 2), score: Float(0))]
    while let (node, score) = pending.popLast() {
      if score < least || (scratch.heap.isFull && score < scratch.heap.worst) { continue }
      let row = Int(node) - tree.leaves
      guard row >= 0 else {
        scratch.heap.push(score, node)
        continue
      }
      let product =
        isAtOnce ? scratch.products[row] : unsafe self.product(row, scratch.hidden.start, file)
      guard product.isFinite else { return false }
      let right = Float(1 / Double(1 + expf(-product)))
      let left = Float(1 - Double(right))
      pending.append((tree.nodes[row].right, score + Self.logarithm(right)))
      pending.append((tree.nodes[row].left, score + Self.logarithm(left)))
    }
    return true
  }

  /// The program's logarithm, which is of nothing below 1e-5.
  @inline(__always)
  private static func logarithm(_ x: Float) -> Float { Float(log(Double(x) + 1e-5)) }

  /// The sigmoid from -8 to 8 in steps of 1/32, which is all the program has of it.
  private static let sigmoids: [Float] = (0...512).map { step in
    Float(1 / (1 + Double(expf(-(Float(step * 16) / 512 - 8)))))
  }

  @inline(__always)
  private static func sigmoid(_ x: Float, _ table: Span<Float>) -> Float {
    if x < -8 { return 0 }
    if x > 8 { return 1 }
    return table[Int((x + 8) * 512 / 8 / 2)]
  }
}
