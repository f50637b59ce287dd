public import Compute
public import Ground
internal import Synchronization

/// What `torch.save` wrote of a dictionary of f32, bf16 or f16 tensors, mapped: a tensor is read when it
/// is asked for.
///
/// The file is a zip of entries stored as they are: `<name>/data.pkl`, the description, and
/// `<name>/data/<key>`, the storages. Nothing in it is executed, and all offsets are checked against
/// the file when it is opened.
///
/// - SeeAlso: PyTorch `torch/serialization.py`, `caffe2/serialize/inline_container.h`.
public final class TorchFile: TensorSource {
  public let path: String
  /// In the order of the dictionary.
  public let tensorNames: [String]
  private let file: MappedFile
  private let tensors: [String: PickledTensor]
  /// By the keys of storages.
  private let storages: [String: ZipEntry]
  /// Keys of storages whose checksum has been found right.
  private let verified = Mutex<Set<String>>([])

  public init(path: String) throws(Fault) {
    self.path = path
    file = try MappedFile(path: path)
    let entries = try zipEntries(of: file)
    let end = "/data.pkl"
    let pickles = entries.filter { $0.name.hasSuffix(end) }
    guard let pickle = pickles.first, pickles.count == 1 else {
      throw Fault(
        path, at: 0, .malformed("no checkpoint of torch: \(pickles.count) entries named data.pkl"))
    }
    let root = pickle.name.dropLast(end.utf8.count)
    var storages: [String: ZipEntry] = [:]
    for entry in entries {
      if entry.name == root + "/byteorder" {
        let order = unsafe file.withBytes { unsafe Array($0[entry.range]) }
        guard order == Array("little".utf8) else {
          throw Fault(
            path, at: UInt64(entry.range.lowerBound), .unusable("the numbers are big-endian"))
        }
      }
      let prefix = "\(root)/data/"
      guard entry.name.hasPrefix(prefix) else { continue }
      storages[String(entry.name.dropFirst(prefix.count))] = entry
    }
    try check(pickle, of: file)
    let bytes = unsafe file.withBytes {
      unsafe Array($0[pickle.range].prefix(PickleReader.limit + 1))
    }
    var reader = try PickleReader(bytes, path: path, base: pickle.range.lowerBound)
    var tensors: [String: PickledTensor] = [:]
    var names: [String] = []
    for (name, tensor) in try reader.read() {
      guard let storage = storages[tensor.key] else {
        throw Fault(
          path, at: UInt64(pickle.range.lowerBound),
          .malformed("\(name) is in storage \(tensor.key), which the file has not"))
      }
      // Elements that the pickle promises, against bytes that are there.
      guard tensor.storageCount <= storage.range.count / tensor.type.size else {
        throw Fault(
          path, at: UInt64(storage.range.lowerBound),
          .malformed(
            "storage \(tensor.key) of \(name) has \(storage.range.count) bytes, "
              + "not \(tensor.storageCount) elements of \(tensor.type.size)"))
      }
      tensors[name] = tensor
      names.append(name)
    }
    self.tensors = tensors
    self.storages = storages
    tensorNames = names
  }

  func matrix(_ name: String) throws(Fault) -> StoredMatrix? {
    guard let tensor = tensors[name], let storage = storages[tensor.key] else { return nil }
    guard
      let matrix = StoredMatrix(
        file: file, type: tensor.type, shape: tensor.shape,
        start: storage.range.lowerBound + tensor.offset * tensor.type.size, strides: tensor.strides)
    else {
      throw Fault(
        path, at: UInt64(storage.range.lowerBound),
        .unusable("\(name) is \(tensor.shape); no parameters of LLaMA"))
    }
    return matrix
  }

  /// Reads a tensor as f32 into `target`, row by row whatever its strides.
  ///
  /// - Throws: `Fault` where the tensor is absent, of another shape or damaged.
  public func read(_ name: String, shape: [Int], into target: View<Float>) throws(Fault) {
    guard let matrix = try matrix(name) else {
      throw Fault(path, at: 0, .malformed("no tensor \(name)"))
    }
    guard matrix.shape == shape else {
      throw Fault(
        path, at: UInt64(matrix.start), .malformed("\(name) is \(matrix.shape), not \(shape)"))
    }
    let rows = shape.count > 1 ? shape[0] : 1, columns = shape[shape.count - 1]
    precondition(rows * columns == target.count, "\(rows * columns) elements into \(target.count)")
    try verify(name)
    for row in 0..<rows {
      matrix.read(row: row, columns: 0..<columns, into: target.part(row * columns, columns))
    }
  }

  func verify(_ name: String) throws(Fault) {
    guard let key = tensors[name]?.key, let storage = storages[key] else { return }
    guard !verified.withLock({ $0.contains(key) }) else { return }
    try check(storage, of: file)
    verified.withLock { _ = $0.insert(key) }
  }
}

/// Throws where the bytes of an entry do not have its checksum.
private func check(_ entry: ZipEntry, of file: MappedFile) throws(Fault) {
  guard entry.checksum != 0 else { return }
  var checksum = Checksum()
  unsafe file.withBytes { bytes in
    unsafe checksum.add(UnsafeRawBufferPointer(rebasing: bytes[entry.range]))
  }
  guard checksum.value == entry.checksum else {
    throw Fault(
      file.path, at: UInt64(entry.range.lowerBound),
      .malformed("\(entry.name) is damaged: its checksum is another"))
  }
}
