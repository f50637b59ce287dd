internal import CCUDA

/// Work that was recorded once and is given to the device in one call.
@safe package final class CUDAGraph: @unchecked Sendable {
  private let device: CUDADevice
  private let graph: UnsafeMutableRawPointer
  private let executable: UnsafeMutableRawPointer

  /// Records what `work` gives to the stream; none of it is carried out.
  ///
  /// Nothing in it may allocate or wait.
  package init(_ stream: CUDAStream, recording work: () throws(CUDAError) -> Void) throws(CUDAError)
  {
    let driver = stream.driver
    let ofThisThread: CInt = 1
    try unsafe driver.check(
      "cuStreamBeginCapture", driver.begin_capture?(stream.handle, ofThisThread))
    var graph: UnsafeMutableRawPointer?
    do {
      try work()
    } catch {
      unsafe _ = driver.end_capture?(stream.handle, &graph)
      throw error
    }
    try unsafe driver.check("cuStreamEndCapture", driver.end_capture?(stream.handle, &graph))
    var executable: UnsafeMutableRawPointer?
    try unsafe driver.check(
      "cuGraphInstantiateWithFlags", driver.instantiate?(&executable, graph, 0))
    guard let graph = unsafe graph, let executable = unsafe executable else {
      throw CUDAError("cuStreamEndCapture", "gave no graph")
    }
    device = stream.device
    unsafe self.graph = unsafe graph
    unsafe self.executable = unsafe executable
  }

  deinit {
    unsafe _ = device.driver.destroy_executable?(executable)
    unsafe _ = device.driver.destroy_graph?(graph)
  }

  package func launch(on stream: CUDAStream) throws(CUDAError) {
    try unsafe device.driver.check(
      "cuGraphLaunch", device.driver.launch_graph?(executable, stream.handle))
  }
}
