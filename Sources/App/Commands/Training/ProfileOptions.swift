import ArgumentParser
import Trainer

/// Whether the time of single operations is measured, and where it is written.
struct ProfileOptions: ParsableArguments {
  @Option(
    name: .customLong("profile"),
    help: ArgumentHelp(
      "Write when each operation of a few steps was carried out, for chrome://tracing or Perfetto.",
      valueName: "file"))
  var path: String?

  @Option(
    name: .customLong("profile-steps"),
    help: ArgumentHelp("How many steps to measure so.", valueName: "steps"))
  var steps = 3

  func validate() throws {
    guard steps > 0 || steps == 0 && path == nil else {
      throw ValidationError("--profile-steps is \(steps); it must be at least 1.")
    }
  }

  /// For training; nil where nothing is to be written.
  var request: ProfileRequest? { path.map { ProfileRequest(path: $0, steps: steps) } }
}
