public import Compute
import Formats
public import Ground

/// A tensor as the header of a safetensors file describes it.
public struct StoredTensor: Equatable, Sendable {
  public let name: String
  public let type: ElementType
  public let shape: [Int]
  /// Bytes of the file.
  public let range: Range<Int>

  /// Elements.
  public var count: Int { range.count / type.size }
}

/// A safetensors file, mapped: a tensor is read when it is asked for.
///
/// Layout: a u64, the length of the header; the header, JSON from names to type, shape and byte range,
/// padded with spaces; the tensors, without gaps or overlaps. All of it is checked before anything is
/// read, so that a hostile header ends in a `Fault`.
///
/// - SeeAlso: https://github.com/huggingface/safetensors, "Format".
public final class SafetensorsFile: Sendable {
  /// The limit of the reference implementation, bytes.
  static let longestHeader = 100_000_000

  public let path: String
  /// In the order of their bytes.
  public let tensors: [StoredTensor]
  let file: MappedFile

  public init(path: String) throws(Fault) {
    self.path = path
    file = try MappedFile(path: path)
    let size = file.count
    guard size >= 8 else { throw Fault(path, at: 0, .truncated(expected: 8, found: size)) }
    let length = unsafe file.withBytes { unsafe $0.loadUnaligned(as: UInt64.self).littleEndian }
    guard length <= Self.longestHeader else {
      throw Fault(
        path, at: 0, .malformed("a header of \(length) bytes; at most 100 MB are allowed"))
    }
    let start = 8 + Int(length)
    guard start <= size else {
      throw Fault(path, at: 8, .truncated(expected: start, found: size))
    }
    let header = unsafe file.withBytes { unsafe Array($0[8..<start]) }
    guard header.first == UInt8(ascii: "{") else {
      throw Fault(path, at: 8, .malformed("the header does not begin with {"))
    }
    tensors = try parse(header, of: path, data: start..<size)
  }

  public subscript(name: String) -> StoredTensor? { tensors.first { $0.name == name } }

  /// Hands the bytes of a tensor of this file to `body`; they must not be kept beyond it.
  public func withBytes<Result>(
    of tensor: StoredTensor, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    precondition(tensor.range.upperBound <= file.count, "a tensor of another file")
    return try unsafe file.withBytes { bytes in
      try unsafe body(UnsafeRawBufferPointer(rebasing: bytes[tensor.range]))
    }
  }

  /// Reads a tensor as f32 into `target`: F32 as it is, BF16 and F16 exactly, other types not.
  ///
  /// - Throws: `Fault` where the tensor is absent, or its shape or type is another.
  public func read(
    _ name: String, shape: [Int], into target: View<Float>
  ) throws(Fault) {
    guard let tensor = self[name] else {
      throw Fault(path, at: 8, .malformed("no tensor \(name)"))
    }
    let offset = UInt64(tensor.range.lowerBound)
    guard tensor.shape == shape else {
      throw Fault(path, at: offset, .malformed("\(name) is \(tensor.shape), not \(shape)"))
    }
    precondition(tensor.count == target.count, "\(tensor.count) elements into \(target.count)")
    guard ElementType.ofParameters.contains(tensor.type) else {
      throw Fault(path, at: offset, .unusable("\(name) is stored as \(tensor.type.rawValue)"))
    }
    unsafe withBytes(of: tensor) { unsafe tensor.type.load($0, into: target) }
  }
}

/// The tensors that a header names, checked against the bytes that there are.
private func parse(
  _ header: [UInt8], of path: String, data: Range<Int>
) throws(Fault) -> [StoredTensor] {
  func fault(_ what: String) -> Fault { Fault(path, at: 8, .malformed(what)) }
  let parser = JSONParser()
  let root: JSONNode
  do { root = try parser.parse(header) } catch { throw fault("the header is no JSON: \(error)") }
  var members: [(String, JSONNode)] = []
  root.forEachMember { members.append(($0, $1)) }
  var tensors: [StoredTensor] = []
  for (name, node) in members where name != "__metadata__" {
    guard let type = node["dtype"]?.string.flatMap({ ElementType(rawValue: $0) }) else {
      throw fault("\(name) has no known dtype")
    }
    guard let shape = wholeNumbers(node["shape"]) else { throw fault("\(name) has no shape") }
    guard let offsets = wholeNumbers(node["data_offsets"]), offsets.count == 2 else {
      throw fault("\(name) has no data_offsets")
    }
    guard offsets[0] <= offsets[1], offsets[1] <= data.count else {
      throw fault("\(name) is at \(offsets), beyond the \(data.count) bytes of data")
    }
    var bytes = type.size
    for extent in shape {
      let (product, isTooMuch) = bytes.multipliedReportingOverflow(by: extent)
      guard !isTooMuch else { throw fault("\(name) is \(shape)") }
      bytes = product
    }
    guard bytes == offsets[1] - offsets[0] else {
      throw fault("\(name) is \(type.rawValue) \(shape), but has \(offsets[1] - offsets[0]) bytes")
    }
    let range = data.lowerBound + offsets[0]..<data.lowerBound + offsets[1]
    tensors.append(StoredTensor(name: name, type: type, shape: shape, range: range))
  }
  tensors.sort {
    ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
  }
  var end = data.lowerBound
  for tensor in tensors {
    guard tensor.range.lowerBound == end else {
      throw fault("a gap or an overlap before \(tensor.name)")
    }
    end = tensor.range.upperBound
  }
  guard end == data.upperBound else {
    throw fault("\(data.upperBound - end) bytes after the last tensor")
  }
  guard Set(tensors.map(\.name)).count == tensors.count else { throw fault("a name comes twice") }
  return tensors
}

/// The elements of an array of whole numbers that are not negative; nil for anything else.
private func wholeNumbers(_ node: JSONNode?) -> [Int]? {
  guard let node, node.isArray else { return nil }
  var numbers: [Int] = []
  for element in node.elements {
    guard element.string == nil, let number = element.integer, number >= 0 else { return nil }
    numbers.append(number)
  }
  return numbers
}
