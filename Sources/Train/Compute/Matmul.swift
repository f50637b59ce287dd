internal import CKernels

// Shape suffixes: T tokens, I inputs, O outputs. Row-major; the last letter varies fastest.

/// How a product is cut.
///
/// Sums over the depth are cut by the panels alone, so none of this changes a bit.
enum Blocking {
  /// Places of packed panels that all threads share: 4 MiB in f32.
  static let shared = 1 << 20
  /// Columns of B that a task packs and multiplies, and the most that count as few.
  ///
  /// With the depth of a panel, half the second-level cache.
  static let columns = 512
  /// Rows of A that a task packs and multiplies where columns are few.
  static let rows = 168
  /// Rows of A whose panels are shared at a time.
  static let sharedRows = 4096
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

  /// `C = A · B` or `C += A · B`.
  ///
  /// The smaller matrix is packed by all threads, for as many steps of the depth as there is room; then
  /// each task packs its own share of the larger one, which stays in its cache, and multiplies. Every
  /// element of C is a sum over panels of the depth in their order: threads change nothing.
  private func product(
    _ a: Strided<Scalar>, _ b: Strided<Scalar>, _ c: UnsafeMutablePointer<Scalar>,
    rows: Int, depth: Int, columns: Int, adding: Bool
  ) {
    if columns <= Blocking.columns {
      unsafe tallProduct(a, b, c, rows: rows, depth: depth, columns: columns, adding: adding)
    } else {
      for row in stride(from: 0, to: rows, by: Blocking.sharedRows) {
        unsafe wideProduct(
          Strided(a.at(row, 0), a.rowStride, a.columnStride), b, c + row * columns,
          rows: min(Blocking.sharedRows, rows - row), depth: depth, columns: columns,
          adding: adding)
      }
    }
  }

  /// A product with few columns: tasks are rows.
  private func tallProduct(
    _ a: Strided<Scalar>, _ b: Strided<Scalar>, _ c: UnsafeMutablePointer<Scalar>,
    rows: Int, depth: Int, columns: Int, adding: Bool
  ) {
    let mr = unsafe panels.pointee.mr, nr = unsafe panels.pointee.nr
    let kc = unsafe panels.pointee.kc
    let level = wholes(columns, nr) * places(kc)
    let packed_B = unsafe shared.all.start
    let height = min(
      Blocking.rows / mr * mr, max(4 * mr, wholes(rows / (4 * workers.threads) + 1, mr)))
    forLevels(of: depth, fitting: Blocking.shared / level) { first, levels in
      let chunks = (columns + 4 * nr - 1) / (4 * nr)
      workers.run(levels * chunks) { task, _ in
        let from = first + task / chunks * kc, column = task % chunks * 4 * nr
        let thick = min(kc, depth - from)
        unsafe panels.pointee.pack_b(
          packed_B + task / chunks * level + column * places(thick), b.at(from, column),
          b.rowStride, b.columnStride, thick, min(4 * nr, columns - column))
      }
      workers.run((rows + height - 1) / height) { task, worker in
        let packed_A = unsafe slab(of: worker)
        let row = task * height, count = min(height, rows - row)
        for step in 0..<levels {
          let from = first + step * kc, thick = min(kc, depth - from)
          unsafe panels.pointee.pack_a(
            packed_A, a.at(row, from), a.rowStride, a.columnStride, count, thick)
          unsafe panels.pointee.multiply_packed(
            packed_A, packed_B + step * level, thick, c + row * columns, columns, count, columns,
            adding || from > 0 ? 1 : 0)
        }
      }
    }
  }

  /// A product with many columns: tasks are columns, and parts of the rows where those are too few.
  private func wideProduct(
    _ a: Strided<Scalar>, _ b: Strided<Scalar>, _ c: UnsafeMutablePointer<Scalar>,
    rows: Int, depth: Int, columns: Int, adding: Bool
  ) {
    let mr = unsafe panels.pointee.mr, nr = unsafe panels.pointee.nr
    let kc = unsafe panels.pointee.kc
    let level = wholes(rows, mr) * places(kc)
    let packed_A = unsafe shared.all.start
    let width = min(Blocking.columns, max(128, wholes(columns / (4 * workers.threads), nr)))
    let across = (columns + width - 1) / width
    let parts = max(1, min((2 * workers.threads + across - 1) / across, rows / 256))
    let height = wholes((rows + parts - 1) / parts, mr)
    let down = (rows + height - 1) / height
    forLevels(of: depth, fitting: Blocking.shared / level) { first, levels in
      let chunks = (rows + 8 * mr - 1) / (8 * mr)
      workers.run(levels * chunks) { task, _ in
        let from = first + task / chunks * kc, row = task % chunks * 8 * mr
        let thick = min(kc, depth - from)
        unsafe panels.pointee.pack_a(
          packed_A + task / chunks * level + row * places(thick), a.at(row, from), a.rowStride,
          a.columnStride, min(8 * mr, rows - row), thick)
      }
      workers.run(across * down) { task, worker in
        let packed_B = unsafe slab(of: worker)
        let column = task / down * width, count = min(width, columns - column)
        let row = task % down * height
        for step in 0..<levels {
          let from = first + step * kc, thick = min(kc, depth - from)
          unsafe panels.pointee.pack_b(
            packed_B, b.at(from, column), b.rowStride, b.columnStride, thick, count)
          unsafe panels.pointee.multiply_packed(
            packed_A + step * level + row * places(thick), packed_B, thick,
            c + row * columns + column, columns, min(height, rows - row), count,
            adding || from > 0 ? 1 : 0)
        }
      }
    }
  }

  /// Calls `body` with the first element of the depth and the number of panels, `most` at a time.
  private func forLevels(of depth: Int, fitting most: Int, _ body: (Int, Int) -> Void) {
    let kc = unsafe panels.pointee.kc
    for first in stride(from: 0, to: depth, by: max(1, most) * kc) {
      body(first, min(max(1, most), (depth - first + kc - 1) / kc))
    }
  }
}
