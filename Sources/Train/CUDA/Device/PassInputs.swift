internal import CCUDA

/// What the operations of a pass read of the host, such as tokens and targets, on its way there.
///
/// One by one, each goes through staging. For a recorded pass each has a place that is the same in
/// every repetition: the host writes them all, one copy brings them to the device, then the recording
/// is launched. Two regions of the host take turns, so that one is written while the device may still
/// read the other.
@safe final class PassInputs: @unchecked Sendable {
  private let stream: CUDAStream
  private let staging: Staging
  private let regions: [PinnedRegion]
  private let sent: [CUDAEvent]
  private let room: CUDABlock
  private var turn = 0
  private var next = 0
  private var hasPlaces = false

  /// Bytes of the places of a pass, at most.
  static let bytes = 8 << 20

  init(_ stream: CUDAStream, _ staging: Staging) throws(CUDAError) {
    self.stream = stream
    self.staging = staging
    regions = [
      try PinnedRegion(stream.device, bytes: Self.bytes),
      try PinnedRegion(stream.device, bytes: Self.bytes),
    ]
    sent = [try CUDAEvent(stream.device), try CUDAEvent(stream.device)]
    room = try CUDABlock(stream.device, count: Self.bytes / 4, format: .f32)
  }

  /// From now on, what is taken has its places, from the first on.
  func beginPlaces() throws(CUDAError) {
    turn = 1 - turn
    try sent[turn].wait()
    next = 0
    hasPlaces = true
  }

  /// Gives the copy of all places to the stream; what is taken later goes through staging again.
  func sendPlaces() throws(CUDAError) {
    hasPlaces = false
    try unsafe stream.upload(next, from: regions[turn].start, to: room.address)
    try sent[turn].record(on: stream)
  }

  func endPlaces() { hasPlaces = false }

  /// Brings numbers to the device and gives their address there, which holds for the pass.
  func upload<Number: BitwiseCopyable>(_ numbers: Span<Number>) throws(CUDAError) -> UInt64 {
    guard hasPlaces else { return try staging.upload(numbers) }
    let place = place(numbers.count * MemoryLayout<Number>.stride)
    unsafe numbers.withUnsafeBytes { source in
      guard let start = source.baseAddress else { return }
      unsafe (regions[turn].start + place).copyMemory(from: start, byteCount: source.count)
    }
    return room.address + UInt64(place)
  }

  /// Room on the device for results of a pass.
  func room(_ bytes: Int) throws(CUDAError) -> UInt64 {
    guard hasPlaces else { return unsafe try staging.take(bytes).device }
    return room.address + UInt64(place(bytes))
  }

  private func place(_ count: Int) -> Int {
    let place = next
    next += (count + 255) / 256 * 256
    precondition(next <= Self.bytes, "a pass with \(next) bytes of inputs")
    return place
  }
}
