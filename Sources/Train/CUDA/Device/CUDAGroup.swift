internal import CCUDA

/// The ranks that exchange numbers between their GPUs, by NCCL.
@safe package final class CUDAGroup: @unchecked Sendable {
  private let table: quipu_collective
  private let group: UnsafeMutableRawPointer
  private let stream: CUDAStream

  /// A group of this rank alone.
  package init(alone stream: CUDAStream) throws(CUDAError) {
    guard let table = stream.device.libraries.collective else {
      throw stream.device.libraries.refusal(of: .collective)
    }
    self.table = table
    self.stream = stream
    var id = quipu_group_id()
    try unsafe table.check("ncclGetUniqueId", table.create_id?(&id))
    var group: UnsafeMutableRawPointer?
    try unsafe table.check("ncclCommInitRank", table.join?(&group, 1, id, 0))
    guard let group = unsafe group else { throw CUDAError("ncclCommInitRank", "gave no group") }
    unsafe self.group = unsafe group
  }

  deinit { unsafe _ = table.leave?(group) }

  /// The sum of all ranks' numbers of f32, to each rank.
  package func sum(_ numbers: CUDAMemory, into sums: CUDAMemory) throws(CUDAError) {
    precondition(
      numbers.format == .f32 && sums.format == .f32 && numbers.count == sums.count,
      "\(numbers.count) numbers into \(sums.count)")
    let float: CInt = 7, addition: CInt = 0
    try unsafe table.check(
      "ncclAllReduce",
      table.all_reduce?(
        UnsafeRawPointer(bitPattern: UInt(numbers.address)),
        UnsafeMutableRawPointer(bitPattern: UInt(sums.address)), numbers.count, float, addition,
        group, stream.handle))
  }
}

extension quipu_collective {
  fileprivate func check(_ call: StaticString, _ code: CInt?) throws(CUDAError) {
    if code == 0 { return }
    guard let code else { throw CUDAError("\(call)", "this NCCL does not have it") }
    let words = unsafe error_text?(code).map { unsafe String(cString: $0) }
    throw CUDAError("\(call)", code: Int(code), words ?? "unknown")
  }
}
