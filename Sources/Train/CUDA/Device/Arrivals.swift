internal import Compute

/// Numbers on their way from the device to the host, which are there after `settle`.
@safe final class Arrivals: @unchecked Sendable {
  private let stream: CUDAStream
  private let staging: Staging
  private var expected: [(place: View<Double>, host: UnsafeMutableRawPointer)] = unsafe []
  private var bytes = 0

  /// - Parameters:
  ///   - stream: That the numbers come by.
  ///   - bytes: Of the room that only they have; a quarter is the most at a time.
  /// - Throws: Where no memory can be pinned.
  init(_ stream: CUDAStream, bytes: Int) throws(CUDAError) {
    self.stream = stream
    staging = try Staging(stream, bytes: bytes)
  }

  /// Copies as many numbers as `place` has from `address`, once the stream has come so far.
  func expect(_ place: View<Double>, from address: UInt64) throws(CUDAError) {
    let count = 8 * place.count, whole = (count + 255) / 256 * 256
    // Staging goes round: what is taken anew must not be what is still expected.
    if bytes + 2 * whole > staging.bytes { try settle() }
    let (host, _) = unsafe try staging.take(count)
    try unsafe stream.download(count, from: address, to: host)
    unsafe expected.append((place, host))
    bytes += whole
  }

  /// Waits for everything expected and hands it over: NaN where a rank was lost on the way.
  func settle() throws(CUDAError) {
    if unsafe expected.isEmpty { return }
    try stream.synchronise()
    for index in unsafe expected.indices {
      let (place, host) = unsafe expected[index]
      if stream.watch.isLost {
        place.set(.nan)
        continue
      }
      unsafe place.withElements { target in
        unsafe _ = target.update(
          fromContentsOf: UnsafeBufferPointer(
            start: host.assumingMemoryBound(to: Double.self), count: place.count))
      }
    }
    unsafe expected.removeAll(keepingCapacity: true)
    bytes = 0
  }
}
