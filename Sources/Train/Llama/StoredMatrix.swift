internal import Compute
internal import Ground

/// A tensor in a mapped file: rows and columns by strides.
struct StoredMatrix: Sendable {
  let file: MappedFile
  let type: ElementType
  /// As the file says.
  let shape: [Int]
  /// The first byte of its numbers.
  let start: Int
  /// Elements from one row to the next, and from one column to the next.
  let rowStride, columnStride: Int

  /// - Returns: Nil for tensors of more than two extents.
  init?(file: MappedFile, type: ElementType, shape: [Int], start: Int, strides: [Int]) {
    guard shape.count == strides.count, (1...2).contains(shape.count) else { return nil }
    self.file = file
    self.type = type
    self.shape = shape
    self.start = start
    rowStride = strides.count > 1 ? strides[0] : 0
    columnStride = strides[strides.count - 1]
  }

  /// Reads columns of a row into `target`.
  ///
  /// - Precondition: All of the tensor lies in the file.
  func read(row: Int, columns: Range<Int>, into target: View<Float>) {
    let first = start + (row * rowStride + columns.lowerBound * columnStride) * type.size
    unsafe file.withBytes { bytes in
      unsafe type.load(
        UnsafeRawBufferPointer(rebasing: bytes[first...]), stride: columnStride, into: target)
    }
  }

  /// Reads what `piece` and a block of our tensor have in common.
  func read(
    _ piece: TensorPiece, rows: Range<Int>, columns: Range<Int>, into target: View<Float>
  ) {
    let shared = piece.columns.clamped(to: columns)
    guard !shared.isEmpty else { return }
    let first = shared.lowerBound - piece.columns.lowerBound
    for row in 0..<piece.rows {
      let ours = piece.row(row)
      guard rows.contains(ours) else { continue }
      let place =
        (ours - rows.lowerBound) * columns.count + shared.lowerBound - columns.lowerBound
      read(
        row: row, columns: first..<first + shared.count,
        into: target.part(place, shared.count))
    }
  }
}

/// A checkpoint's file: what it has by name.
protocol TensorSource: Sendable {
  var path: String { get }
  /// In the order of the file.
  var tensorNames: [String] { get }
  /// Where a tensor is; nil where the file has none of that name.
  ///
  /// - Throws: `Fault` where it is not stored as parameters are.
  func matrix(_ name: String) throws(Fault) -> StoredMatrix?
  /// Throws where the bytes of a tensor are not those that were written, if the file can tell.
  func verify(_ name: String) throws(Fault)
}

extension SafetensorsFile: TensorSource {
  var tensorNames: [String] { tensors.map(\.name) }

  func matrix(_ name: String) throws(Fault) -> StoredMatrix? {
    guard let tensor = self[name] else { return nil }
    let strides = tensor.shape.count == 2 ? [tensor.shape[1], 1] : [1]
    guard ElementType.ofParameters.contains(tensor.type),
      let matrix = StoredMatrix(
        file: file, type: tensor.type, shape: tensor.shape, start: tensor.range.lowerBound,
        strides: strides)
    else {
      throw Fault(
        path, at: UInt64(tensor.range.lowerBound),
        .unusable("\(name) is \(tensor.type.rawValue) \(tensor.shape); no parameters of LLaMA"))
    }
    return matrix
  }

  func verify(_ name: String) {}
}
