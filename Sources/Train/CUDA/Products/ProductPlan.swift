internal import CCUDA

/// A product as cuBLASLt describes it, with the algorithm that was chosen.
@safe final class ProductPlan: @unchecked Sendable {
  private let table: quipu_product
  fileprivate(set) var operation: UnsafeMutableRawPointer?
  fileprivate(set) var layouts:
    (
      a: UnsafeMutableRawPointer?, b: UnsafeMutableRawPointer?, d: UnsafeMutableRawPointer?
    )
  let product: Product
  var algorithm = quipu_algorithm()
  var workspace = 0

  /// CUDA's numbers of the types.
  private enum TypeNumber {
    static let f32: CInt = 0
    static let bf16: CInt = 14
  }

  init(_ table: quipu_product, _ product: Product) throws(CUDAError) {
    self.table = table
    self.product = product
    unsafe operation = nil
    unsafe layouts = (nil, nil, nil)
    let sumsInF32: CInt = 68
    try unsafe table.check(
      "cublasLtMatmulDescCreate",
      table.create_operation?(&operation, sumsInF32, TypeNumber.f32))
    for (attribute, transposes) in [(CInt(3), product.transposesA), (4, product.transposesB)] {
      var value: CInt = transposes ? 1 : 0
      try unsafe table.check(
        "cublasLtMatmulDescSetAttribute", table.set_operation?(operation, attribute, &value, 4))
    }
    func layout(
      _ rows: Int, _ columns: Int, _ stride: Int, _ step: Int, isWide: Bool
    ) throws(CUDAError) -> UnsafeMutableRawPointer? {
      var layout: UnsafeMutableRawPointer?
      try unsafe table.check(
        "cublasLtMatrixLayoutCreate",
        table.create_layout?(
          &layout, isWide ? TypeNumber.f32 : TypeNumber.bf16, UInt64(rows), UInt64(columns),
          Int64(stride)))
      guard product.batch > 1 else { return unsafe layout }
      var batch = CInt(product.batch)
      var step = Int64(step)
      try unsafe table.check(
        "cublasLtMatrixLayoutSetAttribute", table.set_layout?(layout, 5, &batch, 4))
      try unsafe table.check(
        "cublasLtMatrixLayoutSetAttribute", table.set_layout?(layout, 6, &step, 8))
      return unsafe layout
    }
    let (m, n, k) = (product.m, product.n, product.k)
    unsafe layouts.a = try layout(
      product.transposesA ? k : m, product.transposesA ? m : k, product.strideA, product.stepA,
      isWide: false)
    unsafe layouts.b = try layout(
      product.transposesB ? n : k, product.transposesB ? k : n, product.strideB, product.stepB,
      isWide: false)
    unsafe layouts.d = try layout(m, n, product.strideD, product.stepD, isWide: product.isWide)
  }

  deinit {
    unsafe _ = operation.map { unsafe table.destroy_operation?($0) }
    unsafe _ = layouts.a.map { unsafe table.destroy_layout?($0) }
    unsafe _ = layouts.b.map { unsafe table.destroy_layout?($0) }
    unsafe _ = layouts.d.map { unsafe table.destroy_layout?($0) }
  }

  /// What proposals may take: a workspace, and matrices no better aligned than ours.
  private func preference(workspace bytes: Int) throws(CUDAError) -> UnsafeMutableRawPointer {
    var preference: UnsafeMutableRawPointer?
    try unsafe table.check(
      "cublasLtMatmulPreferenceCreate", table.create_preference?(&preference))
    guard let preference = unsafe preference else {
      throw CUDAError("cublasLtMatmulPreferenceCreate", "gave nothing")
    }
    var bytes = UInt64(bytes)
    try unsafe table.check(
      "cublasLtMatmulPreferenceSetAttribute", table.set_preference?(preference, 1, &bytes, 8))
    for attribute in CInt(5)...8 {
      var alignment = UInt32(product.alignment)
      try unsafe table.check(
        "cublasLtMatmulPreferenceSetAttribute",
        table.set_preference?(preference, attribute, &alignment, 4))
    }
    return unsafe preference
  }

  /// Makes all descriptors of the product, which needs no device.
  func describe() throws(CUDAError) {
    unsafe _ = table.destroy_preference?(try preference(workspace: 1 << 20))
  }

  /// The library's proposals that fit the workspace, best first by its estimate.
  func proposals(
    _ handle: UnsafeMutableRawPointer, most: Int, workspace bytes: Int
  ) throws(CUDAError) -> [quipu_proposal] {
    let preference = unsafe try preference(workspace: bytes)
    defer { unsafe _ = table.destroy_preference?(preference) }
    var proposals = [quipu_proposal](repeating: quipu_proposal(), count: most)
    var count: CInt = 0
    try unsafe table.check(
      "cublasLtMatmulAlgoGetHeuristic",
      table.propose?(
        handle, operation, layouts.a, layouts.b, layouts.d, layouts.d, preference, CInt(most),
        &proposals, &count))
    return proposals.prefix(Int(count)).filter { $0.status == 0 }
  }

  /// Gives the product to a stream; `d` is read too where the product adds.
  func run(
    _ handle: UnsafeMutableRawPointer, a: UInt64, b: UInt64, d: UInt64,
    with algorithm: quipu_algorithm, workspace room: UInt64, bytes: Int, on stream: CUDAStream
  ) throws(CUDAError) {
    var one: Float = 1
    var beta: Float = product.adding ? 1 : 0
    var algorithm = algorithm
    func pointer(_ address: UInt64) -> UnsafeMutableRawPointer? {
      unsafe UnsafeMutableRawPointer(bitPattern: UInt(address))
    }
    try unsafe table.check(
      "cublasLtMatmul",
      table.multiply?(
        handle, operation, &one, pointer(a), layouts.a, pointer(b), layouts.b, &beta, pointer(d),
        layouts.d, pointer(d), layouts.d, &algorithm, pointer(room), bytes, stream.handle))
  }
}

extension quipu_product {
  func check(_ call: StaticString, _ code: CInt?) throws(CUDAError) {
    if code == 0 { return }
    guard let code else { throw CUDAError("\(call)", "this cuBLASLt does not have it") }
    let names: [Int: String] = [
      1: "not initialised", 3: "no memory", 7: "a value is invalid", 8: "this GPU cannot do it",
      13: "it could not be carried out", 14: "an internal error", 15: "it is not supported",
    ]
    throw CUDAError("\(call)", code: Int(code), names[Int(code)] ?? "status \(code)")
  }
}

extension CUDALibraries {
  /// Describes a product to cuBLASLt without carrying it out, which needs no device.
  ///
  /// - Throws: Where the library does not take a descriptor.
  package func describe(_ product: Product) throws(CUDAError) {
    guard let table = self.product else { throw refusal(of: .product) }
    try ProductPlan(table, product).describe()
  }
}
