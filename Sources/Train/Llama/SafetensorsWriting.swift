public import Compute
import Formats
public import Ground

/// A tensor to be stored: its name, its shape and where its numbers are.
public struct TensorToStore: Sendable {
  public let name: String
  public let shape: [Int]
  public let values: View<Float>

  public init(name: String, shape: [Int], values: View<Float>) {
    precondition(shape.reduce(1, *) == values.count, "\(name): \(values.count) values of \(shape)")
    self.name = name
    self.shape = shape
    self.values = values
  }
}

/// Writes tensors into one safetensors file, in their order, as `.f32`, `.bf16` or `.f16`.
///
/// The file appears whole or not at all. The same tensors give the same bytes.
///
/// - Throws: `Fault` where the file cannot be written, or a number is too large for f16.
public func writeSafetensors(
  _ tensors: [TensorToStore], as type: ElementType, to path: String
) throws(Fault) {
  precondition(ElementType.ofParameters.contains(type), "\(type) is not written")
  var file = try AtomicFile(path: path)
  let header = header(of: tensors, as: type)
  let length = UInt64(header.count)
  try file.write((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) })
  try file.write(header)
  let block = 1 << 15
  var bytes = [UInt8](repeating: 0, count: block * type.size)
  for tensor in tensors {
    for first in stride(from: 0, to: tensor.values.count, by: block) {
      let part = tensor.values.part(first, min(block, tensor.values.count - first))
      guard type.store(part, into: &bytes, at: 0) else {
        throw Fault(
          path, at: 0,
          .unusable("\(tensor.name) has numbers beyond 65,504, f16's largest; bf16 holds them"))
      }
      try file.write(bytes.span.extracting(0..<part.count * type.size))
    }
  }
  try file.commit()
}

/// Writes `model.safetensors` into a folder, or numbered files with an index.
///
/// Files are numbered where all tensors together are larger than `shardBytes`; a tensor is never cut.
///
/// - SeeAlso: huggingface_hub `serialization/_torch.py` for the names.
public func writeShardedSafetensors(
  _ tensors: [TensorToStore], as type: ElementType, to folder: String, shardBytes: Int
) throws(Fault) {
  var shards: [[TensorToStore]] = [[]]
  var filled = 0, total = 0
  for tensor in tensors {
    let bytes = tensor.values.count * type.size
    if filled > 0 && filled + bytes > shardBytes {
      shards.append([])
      filled = 0
    }
    shards[shards.count - 1].append(tensor)
    filled += bytes
    total += bytes
  }
  let indexPath = "\(folder)/model.safetensors.index.json"
  guard shards.count > 1 else {
    // An index of an earlier export would be believed.
    try removeFile(indexPath)
    return try writeSafetensors(tensors, as: type, to: "\(folder)/model.safetensors")
  }
  func name(_ number: Int) -> String {
    func digits(_ number: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, 5 - digits.utf8.count)) + digits
    }
    return "model-\(digits(number + 1))-of-\(digits(shards.count)).safetensors"
  }
  for (number, shard) in shards.enumerated() {
    try writeSafetensors(shard, as: type, to: "\(folder)/\(name(number))")
  }
  var index = JSONWriter()
  index.object { root in
    root.key("metadata")
    root.object { metadata in
      metadata.key("total_size")
      metadata.integer(total)
    }
    root.key("weight_map")
    root.object { map in
      for (number, shard) in shards.enumerated() {
        for tensor in shard {
          map.key(tensor.name)
          map.string(name(number))
        }
      }
    }
  }
  try writeAtomically(index.bytes, to: indexPath)
}

/// The header of a file, padded with spaces so that the data begins at a multiple of 8.
private func header(of tensors: [TensorToStore], as type: ElementType) -> [UInt8] {
  var json = JSONWriter()
  var offset = 0
  json.object { root in
    root.key("__metadata__")
    root.object { metadata in
      // transformers refuses a file that does not say how its tensors are laid out.
      metadata.key("format")
      metadata.string("pt")
    }
    for tensor in tensors {
      root.key(tensor.name)
      root.object { entry in
        entry.key("dtype")
        entry.string(type.rawValue)
        entry.key("shape")
        entry.array { shape in
          for extent in tensor.shape { shape.integer(extent) }
        }
        entry.key("data_offsets")
        entry.array { range in
          range.integer(offset)
          offset += tensor.values.count * type.size
          range.integer(offset)
        }
      }
    }
  }
  let padding = (8 - json.bytes.count % 8) % 8
  return json.bytes + [UInt8](repeating: UInt8(ascii: " "), count: padding)
}
