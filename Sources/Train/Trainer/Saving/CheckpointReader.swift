import Compute
public import Ground
import Llama

/// The tensors of a checkpoint, whatever cut it was saved with, for any other cut.
///
/// The parts are mapped; only what is asked for is read.
public final class CheckpointReader: Sendable {
  private struct Stored {
    let region: TensorRegion
    let file: Int
    let tensor: StoredTensor
  }

  private let files: [SafetensorsFile]
  private let stored: [String: [Stored]]
  /// Names in the order of files and bytes.
  private let names: [String]

  /// Opens the parts of a checkpoint.
  ///
  /// - Throws: `Fault` where one is no safetensors file of pieces.
  init(parts: [String]) throws(Fault) {
    var files: [SafetensorsFile] = []
    var stored: [String: [Stored]] = [:]
    var names: [String] = []
    for (number, path) in parts.enumerated() {
      let file = try SafetensorsFile(path: path)
      for tensor in file.tensors {
        guard tensor.type == .f32, let (name, region) = TensorRegion.parse(tensor) else {
          throw Fault(
            path, at: UInt64(tensor.range.lowerBound),
            .malformed("\(tensor.name) is no piece of a tensor in f32"))
        }
        if let first = stored[name]?.first, first.region.shape != region.shape {
          throw Fault(
            path, at: UInt64(tensor.range.lowerBound),
            .malformed("\(name) is \(region.shape) here and \(first.region.shape) elsewhere"))
        }
        if stored[name] == nil { names.append(name) }
        stored[name, default: []].append(Stored(region: region, file: number, tensor: tensor))
      }
      files.append(file)
    }
    self.files = files
    self.stored = stored
    self.names = names
  }

  /// Fills the values of pieces.
  ///
  /// - Throws: `Fault` where a tensor is missing, in whole or in part, or has another shape.
  public func read(_ wanted: [TensorPiece]) throws(Fault) {
    for piece in wanted {
      guard let found = stored[piece.name], let first = found.first else {
        throw fault("no tensor \(piece.name)")
      }
      guard first.region.shape == piece.region.shape else {
        throw fault("\(piece.name) is \(first.region.shape), not \(piece.region.shape)")
      }
      var count = 0
      for part in found { count += copy(part, to: piece) }
      guard count == piece.values.count else {
        throw fault("of \(piece.name), \(count) of \(piece.values.count) elements are there")
      }
    }
  }

  /// Copies what `part` has of the piece; gives the number of elements.
  private func copy(_ part: Stored, to piece: TensorPiece) -> Int {
    let size = MemoryLayout<Float>.size
    var copied = 0
    unsafe files[part.file].withBytes(of: part.tensor) { bytes in
      unsafe piece.values.withElements { elements in
        let target = UnsafeMutableRawBufferPointer(elements)
        piece.region.forEachRun(sharedWith: part.region) { start, from, count in
          let source = unsafe UnsafeRawBufferPointer(
            rebasing: bytes[from * size..<(from + count) * size])
          unsafe UnsafeMutableRawBufferPointer(
            rebasing: target[start * size..<(start + count) * size]
          ).copyMemory(from: source)
          copied += count
        }
      }
    }
    return copied
  }

  /// Checks that the parts have every element of every tensor once.
  ///
  /// - Complexity: O(p²) for the p pieces of a tensor; only headers are read.
  func checkCoverage() throws(Fault) {
    for name in names {
      guard let pieces = stored[name], let first = pieces.first else { continue }
      let whole = first.region.shape.reduce(1, *)
      let count = pieces.reduce(0) { $0 + $1.region.count }
      guard count == whole else {
        throw fault("\(name) has \(whole) elements, and the ranks saved \(count)")
      }
      for (number, piece) in pieces.enumerated() {
        for other in pieces[..<number] {
          var shared = 0
          piece.region.forEachRun(sharedWith: other.region) { shared += $2 }
          guard shared == 0 else {
            throw fault("\(shared) elements of \(name) were saved by two ranks")
          }
        }
      }
    }
  }

  private func fault(_ what: String) -> Fault {
    Fault(files.first?.path ?? "checkpoint", at: 8, .malformed(what))
  }
}
