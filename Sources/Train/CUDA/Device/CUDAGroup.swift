internal import CCUDA
package import Compute
package import Ground
package import Ranks
internal import Synchronization

/// One rank's end of a communicator of NCCL.
///
/// Collectives are given to a stream, always the same one, and carried out there; every rank makes the
/// same calls in the same order. NCCL destroys a group once all of its ranks on this machine have let
/// go of it.
@safe package final class CUDAGroup: @unchecked Sendable {
  package let rank: Int
  package let ranks: Int
  /// The same ranks by their hosts, who say where one is lost.
  private let members: any Communicator<View<Float>>
  private let device: CUDADevice
  private let table: quipu_collective
  /// NCCL's handle as a number; 0 once the group was given up.
  private let handle: Mutex<UInt>

  /// A group of the members, all of which call it.
  ///
  /// - Parameters:
  ///   - device: This rank's, and no other's.
  ///   - members: They tell each other how to meet.
  /// - Throws: `Fault`, on all ranks, where one has no NCCL or cannot reach the others.
  package init(
    _ device: CUDADevice, _ members: any Communicator<View<Float>>
  ) throws(Fault) {
    self.members = members
    self.device = device
    (rank, ranks) = (members.rank, members.ranks)
    table = try members.sharing { () throws(CUDAError) in
      guard let table = device.libraries.collective else {
        throw device.libraries.refusal(of: .collective)
      }
      try device.makeCurrent()
      return table
    }
    let table = table, identity = try Self.identity(table, members)
    handle = Mutex(
      try members.sharing { () throws(CUDAError) in
        var made: UnsafeMutableRawPointer?
        try unsafe table.check(
          "ncclCommInitRank",
          table.join?(&made, CInt(members.ranks), identity, CInt(members.rank)))
        return UInt(bitPattern: made)
      })
  }

  private init(
    part handle: UInt, of group: CUDAGroup, _ members: any Communicator<View<Float>>
  ) {
    self.handle = Mutex(handle)
    self.members = members
    (rank, ranks) = (members.rank, members.ranks)
    (device, table) = (group.device, group.table)
  }

  deinit {
    let handle = handle.withLock { $0 }
    if handle == 0 { return }
    let pointer = unsafe UnsafeMutableRawPointer(bitPattern: handle)
    if members.failure == nil {
      unsafe _ = table.leave?(pointer)
    } else {
      unsafe _ = table.abort?(pointer)
    }
  }

  /// What all ranks tell NCCL to meet: rank 0 makes it, the hosts carry it, four bytes a number.
  private static func identity(
    _ table: quipu_collective, _ members: any Communicator<View<Float>>
  ) throws(Fault) -> quipu_group_id {
    var identity = quipu_group_id()
    if members.rank == 0 {
      try members.sharing { () throws(CUDAError) in
        try unsafe table.check("ncclGetUniqueId", table.create_id?(&identity))
      }
    }
    let words = unsafe withUnsafeBytes(of: &identity) { bytes in
      stride(from: 0, to: bytes.count, by: 4).map { place in
        unsafe Double(bytes.load(fromByteOffset: place, as: UInt32.self))
      }
    }
    let all = try members.sum(words)
    unsafe withUnsafeMutableBytes(of: &identity) { bytes in
      for (number, word) in all.enumerated() {
        unsafe bytes.storeBytes(of: UInt32(word), toByteOffset: 4 * number, as: UInt32.self)
      }
    }
    return identity
  }

  /// The group of the ranks that give the same colour, in their order here.
  ///
  /// - Parameters:
  ///   - color: From 0 on.
  ///   - part: The members of this rank's colour, as their hosts have split.
  /// - Returns: Nil for a rank that is alone in its colour.
  /// - Throws: `Fault` where NCCL fails or a rank is lost.
  package func split(
    color: Int, _ part: any Communicator<View<Float>>
  ) throws(Fault) -> CUDAGroup? {
    guard unsafe table.split != nil else {  // before NCCL 2.18
      return part.ranks == 1 ? nil : try CUDAGroup(device, part)
    }
    let nobody = -1
    precondition(color >= 0 && color <= Int(Int32.max), "the colour \(color)")
    let made = try members.sharing { () throws(CUDAError) in
      var made: UnsafeMutableRawPointer?
      try unsafe call("ncclCommSplit") { group in
        unsafe table.split?(
          group, CInt(part.ranks == 1 ? nobody : color), CInt(rank), &made, nil)
      }
      return UInt(bitPattern: made)
    }
    return made == 0 ? nil : CUDAGroup(part: made, of: self, part)
  }

  // MARK: Ranks that are lost

  package var isAborted: Bool { handle.withLock { $0 == 0 } }

  /// Ends what is under way and frees the group; the other ranks' wait for it does not end by that.
  package func abort() {
    handle.withLock { handle in
      if handle == 0 { return }
      unsafe _ = table.abort?(UnsafeMutableRawPointer(bitPattern: handle))
      handle = 0
    }
  }

  /// Gives the group up where the hosts say that the run has failed, or NCCL says so; then the hosts
  /// are told.
  func look() {
    if members.failure != nil { return abort() }
    let isUnderWay: CInt = 7
    var code: CInt = 0
    let asked = handle.withLock { handle -> CInt? in
      handle == 0
        ? 0
        : unsafe table.async_error?(UnsafeMutableRawPointer(bitPattern: handle), &code)
    }
    do throws(CUDAError) {
      try table.check("ncclCommGetAsyncError", asked)
      if code != isUnderWay { try table.check("a collective of NCCL", code) }
    } catch {
      members.abort(Fault(error, rank: rank))
      abort()
    }
  }

  /// Carries out calls of the group, and makes what they throw the fault of all ranks.
  package func sharing<Result>(
    _ work: () throws(CUDAError) -> Result
  ) throws(Fault) -> Result {
    if let fault = members.failure {
      abort()
      throw fault
    }
    do throws(CUDAError) {
      try device.makeCurrent()
      return try work()
    } catch {
      let fault = Fault(error, rank: rank)
      members.abort(fault)
      abort()
      throw fault
    }
  }

  func call(
    _ name: StaticString, _ work: (UnsafeMutableRawPointer?) -> CInt?
  ) throws(CUDAError) {
    let code = try handle.withLock { handle throws(CUDAError) -> CInt? in
      if handle == 0 { throw CUDAError("\(name)", "the group was given up") }
      return unsafe work(UnsafeMutableRawPointer(bitPattern: handle))
    }
    try table.check(name, code)
  }

  /// Makes one of several calls, as sends and receives that wait for one another need.
  package func together(_ work: () throws(CUDAError) -> Void) throws(CUDAError) {
    try table.check("ncclGroupStart", table.group_start?())
    do {
      try work()
    } catch {
      _ = table.group_end?()
      throw error
    }
    try table.check("ncclGroupEnd", table.group_end?())
  }

  var functions: quipu_collective { table }
}

extension Communicator {
  /// Does what concerns this rank's GPU, and makes what it throws the fault of all ranks.
  fileprivate func sharing<Result>(
    _ work: () throws(CUDAError) -> Result
  ) throws(Fault) -> Result {
    do throws(CUDAError) {
      return try work()
    } catch {
      let fault = Fault(error, rank: rank)
      abort(fault)
      throw fault
    }
  }
}

extension Fault {
  init(_ error: CUDAError, rank: Int) {
    self.init("rank \(rank)", at: 0, .unusable("\(error)"))
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
