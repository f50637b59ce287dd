import ArgumentParser

/// What the machine can do, and how much of it we use.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure speed and memory.",
    subcommands: [
      BenchTokenizerCommand.self, BenchModelsCommand.self, BenchTrainCommand.self,
    ])
}
