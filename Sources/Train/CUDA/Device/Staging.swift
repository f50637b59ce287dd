/// Pinned memory of the host, which the device copies from and to while both go on, with room of the
/// same size on the device.
///
/// Regions are taken in turn; a full round waits for the stream.
@safe package final class Staging: @unchecked Sendable {
  private let stream: CUDAStream
  private let region: PinnedRegion
  private let room: CUDABlock
  private var next = 0

  init(_ stream: CUDAStream, bytes: Int) throws(CUDAError) {
    self.stream = stream
    region = try PinnedRegion(stream.device, bytes: bytes)
    room = try CUDABlock(stream.device, count: bytes / 4, format: .f32)
  }

  /// A region of the host and its twin on the device, aligned to 256 bytes.
  ///
  /// - Precondition: `count` is at most the whole.
  func take(_ count: Int) throws(CUDAError) -> (host: UnsafeMutableRawPointer, device: UInt64) {
    precondition(count <= region.bytes, "\(count) bytes of staging; there are \(region.bytes)")
    if next + count > region.bytes {
      try stream.synchronise()
      next = 0
    }
    defer { next += (count + 255) / 256 * 256 }
    return unsafe (region.start + next, room.address + UInt64(next))
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
