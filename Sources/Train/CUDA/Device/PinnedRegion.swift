internal import CCUDA

/// Memory of the host that a device copies from and to while both go on.
@safe final class PinnedRegion: @unchecked Sendable {
  let start: UnsafeMutableRawPointer
  let bytes: Int
  private let device: CUDADevice

  init(_ device: CUDADevice, bytes: Int) throws(CUDAError) {
    var start: UnsafeMutableRawPointer?
    try unsafe device.driver.check(
      "cuMemHostAlloc", device.driver.allocate_pinned?(&start, bytes, 0))
    guard let start = unsafe start else { throw CUDAError("cuMemHostAlloc", "gave no memory") }
    unsafe self.start = unsafe start
    self.bytes = bytes
    self.device = device
  }

  deinit {
    try? device.makeCurrent()
    unsafe _ = device.driver.free_pinned?(start)
  }
}
