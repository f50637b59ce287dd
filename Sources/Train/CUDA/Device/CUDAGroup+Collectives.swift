internal import CCUDA

extension CUDAFormat {
  /// NCCL's number of the type.
  fileprivate var collectiveType: CInt { self == .f32 ? 7 : 9 }
}

extension CUDAMemory {
  fileprivate var pointer: UnsafeMutableRawPointer? {
    unsafe UnsafeMutableRawPointer(bitPattern: UInt(address))
  }
}

// Sums are of the memory's format: NCCL rounds those of bf16 after every addition.
extension CUDAGroup {
  private static var sum: CInt { 0 }

  /// Replaces every rank's values by their sum.
  package func allReduce(_ values: CUDAMemory, on stream: CUDAStream) throws(CUDAError) {
    try unsafe call("ncclAllReduce") { group in
      unsafe functions.all_reduce?(
        values.pointer, values.pointer, values.count, values.format.collectiveType, Self.sum,
        group, stream.handle)
    }
  }

  /// Replaces this rank's share of its values by the sum of all ranks' values there.
  package func reduceScatter(_ values: CUDAMemory, on stream: CUDAStream) throws(CUDAError) {
    let mine = share(of: values)
    try unsafe call("ncclReduceScatter") { group in
      unsafe functions.reduce_scatter?(
        values.pointer, mine.pointer, mine.count, values.format.collectiveType, Self.sum, group,
        stream.handle)
    }
  }

  /// Fills in the other ranks' shares with what they have there.
  package func allGather(_ values: CUDAMemory, on stream: CUDAStream) throws(CUDAError) {
    let mine = share(of: values)
    try unsafe call("ncclAllGather") { group in
      unsafe functions.all_gather?(
        mine.pointer, values.pointer, mine.count, values.format.collectiveType, group,
        stream.handle)
    }
  }

  /// Replaces every rank's values by those of `root`.
  package func broadcast(
    _ values: CUDAMemory, from root: Int, on stream: CUDAStream
  ) throws(CUDAError) {
    try unsafe call("ncclBroadcast") { group in
      unsafe functions.broadcast?(
        values.pointer, values.pointer, values.count, values.format.collectiveType, CInt(root),
        group, stream.handle)
    }
  }

  package func send(
    _ values: CUDAMemory, to other: Int, on stream: CUDAStream
  ) throws(CUDAError) {
    try unsafe call("ncclSend") { group in
      unsafe functions.send?(
        values.pointer, values.count, values.format.collectiveType, CInt(other), group,
        stream.handle)
    }
  }

  package func receive(
    _ values: CUDAMemory, from other: Int, on stream: CUDAStream
  ) throws(CUDAError) {
    try unsafe call("ncclRecv") { group in
      unsafe functions.receive?(
        values.pointer, values.count, values.format.collectiveType, CInt(other), group,
        stream.handle)
    }
  }

  /// This rank's share: NCCL's are equal.
  package func share(of values: CUDAMemory) -> CUDAMemory {
    precondition(
      values.count % ranks == 0, "\(values.count) values in equal shares for \(ranks) ranks")
    let count = values.count / ranks
    return values.part(rank * count, count)
  }
}
