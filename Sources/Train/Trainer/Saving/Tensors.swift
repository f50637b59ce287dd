import Compute
import Glibc
import Ground
import Llama

/// The tensors of one flat buffer, named for a file.
func named(
  _ tensors: [NamedTensor], of buffer: View<Float>, prefix: String = ""
) -> [TensorToStore] {
  tensors.map {
    TensorToStore(name: prefix + $0.name, shape: $0.shape, values: buffer.part($0.range))
  }
}

/// Writes tensors as f32 and reads the file back to compare it with them.
///
/// - Returns: The file's size in bytes, and its hash.
func writeVerified(
  _ tensors: [TensorToStore], to path: String
) throws(Fault) -> (bytes: Int, hash: Hash128) {
  try writeSafetensors(tensors, as: .f32, to: path)
  let file = try SafetensorsFile(path: path)
  for tensor in tensors {
    guard let stored = file[tensor.name], stored.shape == tensor.shape, stored.type == .f32 else {
      throw Fault(path, at: 8, .malformed("\(tensor.name) was not read back"))
    }
    let isSame = unsafe file.withBytes(of: stored) { bytes in
      unsafe tensor.values.withElements { elements in
        guard let read = bytes.baseAddress, let kept = elements.baseAddress else { return true }
        return unsafe memcmp(read, kept, bytes.count) == 0
      }
    }
    guard isSame else {
      throw Fault(
        path, at: UInt64(stored.range.lowerBound),
        .malformed("\(tensor.name) read back differs from what was written"))
    }
  }
  return (Int(try fileSize(path)), try xxh3Wide(file: path))
}

/// Reads tensors of a file into the views of those that would be stored.
func read(_ tensors: [TensorToStore], from path: String) throws(Fault) {
  let file = try SafetensorsFile(path: path)
  for tensor in tensors {
    try file.read(tensor.name, shape: tensor.shape, into: tensor.values)
  }
}
