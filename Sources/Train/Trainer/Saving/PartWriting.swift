import Compute
import Glibc
import Ground
import Llama

/// A part of a checkpoint as its record names it.
struct PartMark: Equatable, Sendable {
  /// The file, beside the record.
  var name: String
  var bytes: Int
  var hash: Hash128

  /// Checks that the file in `folder` is the one that was saved.
  func check(in folder: String) throws(Fault) {
    let path = "\(folder)/\(name)"
    let size = Int(try fileSize(path))
    guard size == bytes else { throw Fault(path, at: 0, .truncated(expected: bytes, found: size)) }
    guard try xxh3Wide(file: path) == hash else {
      throw Fault(path, at: 0, .malformed("the content is not what was saved"))
    }
  }

  /// Numbers that another rank can rebuild size and hash from; exact below 2⁵³ bytes.
  var numbers: [Double] {
    [Double(bytes)]
      + [hash.high >> 32, hash.high & 0xffff_ffff, hash.low >> 32, hash.low & 0xffff_ffff]
      .map { Double($0) }
  }

  static let numberCount = 5

  init(name: String, numbers: ArraySlice<Double>) {
    let parts = numbers.dropFirst().map { UInt64($0) }
    precondition(parts.count == 4, "a mark of \(numbers.count) numbers")
    self.init(
      name: name, bytes: numbers.first.map { Int($0) } ?? 0,
      hash: Hash128(high: parts[0] << 32 | parts[1], low: parts[2] << 32 | parts[3]))
  }

  init(name: String, bytes: Int, hash: Hash128) {
    self.name = name
    self.bytes = bytes
    self.hash = hash
  }
}

/// Writes pieces into a file and reads it back from the disk to compare it with them.
func writePart(_ pieces: [TensorPiece], to path: String) throws(Fault) -> PartMark {
  let tensors = pieces.map(\.stored)
  try writeSafetensors(tensors, as: .f32, to: path)
  try dropFromCache(path)
  try compare(path, with: tensors)  // which lets its map go before the next
  return PartMark(
    name: fileName(of: path), bytes: Int(try fileSize(path)), hash: try xxh3Wide(file: path))
}

/// Throws where a file does not hold just these tensors.
private func compare(_ path: String, with tensors: [TensorToStore]) throws(Fault) {
  let file = try SafetensorsFile(path: path)
  guard file.tensors.count == tensors.count else {
    throw Fault(
      path, at: 8,
      .malformed("\(file.tensors.count) tensors were read back of \(tensors.count) written"))
  }
  for (stored, tensor) in zip(file.tensors, tensors) {
    guard stored.name == tensor.name, stored.shape == tensor.shape, stored.type == .f32 else {
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
}

/// Asks the system to forget a synced file, so that it is read from the disk and not from memory.
private func dropFromCache(_ path: String) throws(Fault) {
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .system("open", path) }
  posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
  close(descriptor)
}
