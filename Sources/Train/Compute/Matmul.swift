internal import CKernels

// Shape suffixes: T tokens, I inputs, O outputs. Row-major; the last letter varies fastest.

/// How a product is cut, whatever the number of threads.
enum Blocking {
  /// Rows of A and columns of B that are packed at a time: some 2 and 4 MiB in f32.
  static let rows = 2048
  static let columns = 4096
  /// A task's share of a packed block.
  ///
  /// Rows and columns are multiples of the panels of all tables (14, 12, 6, 4 and 32, 16, 8, 4).
  static let taskRows = 168
  static let taskColumns = 512
  /// Below this many rows, dot products without packing are faster.
  static let fewRows = 6
}

/// A matrix in memory: element (i, j) is at `start + i · rowStride + j · columnStride`.
@safe struct Strided<Scalar: Real> {
  let start: UnsafeMutablePointer<Scalar>
  let rowStride: Int
  let columnStride: Int

  init(_ start: UnsafeMutablePointer<Scalar>, _ rowStride: Int, _ columnStride: Int) {
    unsafe self.start = unsafe start
    self.rowStride = rowStride
    self.columnStride = columnStride
  }

  func at(_ row: Int, _ column: Int) -> UnsafeMutablePointer<Scalar> {
    unsafe start + row * rowStride + column * columnStride
  }
}

extension Processor {
  /// A linear layer: `y = x · Wᵀ`.
  ///
  /// - Parameters:
  ///   - x_TI: Inputs.
  ///   - w_OI: Weights, one row for each output.
  ///   - y_TO: Receives the outputs.
  ///   - T: Tokens.
  ///   - I: Inputs.
  ///   - O: Outputs.
  ///   - adding: Adds the outputs to what is there.
  /// - Precondition: `y_TO` overlaps nothing else.
  /// - Complexity: O(T · I · O).
  public func multiply(
    _ x_TI: View<Scalar>, transposed w_OI: View<Scalar>, into y_TO: View<Scalar>,
    T: Int, I: Int, O: Int, adding: Bool = false
  ) {
    check(x_TI, T * I, w_OI, O * I, y_TO, T * O)
    if T < Blocking.fewRows {
      return multiplyFew(x_TI, w_OI, y_TO, T: T, I: I, O: O, adding: adding)
    }
    unsafe product(
      Strided(x_TI.start, I, 1), Strided(w_OI.start, 1, I), y_TO.start,
      rows: T, depth: I, columns: O, adding: adding)
  }

  /// The gradient of a linear layer's inputs: `dx = dy · W`.
  ///
  /// - Complexity: O(T · I · O).
  public func multiply(
    _ dy_TO: View<Scalar>, by w_OI: View<Scalar>, into dx_TI: View<Scalar>,
    T: Int, I: Int, O: Int, adding: Bool = false
  ) {
    check(dy_TO, T * O, w_OI, O * I, dx_TI, T * I)
    unsafe product(
      Strided(dy_TO.start, O, 1), Strided(w_OI.start, I, 1), dx_TI.start,
      rows: T, depth: O, columns: I, adding: adding)
  }

  /// The gradient of a linear layer's weights: `dW += dyᵀ · x`.
  ///
  /// - Complexity: O(T · I · O).
  public func addProduct(
    transposed dy_TO: View<Scalar>, _ x_TI: View<Scalar>, to dw_OI: View<Scalar>,
    T: Int, I: Int, O: Int
  ) {
    check(dy_TO, T * O, x_TI, T * I, dw_OI, O * I)
    unsafe product(
      Strided(dy_TO.start, 1, O), Strided(x_TI.start, I, 1), dw_OI.start,
      rows: O, depth: T, columns: I, adding: true)
  }

  private func check(
    _ a: View<Scalar>, _ aCount: Int, _ b: View<Scalar>, _ bCount: Int,
    _ c: View<Scalar>, _ cCount: Int
  ) {
    precondition(
      a.count == aCount && b.count == bCount && c.count == cCount,
      "views of \(a.count), \(b.count), \(c.count); need \(aCount), \(bCount), \(cCount)")
  }

  private func multiplyFew(
    _ x_TI: View<Scalar>, _ w_OI: View<Scalar>, _ y_TO: View<Scalar>,
    T: Int, I: Int, O: Int, adding: Bool
  ) {
    forBlocks(of: O, by: 256) { first, count in
      for t in 0..<T {
        unsafe kernels.pointee.multiply_rows(
          x_TI.start + t * I, w_OI.start + first * I, I, y_TO.start + t * O + first, I, count,
          adding ? 1 : 0)
      }
    }
  }

  /// `C = A · B` or `C += A · B`: blocks of A and B are packed by all threads, then multiplied by all.
  ///
  /// Every element of C is a sum over blocks of the depth in their order: threads change nothing.
  private func product(
    _ a: Strided<Scalar>, _ b: Strided<Scalar>, _ c: UnsafeMutablePointer<Scalar>,
    rows: Int, depth: Int, columns: Int, adding: Bool
  ) {
    let mr = unsafe panels.pointee.mr, nr = unsafe panels.pointee.nr
    let kc = unsafe panels.pointee.kc
    let packed_A = unsafe panels_A.all.start, packed_B = unsafe panels_B.all.start
    for column in stride(from: 0, to: columns, by: Blocking.columns) {
      let width = min(Blocking.columns, columns - column)
      for level in stride(from: 0, to: depth, by: kc) {
        let thick = min(kc, depth - level), places = places(thick)
        forBlocks(of: width, by: 8 * nr) { first, count in
          unsafe panels.pointee.pack_b(
            packed_B + first * places, b.at(level, column + first), b.rowStride, b.columnStride,
            thick, count)
        }
        for row in stride(from: 0, to: rows, by: Blocking.rows) {
          let height = min(Blocking.rows, rows - row)
          forBlocks(of: height, by: 8 * mr) { first, count in
            unsafe panels.pointee.pack_a(
              packed_A + first * places, a.at(row + first, level), a.rowStride, a.columnStride,
              count, thick)
          }
          let across = (width + Blocking.taskColumns - 1) / Blocking.taskColumns
          let down = (height + Blocking.taskRows - 1) / Blocking.taskRows
          workers.run(across * down) { task, _ in
            let i = task % down * Blocking.taskRows, j = task / down * Blocking.taskColumns
            unsafe panels.pointee.multiply_packed(
              packed_A + i * places, packed_B + j * places, thick,
              c + (row + i) * columns + column + j, columns,
              min(Blocking.taskRows, height - i), min(Blocking.taskColumns, width - j),
              adding || level > 0 ? 1 : 0)
          }
        }
      }
    }
  }
}
