internal import CCUDA
import Glibc

/// Work of a device that is carried out in the order it was given.
@safe package final class CUDAStream: @unchecked Sendable {
  package let device: CUDADevice
  package let handle: UnsafeMutableRawPointer
  /// What may keep the work from ever being done.
  let watch = Watch()
  var driver: quipu_driver { device.driver }
  /// Drops what it is given, where a recording of it is about to be launched instead.
  var isMuted = false

  package init(_ device: CUDADevice) throws(CUDAError) {
    self.device = device
    var handle: UnsafeMutableRawPointer?
    let ownOrder: CUnsignedInt = 1  // does not wait for the default stream
    try unsafe device.driver.check(
      "cuStreamCreate", device.driver.create_stream?(&handle, ownOrder))
    guard let handle = unsafe handle else { throw CUDAError("cuStreamCreate", "gave no stream") }
    unsafe self.handle = unsafe handle
  }

  deinit { unsafe _ = driver.destroy_stream?(handle) }

  /// Waits until all work has been done, and throws what went wrong in it.
  ///
  /// Where the work waits for a rank that is lost, the wait ends too: what the work should have
  /// written is then not there, and the group's next call throws.
  package func synchronise() throws(CUDAError) {
    precondition(!isMuted, "a pass that is repeated waits for the device")
    guard watch.isNeeded else {
      return try unsafe driver.check("cuStreamSynchronize", driver.synchronise?(handle))
    }
    let isUnderWay: CInt = 600
    while true {
      let code = unsafe driver.query?(handle)
      if code != isUnderWay { return try driver.check("cuStreamQuery", code) }
      watch.look()
      _ = usleep(20)
    }
  }

  /// Work that is given later waits for `event`.
  package func wait(for event: CUDAEvent) throws(CUDAError) {
    try unsafe driver.check("cuStreamWaitEvent", driver.wait_for?(handle, event.handle, 0))
  }

  package func copy(_ bytes: Int, from source: UInt64, to target: UInt64) throws(CUDAError) {
    if isMuted { return }
    try unsafe driver.check("cuMemcpyDtoDAsync", driver.copy?(target, source, bytes, handle))
  }

  /// Copies to the device; `source` must stay as it is until the stream has come to it.
  func upload(
    _ bytes: Int, from source: UnsafeRawPointer, to target: UInt64
  ) throws(CUDAError) {
    if isMuted { return }
    try unsafe driver.check(
      "cuMemcpyHtoDAsync", driver.copy_to_device?(target, source, bytes, handle))
  }

  func download(
    _ bytes: Int, from source: UInt64, to target: UnsafeMutableRawPointer
  ) throws(CUDAError) {
    if isMuted { return }
    try unsafe driver.check(
      "cuMemcpyDtoHAsync", driver.copy_to_host?(target, source, bytes, handle))
  }

  package func fill(_ bytes: Int, at target: UInt64, with value: UInt8) throws(CUDAError) {
    if bytes == 0 || isMuted { return }
    try unsafe driver.check("cuMemsetD8Async", driver.fill?(target, value, bytes, handle))
  }

  /// Milliseconds that the device takes for `work`, between two events.
  package func milliseconds(_ work: () throws(CUDAError) -> Void) throws(CUDAError) -> Double {
    let from = try CUDAEvent(device), to = try CUDAEvent(device)
    try from.record(on: self)
    try work()
    try to.record(on: self)
    return try to.milliseconds(since: from)
  }
}

/// A mark in a stream.
@safe package final class CUDAEvent: @unchecked Sendable {
  private let device: CUDADevice
  let handle: UnsafeMutableRawPointer

  /// - Parameters:
  ///   - device: Of the streams that it marks.
  ///   - isTimed: False for marks that others only wait for, which cost less.
  /// - Throws: Where the driver makes none.
  package init(_ device: CUDADevice, isTimed: Bool = true) throws(CUDAError) {
    self.device = device
    var handle: UnsafeMutableRawPointer?
    let flags: CUnsignedInt = isTimed ? 0 : 2
    try unsafe device.driver.check("cuEventCreate", device.driver.create_event?(&handle, flags))
    guard let handle = unsafe handle else { throw CUDAError("cuEventCreate", "gave no event") }
    unsafe self.handle = unsafe handle
  }

  deinit { unsafe _ = device.driver.destroy_event?(handle) }

  package func record(on stream: CUDAStream) throws(CUDAError) {
    try unsafe device.driver.check(
      "cuEventRecord", device.driver.record?(handle, stream.handle))
  }

  /// Waits until the device has come to the mark.
  func wait() throws(CUDAError) {
    try unsafe device.driver.check(
      "cuEventSynchronize", device.driver.synchronise_event?(handle))
  }

  /// Waits for the mark and gives the time since an earlier one.
  func milliseconds(since earlier: CUDAEvent) throws(CUDAError) -> Double {
    let driver = device.driver
    try wait()
    var time: Float = 0
    try unsafe driver.check(
      "cuEventElapsedTime", driver.elapsed?(&time, earlier.handle, handle))
    return Double(time)
  }
}
