internal import CCUDA

/// Work that was recorded once and is given to the device in one call.
@safe package final class CUDAGraph: @unchecked Sendable {
  private let device: CUDADevice
  private let graph: UnsafeMutableRawPointer
  private let executable: UnsafeMutableRawPointer

  /// Records what `work` gives to the stream; none of it is carried out.
  ///
  /// Nothing in it may allocate or wait.
  package convenience init(
    _ stream: CUDAStream, recording work: () throws(CUDAError) -> Void
  ) throws(CUDAError) {
    let recording = try Recording(stream)
    do { try work() } catch {
      recording.drop()
      throw error
    }
    try self.init(recording)
  }

  /// The end of a recording, as a graph.
  private init(_ recording: Recording) throws(CUDAError) {
    let driver = recording.stream.driver
    var graph: UnsafeMutableRawPointer?
    try unsafe driver.check(
      "cuStreamEndCapture", driver.end_capture?(recording.stream.handle, &graph))
    var executable: UnsafeMutableRawPointer?
    try unsafe driver.check(
      "cuGraphInstantiateWithFlags", driver.instantiate?(&executable, graph, 0))
    guard let graph = unsafe graph, let executable = unsafe executable else {
      throw CUDAError("cuStreamEndCapture", "gave no graph")
    }
    device = recording.stream.device
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

  /// A stream whose work is being recorded instead of carried out, to be ended once.
  struct Recording {
    let stream: CUDAStream

    init(_ stream: CUDAStream) throws(CUDAError) {
      self.stream = stream
      let ofThisThread: CInt = 1
      try unsafe stream.driver.check(
        "cuStreamBeginCapture", stream.driver.begin_capture?(stream.handle, ofThisThread))
    }

    func end() throws(CUDAError) -> CUDAGraph { try CUDAGraph(self) }

    /// Ends it without keeping what was recorded.
    func drop() {
      var graph: UnsafeMutableRawPointer?
      unsafe _ = stream.driver.end_capture?(stream.handle, &graph)
      if let graph = unsafe graph { unsafe _ = stream.driver.destroy_graph?(graph) }
    }
  }
}
