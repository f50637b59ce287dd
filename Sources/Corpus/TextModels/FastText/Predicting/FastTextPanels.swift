import CTextModels
import Ground

/// The output matrix for one pass over sixteen labels at once: their rows side by side.
///
/// Each product is added up in the program's order, from the first column to the last; that is why
/// labels are taken together, not columns.
final class FastTextPanels: Sendable {
  static let width = 16
  /// Trees of more labels are walked row by row, as most rows are then not asked for.
  private static let treeLimit = 1024
  /// A copy up to so many bytes is always made.
  private static let smallBytes = 1 << 16

  let count: Int
  private let numbers: Room<Float>
  /// Floats of all panels: 16 for each column, and 16 factors.
  private let size: Int

  var byteCount: Int { 4 * size }

  /// Nil where the copy would be large: above a sixteenth of the file.
  init?(of contents: FastTextContents, in file: UnsafeRawBufferPointer, fileBytes: Int) {
    let (matrix, labels) = (contents.output, contents.vocabulary.labels)
    guard contents.settings.kind == .supervised, let base = file.baseAddress else { return nil }
    if contents.settings.loss == .hierarchicalSoftmax && labels > Self.treeLimit { return nil }
    count = (labels + Self.width - 1) / Self.width
    let stride = Self.width * (matrix.columns + 1)
    guard 4 * stride <= Int.max / max(1, count) else { return nil }
    size = count * stride
    guard 4 * size <= max(Self.smallBytes, fileBytes / 16) else { return nil }
    numbers = Room(size)
    for panel in 0..<count {
      let first = Self.width * panel
      let rows = min(Self.width, labels - first)
      let target = unsafe numbers.start + stride * panel
      if var quantised = unsafe matrix.quantised(in: file) {
        unsafe quipu_fasttext_quantised_panel(&quantised, first, matrix.columns, rows, target)
      } else {
        let source = unsafe base + matrix.floats + 4 * matrix.columns * first
        unsafe quipu_fasttext_panel(source, matrix.columns, rows, target)
      }
    }
  }

  /// The products of all rows and `x`; `products` has room for 16 times `count`.
  func multiply(
    _ x: UnsafePointer<Float>, columns: Int, level: CInt,
    into products: UnsafeMutablePointer<Float>
  ) {
    unsafe quipu_fasttext_panel_dots(level, numbers.start, count, x, columns, products)
  }
}

extension FastTextMatrix {
  /// What C is told of a quantised matrix; nil where it is not quantised.
  func quantised(in file: UnsafeRawBufferPointer) -> quipu_fasttext_quantised? {
    guard let quantiser, let base = file.baseAddress else { return nil }
    let bytes = unsafe base.assumingMemoryBound(to: UInt8.self)
    return unsafe quipu_fasttext_quantised(
      codes: bytes + quantiser.codes, centroids: base + quantiser.centroids,
      norm_codes: quantiser.norms.map { unsafe bytes + $0.codes },
      norm_centroids: quantiser.norms.map { unsafe base + $0.centroids },
      parts: quantiser.parts, width: quantiser.width, last_width: quantiser.lastWidth)
  }
}
