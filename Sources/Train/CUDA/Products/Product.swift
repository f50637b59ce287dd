// Shape letters: rows m, columns n, depth k of a column-major product, as the library sees it.

/// A product of column-major matrices, all that its plan depends on: `D = A · B`, or `D += A · B`.
package struct Product: Hashable, Sendable {
  var m: Int
  var n: Int
  var k: Int
  /// True where the matrix in memory is the other way round.
  var transposesA: Bool
  var transposesB: Bool
  /// Elements from a column of the matrix in memory to the next.
  var strideA: Int
  var strideB: Int
  var strideD: Int
  /// Of D; A and B are bf16 and sums f32.
  var isWide: Bool
  var adding: Bool
  /// Products at a time, and the elements from each one's matrix to the next.
  package var batch = 1
  var stepA = 0
  var stepB = 0
  var stepD = 0
  /// Bytes that all matrices' addresses are multiples of, up to the library's own 256.
  var alignment = 256

  /// Floating-point operations.
  var operations: Double { 2 * Double(batch) * Double(m) * Double(n) * Double(k) }

  /// A linear layer, `y = x · Wᵀ`: in columns, yᵀ = W · xᵀ.
  package static func layer(T: Int, I: Int, O: Int, isWide: Bool, adding: Bool) -> Product {
    Product(
      m: O, n: T, k: I, transposesA: true, transposesB: false, strideA: I, strideB: I, strideD: O,
      isWide: isWide, adding: adding)
  }

  /// The gradient of its inputs, `dx = dy · W`: A is W, B is dy.
  package static func inputGradient(T: Int, I: Int, O: Int, isWide: Bool, adding: Bool) -> Product {
    Product(
      m: I, n: T, k: O, transposesA: false, transposesB: false, strideA: I, strideB: O, strideD: I,
      isWide: isWide, adding: adding)
  }

  /// The gradient of its weights, `dW += dyᵀ · x`: A is x, B is dy.
  package static func weightGradient(T: Int, I: Int, O: Int, isWide: Bool) -> Product {
    Product(
      m: I, n: O, k: T, transposesA: false, transposesB: true, strideA: I, strideB: O, strideD: I,
      isWide: isWide, adding: true)
  }
}
