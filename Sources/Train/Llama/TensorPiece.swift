/// A tensor of a checkpoint's file as a part of one of ours: the whole, or a cut by rows or columns.
///
/// Gains count as one row.
struct TensorPiece: Sendable {
  /// As in the file.
  let name: String
  /// As in the file.
  let shape: [Int]
  /// Of our tensor.
  let columns: Range<Int>
  /// The row of our tensor that a row of the piece is.
  let row: @Sendable (Int) -> Int

  var rows: Int { shape.count > 1 ? shape[0] : 1 }

  /// All of a tensor, under its own name.
  init(whole tensor: NamedTensor) {
    self.init(name: tensor.name, shape: tensor.shape, columns: 0..<(tensor.shape.last ?? 1)) { $0 }
  }

  init(
    name: String, shape: [Int], columns: Range<Int>, row: @escaping @Sendable (Int) -> Int
  ) {
    self.name = name
    self.shape = shape
    self.columns = columns
    self.row = row
  }
}

extension NamedTensor {
  /// The block that is here, where a gain is one row.
  var block: (rows: Range<Int>, columns: Range<Int>) {
    shape.count > 1 ? (rows, columns) : (0..<1, rows)
  }
}
