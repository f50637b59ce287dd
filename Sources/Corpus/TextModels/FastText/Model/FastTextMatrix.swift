import CTextModels
import Ground

/// A matrix of a model, of which only the place is known: its rows are read where they lie.
struct FastTextMatrix: Sendable {
  /// How a quantised row is put together: of its parts, each the nearest of 256 centroids.
  struct Quantiser: Sendable {
    /// Places in the file of a byte for each part of each row, and of the centroids.
    let codes: Int
    let centroids: Int
    /// How many parts, of how many columns each, and of how many the last.
    let parts: Int
    let width: Int
    let lastWidth: Int
    /// Places of a byte for the length of each row, and of the 256 lengths; nil where rows are not
    /// normalised.
    let norms: (codes: Int, centroids: Int)?
  }

  let rows: Int
  let columns: Int
  /// Where it begins in the file, and its bytes.
  let start: Int
  let byteCount: Int
  /// The place of its floats, row by row, where it is not quantised.
  let floats: Int
  let quantiser: Quantiser?

  /// Passes over a matrix of floats.
  init(dense reader: inout FastTextReader, columns wanted: Int32) throws(Fault) {
    unsafe start = reader.place
    let (rows, columns) = unsafe try Self.size(&reader, columns: wanted)
    unsafe floats = try reader.skip(rows: rows, columns: columns, of: 4)
    self.rows = Int(rows)
    self.columns = Int(columns)
    quantiser = nil
    unsafe byteCount = reader.place - start
  }

  /// Passes over the codes and the centroids of a matrix.
  init(quantised reader: inout FastTextReader, columns wanted: Int32) throws(Fault) {
    unsafe start = reader.place
    let isNormalised = unsafe try reader.flag("whether rows are normalised")
    let (rows, columns) = unsafe try Self.size(&reader, columns: wanted)
    let codeCount = unsafe try reader.number(Int32.self)
    guard codeCount >= 0 else { throw unsafe reader.malformed("\(codeCount) codes", before: 4) }
    let codes = unsafe try reader.skip(Int(codeCount))
    let (parts, width, last) = unsafe try Self.quantiser(&reader, columns: Int32(columns))
    guard rows.multipliedReportingOverflow(by: Int64(parts)) == (Int64(codeCount), false) else {
      throw unsafe reader.malformed(
        "\(codeCount) codes for \(rows) rows of \(parts) parts", before: 16)
    }
    let centroids = unsafe try Self.centroids(&reader, columns: columns)
    var norms: (Int, Int)?
    if isNormalised {
      let codes = unsafe try reader.skip(rows: rows, columns: 1, of: 1)
      unsafe _ = try Self.quantiser(&reader, columns: 1)
      norms = (codes, unsafe try Self.centroids(&reader, columns: 1))
    }
    self.rows = Int(rows)
    self.columns = Int(columns)
    floats = 0
    quantiser = Quantiser(
      codes: codes, centroids: centroids, parts: Int(parts), width: Int(width),
      lastWidth: Int(last), norms: norms)
    unsafe byteCount = reader.place - start
  }

  private static func size(
    _ reader: inout FastTextReader, columns wanted: Int32
  ) throws(Fault) -> (rows: Int64, columns: Int64) {
    let rows = unsafe try reader.number(Int64.self)
    let columns = unsafe try reader.number(Int64.self)
    guard rows >= 0, columns == Int64(wanted) else {
      throw unsafe reader.malformed(
        "a matrix of \(rows) by \(columns) in a model of dim \(wanted)", before: 16)
    }
    return (rows, columns)
  }

  /// The header of a quantiser, whose numbers follow from two of them.
  private static func quantiser(
    _ reader: inout FastTextReader, columns wanted: Int32
  ) throws(Fault) -> (parts: Int32, width: Int32, last: Int32) {
    let columns = unsafe try reader.number(Int32.self)
    let parts = unsafe try reader.number(Int32.self)
    let width = unsafe try reader.number(Int32.self)
    let last = unsafe try reader.number(Int32.self)
    guard columns == wanted, width > 0,
      Int(parts) == (Int(columns) + Int(width) - 1) / Int(width),
      last == (columns % width == 0 ? width : columns % width)
    else {
      throw unsafe reader.malformed(
        "a quantiser of \(columns) columns in \(parts) parts of \(width), the last of \(last)",
        before: 16)
    }
    return (parts, width, last)
  }

  private static func centroids(
    _ reader: inout FastTextReader, columns: Int64
  ) throws(Fault) -> Int {
    let start = unsafe try reader.skip(rows: 256, columns: columns, of: 4)
    if let place = unsafe reader.firstNotFinite(at: start, count: 256 * Int(columns)) {
      throw unsafe Fault(
        reader.path, at: UInt64(place), .malformed("a centroid that is no finite number"))
    }
    return start
  }
}
