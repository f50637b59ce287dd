public import Compute
import Llama

/// A region of a tensor, and where its numbers are.
///
/// Saved, it is what a rank answers for; read, it is what a rank wants.
public struct TensorPiece: Sendable {
  /// The parameter's name, for moments after `first_moment.` or `second_moment.`.
  public let name: String
  public let region: TensorRegion
  /// The region's elements, in order.
  public let values: View<Float>

  public init(name: String, region: TensorRegion, values: View<Float>) {
    precondition(region.count == values.count, "\(name): \(values.count) values of \(region)")
    self.name = name
    self.region = region
    self.values = values
  }

  /// A piece of a tensor of `shape`, whole but for what the other parameters cut off.
  public init(
    name: String, shape: [Int], rows: Range<Int>? = nil, columns: Range<Int>? = nil,
    elements: Range<Int>? = nil, values: View<Float>
  ) {
    self.init(
      name: name,
      region: TensorRegion(shape: shape, rows: rows, columns: columns, elements: elements),
      values: values)
  }

  /// The tensor under which the piece is stored.
  var stored: TensorToStore {
    TensorToStore(name: name + region.label, shape: region.storedShape, values: values)
  }
}

/// The whole tensors of one flat buffer.
func wholePieces(
  _ tensors: [NamedTensor], of buffer: View<Float>, prefix: String = ""
) -> [TensorPiece] {
  tensors.map {
    TensorPiece(name: prefix + $0.name, shape: $0.shape, values: buffer.part($0.range))
  }
}

extension TensorRegion {
  /// What follows a tensor's name in a file: nothing for a whole tensor, else as in
  /// `[0:64 of 64, 16:32 of 32][100:612]`: rows, columns and, for a run, the block's elements.
  var label: String {
    if isWhole { return "" }
    func part(_ range: Range<Int>, _ extent: Int) -> String {
      "\(range.lowerBound):\(range.upperBound) of \(extent)"
    }
    let block = zip([rows, columns], shape).map { part($0, $1) }.joined(separator: ", ")
    return isBlock ? "[\(block)]" : "[\(block)][\(elements.lowerBound):\(elements.upperBound)]"
  }

  /// The shape in a file: that of the block, or the length of the run.
  var storedShape: [Int] {
    guard isBlock else { return [count] }
    return shape.count == 2 ? [rows.count, columns.count] : [rows.count]
  }

  /// The name and the region of a tensor in a file; nil where the two are at odds.
  static func parse(_ tensor: StoredTensor) -> (name: String, region: TensorRegion)? {
    guard let bracket = tensor.name.utf8.firstIndex(of: UInt8(ascii: "[")) else {
      return TensorRegion(checking: tensor.shape, rows: nil, columns: nil, elements: nil)
        .map { (tensor.name, $0) }
    }
    let label = tensor.name[bracket...]
    let numbers = label.utf8.split { $0 < 0x30 || $0 > 0x39 }.map { Int(Substring($0)) ?? -1 }
    func range(_ place: Int) -> Range<Int>? {
      guard place + 1 < numbers.count, numbers[place] >= 0, numbers[place] <= numbers[place + 1]
      else { return nil }
      return numbers[place]..<numbers[place + 1]
    }
    // A vector has three numbers; a matrix has six, and eight with a run.
    let isVector = numbers.count == 3
    guard isVector || numbers.count == 6 || numbers.count == 8, let rows = range(0),
      let region = TensorRegion(
        checking: isVector ? [numbers[2]] : [numbers[2], numbers[5]], rows: rows,
        columns: isVector ? nil : range(3), elements: range(6)),
      // Whatever else stands between the numbers, or lies outside, shows here.
      region.label == label, region.storedShape == tensor.shape
    else { return nil }
    return (String(tensor.name[..<bracket]), region)
  }
}
