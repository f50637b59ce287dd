internal import Compute
internal import Ground

/// A tensor to be written row by row: each row is a run of parameters.
struct RowsToStore {
  let name: String
  let shape: [Int]
  let row: (Int) -> View<Float>

  var rows: Int { shape.count > 1 ? shape[0] : 1 }
  var count: Int { shape.reduce(1, *) }
}

/// Writes tensors as `torch.save` does a dictionary of them, so that `torch.load` reads it with
/// `weights_only=True` and `mmap=True`.
///
/// The file appears whole or not at all. The same tensors give the same bytes.
///
/// - Throws: `Fault` where the file cannot be written, or a number is too large for f16.
func writeTorch(
  _ tensors: [RowsToStore], as type: ElementType, to path: String
) throws(Fault) {
  precondition(ElementType.ofParameters.contains(type), "\(type) is not written")
  var zip = try ZipWriter(path: path)
  let root = "consolidated"
  try zip.add("\(root)/data.pkl", pickle(of: tensors, as: type))
  try zip.add("\(root)/byteorder", Array("little".utf8))
  var block = [UInt8](repeating: 0, count: 1 << 17)
  for (key, tensor) in tensors.enumerated() {
    try zip.begin("\(root)/data/\(key)", count: tensor.count * type.size)
    for row in 0..<tensor.rows {
      let values = tensor.row(row), most = block.count / type.size
      for first in stride(from: 0, to: values.count, by: most) {
        let part = values.part(first, min(most, values.count - first))
        guard type.store(part, into: &block, at: 0) else {
          throw Fault(
            path, at: 0,
            .unusable("\(tensor.name) has numbers beyond 65,504, f16's largest; bf16 holds them"))
        }
        try zip.write(block.span.extracting(0..<part.count * type.size))
      }
    }
    try zip.end()
  }
  // Of the format: 3 is what torch has written since 1.6.
  try zip.add("\(root)/version", Array("3\n".utf8))
  try zip.finish()
}

/// The description of the tensors, in the operations of pickle's protocol 2.
private func pickle(of tensors: [RowsToStore], as type: ElementType) -> [UInt8] {
  var bytes: [UInt8] = [0x80, 2]
  func text(_ text: String) {
    bytes.append(UInt8(ascii: "X"))
    bytes.append(contentsOf: littleEndian(text.utf8.count, 4))
    bytes.append(contentsOf: text.utf8)
  }
  func integer(_ number: Int) {
    if let small = UInt8(exactly: number) {
      bytes.append(contentsOf: [UInt8(ascii: "K"), small])
    } else if Int32(exactly: number) != nil {
      bytes.append(UInt8(ascii: "J"))
      bytes.append(contentsOf: littleEndian(number, 4))
    } else {
      bytes.append(contentsOf: [0x8a, 8])
      bytes.append(contentsOf: littleEndian(number, 8))
    }
  }
  func operation(_ character: Unicode.Scalar) { bytes.append(UInt8(ascii: character)) }
  func tuple(_ numbers: [Int]) {
    operation("(")
    for number in numbers { integer(number) }
    operation("t")
  }
  let storage =
    switch type {
    case .f32: "FloatStorage"
    case .bf16: "BFloat16Storage"
    default: "HalfStorage"
    }
  operation("}")
  operation("(")
  for (key, tensor) in tensors.enumerated() {
    text(tensor.name)
    bytes.append(contentsOf: "ctorch._utils\n_rebuild_tensor_v2\n((".utf8)
    text("storage")
    bytes.append(contentsOf: "ctorch\n\(storage)\n".utf8)
    text(String(key))
    text("cpu")
    integer(tensor.count)
    bytes.append(contentsOf: "tQ".utf8)
    integer(0)
    tuple(tensor.shape)
    tuple(tensor.shape.count > 1 ? [tensor.shape[1], 1] : [1])
    bytes.append(0x89)  // it does not learn
    bytes.append(contentsOf: "ccollections\nOrderedDict\n)RtR".utf8)
  }
  operation("u")
  operation(".")
  return bytes
}

func littleEndian(_ number: Int, _ size: Int) -> [UInt8] {
  (0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
}
