/// Some elements of a tensor: a block of rows and columns, or a run of such a block's elements.
///
/// Tensor parallelism cuts blocks, ZeRO cuts runs of them. A run of whole rows is the same as a
/// smaller block and is held as one, so equal sets of elements mostly are equal regions.
public struct TensorRegion: Hashable, Sendable {
  /// Of the whole tensor: rows and columns of a matrix, or the length of a vector.
  public let shape: [Int]
  public let rows: Range<Int>
  /// `0..<1` for a vector.
  public let columns: Range<Int>
  /// The run, counted row by row within the block.
  public let elements: Range<Int>

  /// - Parameters:
  ///   - shape: Of the whole tensor: one or two extents.
  ///   - rows: Of the block; all where it is nil.
  ///   - columns: Of the block; all where it is nil, as it is for a vector.
  ///   - elements: Of the block, row by row; all where it is nil.
  /// - Precondition: Rows and columns lie in the shape, and elements in the block.
  public init(
    shape: [Int], rows: Range<Int>? = nil, columns: Range<Int>? = nil, elements: Range<Int>? = nil
  ) {
    guard
      let region = TensorRegion(
        checking: shape, rows: rows, columns: columns, elements: elements)
    else {
      preconditionFailure(
        "rows \(rows.map { "\($0)" } ?? "all"), columns \(columns.map { "\($0)" } ?? "all") and "
          + "elements \(elements.map { "\($0)" } ?? "all") are no region of \(shape)")
    }
    self = region
  }

  /// Nil where these numbers, which may be anything, are no region.
  init?(checking shape: [Int], rows: Range<Int>?, columns: Range<Int>?, elements: Range<Int>?) {
    guard shape.count == 1 || shape.count == 2, shape.allSatisfy({ $0 >= 0 }) else { return nil }
    let width = shape.count == 2 ? shape[1] : 1
    guard !shape[0].multipliedReportingOverflow(by: width).overflow else { return nil }
    let rows = rows ?? 0..<shape[0]
    let columns = columns ?? 0..<width
    guard Self.contains(0..<shape[0], rows), Self.contains(0..<width, columns) else { return nil }
    let all = 0..<rows.count * columns.count
    let elements = elements ?? all
    guard Self.contains(all, elements) else { return nil }
    self.shape = shape
    self.columns = columns
    let blockWidth = columns.count
    if blockWidth > 0, elements.lowerBound % blockWidth == 0, elements.upperBound % blockWidth == 0
    {
      let first = rows.lowerBound + elements.lowerBound / blockWidth
      self.rows = first..<first + elements.count / blockWidth
      self.elements = 0..<elements.count
    } else {
      self.rows = rows
      self.elements = elements
    }
  }

  private static func contains(_ outer: Range<Int>, _ inner: Range<Int>) -> Bool {
    inner.lowerBound >= outer.lowerBound && inner.upperBound <= outer.upperBound
  }

  public var count: Int { elements.count }

  /// True where the region is all of its block.
  var isBlock: Bool { elements.count == rows.count * columns.count }

  /// True where the region is the whole tensor.
  var isWhole: Bool { count == shape.reduce(1, *) }

  /// Calls `body` with every longest run of elements that this region and another of the same
  /// tensor share: where it begins in each, and its length.
  ///
  /// - Complexity: O(1) where both have the same columns, else O(rows).
  func forEachRun(
    sharedWith other: TensorRegion, _ body: (_ mine: Int, _ others: Int, _ count: Int) -> Void
  ) {
    precondition(shape == other.shape, "regions of \(shape) and of \(other.shape)")
    if columns == other.columns {
      // Both are runs of the same numbering.
      let mine = rows.lowerBound * columns.count + elements.lowerBound
      let others = other.rows.lowerBound * columns.count + other.elements.lowerBound
      let start = max(mine, others)
      let end = min(mine + count, others + other.count)
      if start < end { body(start - mine, start - others, end - start) }
      return
    }
    let first = max(rows.lowerBound, other.rows.lowerBound)
    let last = min(rows.upperBound, other.rows.upperBound)
    guard first < last else { return }
    for row in first..<last {
      let (mine, others) = (columns(of: row), other.columns(of: row))
      let start = max(mine.lowerBound, others.lowerBound)
      let end = min(mine.upperBound, others.upperBound)
      guard start < end else { continue }
      body(place(row, start), other.place(row, start), end - start)
    }
  }

  /// The tensor's columns that the region has of one of its rows.
  private func columns(of row: Int) -> Range<Int> {
    let start = (row - rows.lowerBound) * columns.count
    let run = elements.clamped(to: start..<start + columns.count)
    let shift = columns.lowerBound - start
    return run.lowerBound + shift..<run.upperBound + shift
  }

  /// Where an element of the tensor stands in the region.
  private func place(_ row: Int, _ column: Int) -> Int {
    (row - rows.lowerBound) * columns.count + column - columns.lowerBound - elements.lowerBound
  }
}
