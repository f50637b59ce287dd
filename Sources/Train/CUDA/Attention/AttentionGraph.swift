internal import Compute

// Shape suffixes as with `AttentionShape`: B sequences, Q queries, K keys, N heads, M key-value
// heads, D channels of a head. cuDNN orders them B, N, Q, D; strides make that a view of our rows.

/// A tensor of a graph.
///
/// Virtual ones exist only inside the fused kernel.
struct GraphTensor {
  let descriptor: Descriptor
  let uid: Int64
}

/// cuDNN's graph of causal attention, operation by operation, as its fused kernels are recognised by.
///
/// - SeeAlso: cuDNN's documentation, "Graph API", scaled dot-product attention.
final class AttentionGraph {
  enum Types: CInt { case f32 = 0, int32 = 4, bf16 = 9, bool = 11 }

  enum Mode: CInt {
    case add = 0, multiply = 1, divide = 6, subtract = 9, exponential = 13, logarithm = 15
    case identity = 21, isAtLeast = 303, index = 501, select = 601
  }

  enum Reduction: CInt { case sum = 0, maximum = 3 }

  let cudnn: CuDNN
  let shape: AttentionShape
  private var tensors = 0
  /// Everything that was made: operations refer to it.
  private(set) var made: [Descriptor] = []
  private(set) var operations: [Descriptor] = []
  /// What the caller binds: addresses by name, in the order they were made.
  private(set) var bound: [(name: AttentionOperand, uid: Int64)] = []
  /// Numbers that the graph reads from the host.
  private(set) var constants: [(value: Float, uid: Int64)] = []

  init(_ cudnn: CuDNN, _ shape: AttentionShape) {
    self.cudnn = cudnn
    self.shape = shape
  }

  /// Makes a tensor.
  ///
  /// - Parameters:
  ///   - sizes: Four.
  ///   - strides: In elements.
  ///   - type: Of an element.
  ///   - operand: What the caller binds to it; nil for one that exists only in the kernel.
  ///   - isConstant: True for a number that is read from the host.
  /// - Returns: The tensor, numbered.
  /// - Throws: Where cuDNN does not take it.
  func tensor(
    _ sizes: [Int], _ strides: [Int], _ type: Types, _ operand: AttentionOperand? = nil,
    isConstant: Bool = false
  ) throws(CUDAError) -> GraphTensor {
    tensors += 1
    let uid = Int64(tensors)
    let tensor = try make(.tensor)
    try tensor.set(901, .dataType, [type.rawValue])
    try tensor.set(902, .int64, sizes.map { Int64($0) })
    try tensor.set(903, .int64, strides.map { Int64($0) })
    try tensor.set(906, .int64, [uid])
    try tensor.set(900, .int64, [Int64(16)])  // bytes of alignment
    try tensor.set(907, .bool, [UInt8(operand == nil && !isConstant ? 1 : 0)])
    try tensor.set(908, .bool, [UInt8(isConstant ? 1 : 0)])
    try tensor.finalise()
    if let operand { bound.append((operand, uid)) }
    return GraphTensor(descriptor: tensor, uid: uid)
  }

  func constant(_ value: Float) throws(CUDAError) -> GraphTensor {
    let made = try tensor([1, 1, 1, 1], [1, 1, 1, 1], .f32, isConstant: true)
    constants.append((value, made.uid))
    return made
  }

  /// Scores of every query and key.
  func scores(_ type: Types = .f32) throws(CUDAError) -> GraphTensor {
    let (B, N, Q, K) = (shape.B, shape.N, shape.Q, shape.K)
    return try tensor([B, N, Q, K], [N * Q * K, Q * K, K, 1], type)
  }

  func transposedScores() throws(CUDAError) -> GraphTensor {
    let (B, N, Q, K) = (shape.B, shape.N, shape.Q, shape.K)
    return try tensor([B, N, K, Q], [N * Q * K, Q * K, 1, K], .bf16)
  }

  /// A number for every query and head.
  func row(_ operand: AttentionOperand? = nil) throws(CUDAError) -> GraphTensor {
    let (B, N, Q) = (shape.B, shape.N, shape.Q)
    return try tensor([B, N, Q, 1], [N * Q, Q, 1, 1], .f32, operand)
  }

  /// Queries, or what has their layout.
  func queries(_ operand: AttentionOperand) throws(CUDAError) -> GraphTensor {
    let (B, N, Q, D, stride) = (shape.B, shape.N, shape.Q, shape.D, shape.queryStride)
    return try tensor([B, N, Q, D], [Q * stride, D, stride, 1], .bf16, operand)
  }

  /// Outputs, or what has their layout: rows of N · D.
  func outputs(_ operand: AttentionOperand) throws(CUDAError) -> GraphTensor {
    let (B, N, Q, D) = (shape.B, shape.N, shape.Q, shape.D)
    return try tensor([B, N, Q, D], [Q * N * D, D, N * D, 1], .bf16, operand)
  }

  func keys(_ operand: AttentionOperand?) throws(CUDAError) -> GraphTensor {
    let (B, M, K, D, stride) = (shape.B, shape.M, shape.K, shape.D, shape.keyStride)
    return try tensor([B, M, K, D], [K * stride, D, stride, 1], .bf16, operand)
  }

  func transposedKeys(_ operand: AttentionOperand) throws(CUDAError) -> GraphTensor {
    let (B, M, K, D, stride) = (shape.B, shape.M, shape.K, shape.D, shape.keyStride)
    return try tensor([B, M, D, K], [K * stride, D, 1, stride], .bf16, operand)
  }

  /// Rows of queries, packed, that only the kernel or its workspace has.
  func packedQueries(
    _ type: Types, _ operand: AttentionOperand? = nil
  ) throws(CUDAError) -> GraphTensor {
    let (B, N, Q, D) = (shape.B, shape.N, shape.Q, shape.D)
    return try tensor([B, N, Q, D], [N * Q * D, Q * D, D, 1], type, operand)
  }

  func multiply(_ a: GraphTensor, _ b: GraphTensor, to c: GraphTensor) throws(CUDAError) {
    let product = try make(.product)
    try product.set(1500, .dataType, [Types.f32.rawValue])
    try product.finalise()
    let operation = try make(.productOperation)
    try operation.set(1520, to: [a.descriptor])
    try operation.set(1521, to: [b.descriptor])
    try operation.set(1522, to: [c.descriptor])
    try operation.set(1523, to: [product])
    try add(operation)
  }

  /// Adds an operation on each element.
  ///
  /// - Parameters:
  ///   - mode: What is done with each element.
  ///   - x: First operand.
  ///   - other: Second operand.
  ///   - mask: Of `select`.
  ///   - y: Receives the elements.
  ///   - type: That it is computed in.
  ///   - axis: Of `index`.
  /// - Throws: Where cuDNN does not take it.
  func pointwise(
    _ mode: Mode, _ x: GraphTensor, _ other: GraphTensor? = nil, mask: GraphTensor? = nil,
    to y: GraphTensor, in type: Types = .f32, axis: Int? = nil
  ) throws(CUDAError) {
    let pointwise = try make(.pointwise)
    try pointwise.set(0, .pointwiseMode, [mode.rawValue])
    try pointwise.set(1, .dataType, [type.rawValue])
    if let axis { try pointwise.set(9, .int64, [Int64(axis)]) }
    try pointwise.finalise("\(mode)")
    let operation = try make(.pointwiseOperation)
    try operation.set(750, to: [pointwise])
    try operation.set(751, to: [x.descriptor])
    try operation.set(753, to: [y.descriptor])
    if let other { try operation.set(752, to: [other.descriptor]) }
    if let mask { try operation.set(758, to: [mask.descriptor]) }
    try add(operation)
  }

  func reduce(_ kind: Reduction, _ x: GraphTensor, to y: GraphTensor) throws(CUDAError) {
    let reduction = try make(.reduction)
    try reduction.set(1600, .reductionOperator, [kind.rawValue])
    try reduction.set(1601, .dataType, [Types.f32.rawValue])
    try reduction.finalise()
    let operation = try make(.reductionOperation)
    try operation.set(1610, to: [x.descriptor])
    try operation.set(1611, to: [y.descriptor])
    try operation.set(1612, to: [reduction])
    try add(operation)
  }

  func reshape(_ x: GraphTensor, to y: GraphTensor) throws(CUDAError) {
    let operation = try make(.reshapeOperation)
    try operation.set(2200, to: [x.descriptor])
    try operation.set(2201, to: [y.descriptor])
    try add(operation)
  }

  private func make(_ kind: DescriptorKind) throws(CUDAError) -> Descriptor {
    let descriptor = try cudnn.make(kind)
    made.append(descriptor)
    return descriptor
  }

  private func add(_ operation: Descriptor) throws(CUDAError) {
    try operation.finalise("number \(operations.count)")
    operations.append(operation)
  }
}
