public import Compute

/// Records passes as graphs: a pass that came before is given to the device in one call.
///
/// The first pass of a name is carried out operation by operation, and plans its products and
/// attention; the second is recorded; later ones walk through the same operations with a muted stream,
/// so that tokens and targets come to their places, and launch the recording.
final class PassRecorder: @unchecked Sendable {
  private let stream: CUDAStream
  private let inputs: PassInputs
  private var recordings: [PassName: CUDAGraph] = [:]
  /// Names that came once, newest last.
  private var seen: [PassName] = []
  /// False carries out every pass operation by operation.
  var isOn = true

  /// Passes that are recorded at most: a run has two or three.
  private static let mostRecordings = 8
  private static let mostSeen = 8
  /// Bytes of inputs for each token, at most.
  private static let tokenBytes = 64

  init(_ stream: CUDAStream, _ inputs: PassInputs) {
    self.stream = stream
    self.inputs = inputs
  }

  /// How many passes were recorded.
  var count: Int { recordings.count }

  enum Way { case directly, recording, repeating(CUDAGraph) }

  /// How a pass is to be carried out, and notes that it came.
  func way(_ name: PassName) -> Way {
    guard isOn, name.tokens * Self.tokenBytes <= PassInputs.bytes else { return .directly }
    if let recording = recordings[name] { return .repeating(recording) }
    guard recordings.count < Self.mostRecordings else { return .directly }
    if seen.contains(name) { return .recording }
    seen.append(name)
    if seen.count > Self.mostSeen { seen.removeFirst() }
    return .directly
  }

  func keep(_ recording: CUDAGraph, _ name: PassName) {
    recordings[name] = recording
    seen.removeAll { $0 == name }
  }
}

extension CUDAEngine {
  /// Carries out a pass; one with a name that came before is recorded or repeated.
  public func perform<Failure: Error>(
    _ name: PassName?, _ pass: () throws(Failure) -> Void
  ) throws(Failure) {
    switch name.map({ recorder.way($0) }) ?? .directly {
    case .directly: try pass()
    case .recording:
      let recording = carryOut { () throws(CUDAError) -> CUDAGraph.Recording in
        try arrivals.settle()
        try inputs.beginPlaces()
        return try CUDAGraph.Recording(stream)
      }
      do { try pass() } catch {
        inputs.endPlaces()
        recording.drop()
        throw error
      }
      carryOut { () throws(CUDAError) in
        let graph = try recording.end()
        if let name { recorder.keep(graph, name) }
        try inputs.sendPlaces()
        try graph.launch(on: stream)
      }
    case .repeating(let graph):
      carryOut { () throws(CUDAError) in
        try arrivals.settle()
        try inputs.beginPlaces()
      }
      stream.isMuted = true
      defer { stream.isMuted = false }
      do { try pass() } catch {
        inputs.endPlaces()
        throw error
      }
      stream.isMuted = false
      carryOut { () throws(CUDAError) in
        try inputs.sendPlaces()
        // A recording refers to its groups: one that was given up must not be launched.
        if !stream.watch.isLost { try graph.launch(on: stream) }
      }
    }
  }

  /// Whether passes are recorded; off for measuring operation by operation.
  public var recordsPasses: Bool {
    get { recorder.isOn }
    set { recorder.isOn = newValue }
  }

  /// How many passes were recorded so far.
  public var recordingCount: Int { recorder.count }
}
