internal import CTextModels
internal import Glibc
internal import Ground

/// Rows of floats in lanes of 16, filled up with zeros: what training changes.
///
/// In huge pages where the system has them, since rows are read from all over. All threads of a
/// training write to one, each to rows of its own.
@safe final class RowMatrix: @unchecked Sendable {
  let rows: Int
  let dim: Int
  /// Lanes a row.
  let width: Int
  let floats: UnsafeMutablePointer<Float>
  private let mapping: UnsafeMutableRawPointer
  private let mapped: Int

  private static let hugePage = 1 << 21

  /// Bytes that such a matrix takes; nil where that is no number.
  static func size(rows: Int, dim: Int) -> Int? {
    let (size, overflows) = rows.multipliedReportingOverflow(by: (dim + 15) / 16 * 64)
    return overflows || size > Int.max / 2 ? nil : size
  }

  /// A matrix of zeros.
  ///
  /// - Throws: `Fault` where the system has no memory for it.
  init(rows: Int, dim: Int) throws(Fault) {
    guard let size = Self.size(rows: rows, dim: dim) else {
      throw Fault("model", at: 0, .unusable("\(rows) rows of \(dim) numbers are too many"))
    }
    self.rows = rows
    self.dim = dim
    width = (dim + 15) / 16
    mapped = size + Self.hugePage
    let mapping = unsafe mmap(
      nil, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard unsafe mapping != MAP_FAILED, let mapping = unsafe mapping else {
      throw .system("mmap of \(mapped) bytes", "model")
    }
    unsafe self.mapping = mapping
    unsafe madvise(mapping, mapped, MADV_HUGEPAGE)
    let start = unsafe mapping.alignedUp(toMultipleOf: Self.hugePage)
    unsafe floats = start.bindMemory(to: Float.self, capacity: size / 4)
  }

  /// Bytes.
  var size: Int { mapped }

  deinit { unsafe munmap(mapping, mapped) }

  /// The first float of a row.
  @inline(__always)
  func row(_ number: Int) -> UnsafeMutablePointer<Float> {
    unsafe floats + number &* width &* 16
  }

  /// Fills rows with numbers between ±1/dim that depend on the seed and their place only.
  func randomize(_ range: Range<Int>, seed: UInt64, level: CInt) {
    unsafe quipu_training_fill(
      level, floats, range.lowerBound, range.count, width, dim, seed, 1 / Float(dim)
    )
  }
}
