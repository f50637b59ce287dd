internal import Compute

/// Numbers on their way from the device to the host, which are there after `settle`.
///
/// The n-th after a `settle` comes to the same place of the host always, as recordings want it.
@safe final class Arrivals: @unchecked Sendable {
  private let stream: CUDAStream
  private let region: PinnedRegion
  private var expected: [(place: View<Double>, offset: Int)] = []
  private var next = 0

  /// - Parameters:
  ///   - stream: That the numbers come by.
  ///   - bytes: Of all that is expected at a time.
  /// - Throws: Where no memory can be pinned.
  init(_ stream: CUDAStream, bytes: Int) throws(CUDAError) {
    self.stream = stream
    region = try PinnedRegion(stream.device, bytes: bytes)
  }

  /// Copies as many numbers as `place` has from `address`, once the stream has come so far.
  func expect(_ place: View<Double>, from address: UInt64) throws(CUDAError) {
    let count = 8 * place.count
    precondition(count <= region.bytes, "\(place.count) numbers at a time")
    if next + count > region.bytes { try settle() }
    try unsafe stream.download(count, from: address, to: region.start + next)
    expected.append((place, next))
    next += (count + 255) / 256 * 256
  }

  /// Waits for everything expected and hands it over: NaN where a rank was lost on the way.
  func settle() throws(CUDAError) {
    if expected.isEmpty { return }
    try stream.synchronise()
    for (place, offset) in expected {
      if stream.watch.isLost {
        place.set(.nan)
        continue
      }
      unsafe place.withElements { target in
        unsafe _ = target.update(
          fromContentsOf: UnsafeBufferPointer(
            start: (region.start + offset).assumingMemoryBound(to: Double.self),
            count: place.count))
      }
    }
    expected.removeAll(keepingCapacity: true)
    next = 0
  }
}
