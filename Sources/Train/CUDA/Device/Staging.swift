internal import CCUDA

/// Pinned memory of the host, which the device copies from and to while both go on, with room of the
/// same size on the device.
///
/// Regions are taken in turn; a full round waits for the stream.
@safe package final class Staging: @unchecked Sendable {
  private let stream: CUDAStream
  private let host: UnsafeMutableRawPointer
  private let room: CUDABlock
  let bytes: Int
  private var next = 0

  init(_ stream: CUDAStream, bytes: Int) throws(CUDAError) {
    self.stream = stream
    self.bytes = bytes
    var start: UnsafeMutableRawPointer?
    try unsafe stream.driver.check(
      "cuMemHostAlloc", stream.driver.allocate_pinned?(&start, bytes, 0))
    guard let start = unsafe start else { throw CUDAError("cuMemHostAlloc", "gave no memory") }
    unsafe host = unsafe start
    room = try CUDABlock(stream.device, count: bytes / 4, format: .f32)
  }

  deinit {
    try? stream.device.makeCurrent()
    unsafe _ = stream.driver.free_pinned?(host)
  }

  /// A region of the host and its twin on the device, aligned to 256 bytes.
  ///
  /// - Precondition: `count` is at most the whole.
  func take(_ count: Int) throws(CUDAError) -> (host: UnsafeMutableRawPointer, device: UInt64) {
    precondition(count <= bytes, "\(count) bytes of staging; there are \(bytes)")
    if next + count > bytes {
      try stream.synchronise()
      next = 0
    }
    defer { next += (count + 255) / 256 * 256 }
    return unsafe (host + next, room.address + UInt64(next))
  }

  /// Copies numbers to the device and gives their address there, which holds for a round.
  package func upload<Number: BitwiseCopyable>(_ numbers: Span<Number>) throws(CUDAError) -> UInt64
  {
    let count = numbers.count * MemoryLayout<Number>.stride
    let (host, device) = unsafe try take(max(count, 4))
    unsafe numbers.withUnsafeBytes { source in
      if let start = source.baseAddress { unsafe host.copyMemory(from: start, byteCount: count) }
    }
    if count > 0 { try unsafe stream.upload(count, from: host, to: device) }
    return device
  }

  /// Numbers that the device has, once it has come so far.
  func download<Number: BitwiseCopyable>(
    _ count: Int, from address: UInt64, as type: Number.Type
  ) throws(CUDAError) -> [Number] {
    let bytes = count * MemoryLayout<Number>.stride
    let (host, _) = unsafe try take(max(bytes, 4))
    try unsafe stream.download(bytes, from: address, to: host)
    try stream.synchronise()
    return unsafe Array(
      UnsafeBufferPointer(start: host.bindMemory(to: type, capacity: count), count: count))
  }
}
