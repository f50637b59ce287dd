import Glibc
import Ground
import Synchronization
import Trainer

/// Runs `body` and shows how the training goes that it reports.
///
/// On a terminal one line rewrites itself each second; elsewhere there is a line at the first and the
/// last step and now and then between: every twentieth part of the run, but a minute apart at most.
/// Messages, saved checkpoints and validations have lines of their own. All on standard error, and
/// nothing where `quiet`.
func withTrainProgress<Result>(
  steps: Int, quiet: Bool, _ body: (@escaping @Sendable (TrainingEvent) -> Void) throws -> Result
) rethrows -> Result {
  if quiet { return try body { _ in } }
  let isTerminal = isatty(STDERR_FILENO) == 1
  let shared = Shared(TrainProgress(steps: steps, isTerminal: isTerminal))
  return try withProgress(quiet: !isTerminal, line: { shared.line }) {
    try body { shared.note($0) }
  }
}

/// The progress, for the thread that trains and the one that prints.
private final class Shared: Sendable {
  private let progress: Mutex<TrainProgress>

  init(_ progress: TrainProgress) { self.progress = Mutex(progress) }

  var line: String { progress.withLock { $0.line } }

  func note(_ event: TrainingEvent) {
    if let text = progress.withLock({ $0.note(event) }) { tellUser(text) }
  }
}

/// What is known of a run that goes on.
struct TrainProgress {
  /// The part of the old in the smoothed loss; half of it fades in 34 steps.
  static let smoothing = 0.98
  /// Seconds between lines where there is no terminal.
  static let pause = 60.0

  private let steps: Int
  private let isTerminal: Bool
  private let clock = ContinuousClock()
  private var latest: StepReport?
  private var smoothed: Double?
  /// Of the steps since the last line that stays.
  private var seconds: [Double] = []
  private var lastLine: ContinuousClock.Instant?
  /// Seconds a step, of recent ones.
  private var pace: Double?

  init(steps: Int, isTerminal: Bool) {
    self.steps = steps
    self.isTerminal = isTerminal
  }

  /// Takes in an event; gives what is to be printed for good, if anything.
  mutating func note(_ event: TrainingEvent) -> String? {
    switch event {
    case .step(let report): note(report)
    case .saved(let step): staying("checkpoint of step \(grouped(step)) saved")
    case .message(let text): staying(text)
    }
  }

  private mutating func note(_ report: StepReport) -> String? {
    if let latest, report.step <= latest.step { smoothed = nil }  // the run went back
    latest = report
    if report.loss.isFinite {
      smoothed = smoothed.map { Self.smoothing * $0 + (1 - Self.smoothing) * report.loss }
      smoothed = smoothed ?? report.loss
    }
    seconds.append(report.seconds)
    if seconds.count > 10_000 { seconds.removeFirst(5000) }
    pace = pace.map { 0.9 * $0 + 0.1 * report.seconds } ?? report.seconds
    let validation = report.validationLoss.map { loss in
      "step \(grouped(report.step)): validation loss \(fixed(loss, 4))"
        + report.validationBySource.map { ", \($0.source) \(fixed($0.loss, 4))" }.joined()
    }
    guard !isTerminal else { return validation.flatMap { staying($0) } }
    let interval = max(1, steps / 20)
    let isDue =
      report.step % interval == 0 || report.step == steps
      || lastLine.map { (clock.now - $0) / .seconds(1) >= Self.pause } ?? true
    guard isDue || validation != nil else { return nil }
    lastLine = clock.now
    let text = [line + times, validation].compactMap { $0 }.joined(separator: "\n")
    seconds = []
    return text + "\n"
  }

  /// The median and the longest time of a step since the last line.
  private var times: String {
    let sorted = seconds.sorted()
    guard sorted.count > 1, let longest = sorted.last else { return "" }
    return ", \(short(sorted[sorted.count / 2])) a step, \(short(longest)) at most"
  }

  /// A line that stays above the one that rewrites itself.
  private func staying(_ text: String) -> String { (isTerminal ? "\r\u{1b}[K" : "") + text + "\n" }

  /// Where the run is: step, loss and smoothed loss, speed, time left.
  var line: String {
    guard let latest else { return "starting" }
    var parts = ["step \(grouped(latest.step)) of \(grouped(steps))"]
    parts.append(
      "loss \(fixed(latest.loss, 4))" + (smoothed.map { " (smoothed \(fixed($0, 4)))" } ?? ""))
    if let pace, pace > 0 {
      parts.append("\(grouped(Int(min(1e15, latest.tokensPerSecond)))) tokens/s")
      if let share = latest.utilisation { parts.append("MFU \(fixed(100 * share, 1)) %") }
      if latest.step < steps {
        parts.append("\(duration(Double(steps - latest.step) * pace)) left")
      }
    }
    return parts.joined(separator: ", ")
  }
}

/// A time of a step: `0.31 s`, `12 ms`.
private func short(_ seconds: Double) -> String {
  seconds < 0.1 ? "\(fixed(1000 * seconds, 1)) ms" : "\(fixed(seconds, 2)) s"
}

/// A time in its two largest units: `3 h 12 min`.
func duration(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e9 else { return "very long" }
  let whole = Int(max(0, seconds))
  return switch whole {
  case ..<60: "\(whole) s"
  case ..<3600: "\(whole / 60) min"
  case ..<86_400: "\(whole / 3600) h \(whole % 3600 / 60) min"
  default: "\(whole / 86_400) d \(whole % 86_400 / 3600) h"
  }
}
