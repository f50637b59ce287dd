internal import CTextModels
internal import Ground

/// A matrix in a byte for each part of a row, and one for the length of a row where that is apart.
///
/// Its layout in a file: 1 whether lengths are apart, 8 rows, 8 columns, 4 bytes of codes, the codes
/// row by row, the quantiser; then, with lengths apart, a code a row and their quantiser.
///
/// - SeeAlso: `facebookresearch/fastText` `src/quantmatrix.cc`.
struct QuantizedRows: Sendable {
  private let rows: Int
  private let quantizer: ProductQuantizer
  private let codes: [UInt8]
  private let lengthQuantizer: ProductQuantizer?
  private let lengthCodes: [UInt8]

  /// - Throws: `Fault` where there are fewer than 256 rows, or too many codes for the format.
  init(_ matrix: RowMatrix, name: String, partDim: Int, lengths isApart: Bool, jobs: Int)
    throws(Fault)
  {
    let dim = matrix.dim
    let parts = (dim + partDim - 1) / partDim
    guard matrix.rows >= ProductQuantizer.centroidCount else {
      throw Fault(
        "model", at: 0,
        .unusable(
          "the \(name) has \(matrix.rows) rows, and 256 are the least that can be quantised"))
    }
    guard matrix.rows * parts <= Int(Int32.max) else {
      throw Fault(
        "model", at: 0,
        .unusable(
          "\(matrix.rows) rows of \(parts) bytes are more than a quantised file can hold: choose a "
            + "larger dsub, or a cutoff"))
    }
    rows = matrix.rows
    // A row's length, or 1 where it is 0 or stays in the row.
    var lengths: [Float] = []
    if isApart {
      lengths = (0..<rows).map { row in matrix.length(of: row) }
    }
    let all = lengths
    func divisor(_ row: Int) -> Float { all.isEmpty || all[row] == 0 ? 1 : all[row] }
    quantizer = ProductQuantizer(count: rows, dim: dim, partDim: partDim, jobs: jobs) {
      places, columns in
      places.flatMap { place in
        columns.map { unsafe matrix.row(Int(place))[$0] / divisor(Int(place)) }
      }
    }
    let quantizer = self.quantizer
    let size = rows
    codes = unsafe encoded(rows: rows, quantizer, jobs: jobs) { row, room in
      let divisor = divisor(row)
      for column in 0..<dim { unsafe room[column] = matrix.row(row)[column] / divisor }
    }
    guard isApart else {
      lengthQuantizer = nil
      lengthCodes = []
      return
    }
    let lengthQuantizer = ProductQuantizer(count: size, dim: 1, partDim: 1, jobs: 1) { places, _ in
      places.map { all[Int($0)] }
    }
    self.lengthQuantizer = lengthQuantizer
    lengthCodes = unsafe encoded(rows: rows, lengthQuantizer, jobs: jobs) { row, room in
      unsafe room[0] = all[row]
    }
  }

  func write(to file: inout AtomicFile) throws(Fault) {
    var head: [UInt8] = [lengthQuantizer == nil ? 0 : 1]
    head.append(little: Int64(rows))
    head.append(little: Int64(quantizer.dim))
    head.append(little: Int32(codes.count))
    try file.write(head)
    try file.write(codes)
    var tail: [UInt8] = []
    quantizer.append(to: &tail)
    if let lengthQuantizer {
      tail += lengthCodes
      lengthQuantizer.append(to: &tail)
    }
    try file.write(tail)
  }
}

/// The codes of all rows, which `fill` puts into room for one.
private func encoded(
  rows: Int, _ quantizer: ProductQuantizer, jobs: Int,
  _ fill: (_ row: Int, _ room: UnsafeMutablePointer<Float>) -> Void
) -> [UInt8] {
  let batch = 1024
  let level = quipu_training_best()
  let parts = inParallel(jobs) { job in
    let range = rows * job / jobs..<rows * (job + 1) / jobs
    var codes = [UInt8](repeating: 0, count: range.count * quantizer.parts)
    let room = Room<Float>(batch * quantizer.dim)
    unsafe codes.withUnsafeMutableBufferPointer { codes in
      guard let base = codes.baseAddress else { return }
      for first in stride(from: 0, to: range.count, by: batch) {
        let count = min(batch, range.count - first)
        for row in 0..<count {
          unsafe fill(range.lowerBound + first + row, room.start + row * quantizer.dim)
        }
        unsafe quantizer.encode(
          room.start, count: count, to: base + first * quantizer.parts, level: level)
      }
    }
    return codes
  }
  var all: [UInt8] = []
  all.reserveCapacity(rows * quantizer.parts)
  for part in parts { all += part.take() }
  return all
}

extension RowMatrix {
  /// The Euclidean length of a row.
  func length(of number: Int) -> Float {
    let row = unsafe row(number)
    var sum = 0.0
    for column in 0..<dim { unsafe sum += Double(row[column]) * Double(row[column]) }
    return Float(sum.squareRoot())
  }
}
