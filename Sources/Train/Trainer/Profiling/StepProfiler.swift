import Compute
import Ground

/// Which steps of a run are to be profiled, and where the trace goes.
public struct ProfileRequest: Equatable, Sendable {
  /// The file that rank 0 writes.
  public var path: String
  /// Steps to profile.
  public var steps: Int

  /// Steps of a session that come before: a device plans its operations in the first and records them
  /// in the second.
  public static let warmUp = 2

  public init(path: String, steps: Int = 3) {
    self.path = path
    self.steps = steps
  }
}

/// Is told when a rank's steps begin and end.
protocol StepWatch: AnyObject {
  /// Begins a step; one before that did not end came to nothing.
  func begin(step: Int)

  /// Ends the step that began last.
  func end(step: Int) throws(Fault)

  /// Says that the run ends.
  func finish() throws(Fault)
}

/// Notes the operations of a session's first steps after those that warm up, and writes them as a
/// trace.
///
/// All ranks do it alike: NCCL wants the same operations of all ranks to be parts of recordings, or of
/// none. Rank 0 alone writes.
final class StepProfiler<Engine: TimedBackend>: StepWatch {
  private let log: ProfileLog<Engine>
  private let request: ProfileRequest
  private let writes: Bool
  private let report: (TrainingEvent) -> Void
  private var ended = 0
  private var firstStep: Int?
  private var isWritten = false

  /// - Parameters:
  ///   - log: Of the engine that the steps are computed on.
  ///   - request: What to profile.
  ///   - writes: True on rank 0.
  ///   - report: Is told what was found.
  /// - Throws: `Fault` where the trace cannot be written, before the first step.
  init(
    _ log: ProfileLog<Engine>, _ request: ProfileRequest, writes: Bool,
    report: @escaping (TrainingEvent) -> Void
  ) throws(Fault) {
    self.log = log
    self.request = request
    self.writes = writes
    self.report = report
    if writes { _ = try AtomicFile(path: request.path) }
  }

  func begin(step: Int) {
    let profiled = ProfileRequest.warmUp..<ProfileRequest.warmUp + request.steps
    guard profiled.contains(ended) else { return }
    if firstStep == nil { firstStep = step }
    log.begin()
  }

  func end(step: Int) throws(Fault) {
    if log.isOn { log.end() }
    ended += 1
    if ended == ProfileRequest.warmUp + request.steps { try write() }
  }

  func finish() throws(Fault) { if !isWritten { try write() } }

  private func write() throws(Fault) {
    isWritten = true
    defer { log.forget() }
    guard writes else { return }
    guard let firstStep, log.stepCount > 0 else {
      return report(
        .message("no step was profiled: the first \(ProfileRequest.warmUp) of a session warm up"))
    }
    let profile = log.profile()
    try ChromeTrace(profile, firstStep: firstStep).write(to: request.path)
    report(
      .message(
        "steps \(firstStep) to \(firstStep + profile.steps.count - 1): \(profile.line); "
          + "operations are in \(request.path)"))
  }
}
