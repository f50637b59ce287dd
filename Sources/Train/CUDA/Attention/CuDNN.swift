internal import CCUDA

/// cuDNN's descriptors: objects with numbered attributes, which are set, finalised and then only read.
@safe final class CuDNN: @unchecked Sendable {
  let table: quipu_attention
  /// Of this thread's context; nil describes graphs for a device that is not here.
  let handle: UnsafeMutableRawPointer?

  /// - Parameters:
  ///   - libraries: With cuDNN among them.
  ///   - stream: Where graphs are given to; nil only plans.
  /// - Throws: Where cuDNN is missing or does not start.
  init(_ libraries: CUDALibraries, stream: CUDAStream?) throws(CUDAError) {
    guard let table = libraries.attention else {
      throw libraries.refusal(of: .attention)
    }
    self.table = table
    guard let stream else {
      unsafe handle = nil
      return
    }
    var handle: UnsafeMutableRawPointer?
    let code = unsafe table.create?(&handle)
    unsafe self.handle = unsafe handle
    try check("cudnnCreate", code)
    try unsafe check("cudnnSetStream", table.set_stream?(handle, stream.handle))
  }

  deinit { if let handle = unsafe handle { unsafe _ = table.destroy?(handle) } }

  func check(_ call: String, _ code: CInt?) throws(CUDAError) {
    if code == 0 { return }
    guard let code else { throw CUDAError(call, "this cuDNN does not have it") }
    var words = [CChar](repeating: 0, count: 1024)
    unsafe table.last_error?(&words, 1023)
    let bytes = words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    throw CUDAError(call, code: Int(code), String(decoding: bytes, as: UTF8.self))
  }

  func make(_ kind: DescriptorKind) throws(CUDAError) -> Descriptor {
    try Descriptor(self, kind)
  }
}

/// cuDNN's numbers of the descriptors that attention takes.
enum DescriptorKind: CInt {
  case pointwise = 0
  case engineConfiguration = 3
  case heuristics = 4
  case plan = 5
  case pointwiseOperation = 13
  case graph = 15
  case variantPack = 16
  case tensor = 17
  case product = 18
  case productOperation = 19
  case reduction = 21
  case reductionOperation = 22
  case reshapeOperation = 31
  case device = 38
}

/// cuDNN's numbers of the types of attributes.
enum AttributeType: CInt {
  case handle = 0
  case dataType = 1
  case bool = 2
  case int64 = 3
  case pointer = 6
  case heuristicMode = 8
  case pointwiseMode = 14
  case descriptor = 15
  case reductionOperator = 18
  case char = 24
}

/// A descriptor, destroyed with the last reference.
@safe final class Descriptor: @unchecked Sendable {
  private let cudnn: CuDNN
  private let kind: DescriptorKind
  let handle: UnsafeMutableRawPointer

  init(_ cudnn: CuDNN, _ kind: DescriptorKind) throws(CUDAError) {
    self.cudnn = cudnn
    self.kind = kind
    var handle: UnsafeMutableRawPointer?
    try unsafe cudnn.check(
      "cudnnBackendCreateDescriptor", cudnn.table.create_descriptor?(kind.rawValue, &handle))
    guard let handle = unsafe handle else {
      throw CUDAError("cudnnBackendCreateDescriptor", "gave nothing")
    }
    unsafe self.handle = unsafe handle
  }

  deinit { unsafe _ = cudnn.table.destroy_descriptor?(handle) }

  func set<Value: BitwiseCopyable>(
    _ attribute: CInt, _ type: AttributeType, _ values: [Value]
  ) throws(CUDAError) {
    let code = unsafe values.withUnsafeBytes {
      unsafe cudnn.table.set?(
        handle, attribute, type.rawValue, Int64(values.count), $0.baseAddress)
    }
    try cudnn.check("cudnnBackendSetAttribute \(attribute)", code)
  }

  func set(_ attribute: CInt, to descriptors: [Descriptor]) throws(CUDAError) {
    try unsafe set(attribute, .descriptor, descriptors.map { unsafe $0.handle })
  }

  func finalise(_ what: String = "") throws(CUDAError) {
    try unsafe cudnn.check(
      "cudnnBackendFinalize of \(kind)\(what.isEmpty ? "" : " \(what)")",
      cudnn.table.finalise?(handle))
  }

  func number(_ attribute: CInt) throws(CUDAError) -> Int {
    var value: Int64 = 0, count: Int64 = 0
    try unsafe cudnn.check(
      "cudnnBackendGetAttribute \(attribute)",
      cudnn.table.get?(handle, attribute, AttributeType.int64.rawValue, 1, &count, &value))
    return Int(value)
  }

  /// Fills descriptors of `kind` from an attribute, and gives those that were filled.
  func descriptors(_ attribute: CInt, _ kind: DescriptorKind) throws(CUDAError) -> [Descriptor] {
    var count: Int64 = 0
    let type = AttributeType.descriptor.rawValue
    try unsafe cudnn.check(
      "cudnnBackendGetAttribute \(attribute)",
      cudnn.table.get?(handle, attribute, type, 0, &count, nil))
    var made: [Descriptor] = []
    for _ in 0..<max(count, 1) { made.append(try cudnn.make(kind)) }
    var handles = unsafe made.map { unsafe Optional($0.handle) }
    let room = Int64(made.count)
    let code = unsafe handles.withUnsafeMutableBytes {
      unsafe cudnn.table.get?(handle, attribute, type, room, &count, $0.baseAddress)
    }
    try cudnn.check("cudnnBackendGetAttribute \(attribute)", code)
    return Array(made.prefix(Int(count)))
  }
}
