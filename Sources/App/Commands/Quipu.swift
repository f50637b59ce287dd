import ArgumentParser
import Glibc
import Ground
import Ledger

/// The root of the command tree: one file per subcommand, named after it.
struct Quipu: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quipu",
    abstract: "Rebuild the LLaMA-1 corpus, train its tokenizer, and train the model on it.",
    discussion: """
      The whole way on a synthetic corpus:
        quipu sample inputs
        quipu build Manifests/sample.yaml --inputs inputs --work work
        quipu stats work
        quipu train Manifests/models/tiny.yaml --data work/shards --output run
      """,
    subcommands: [
      SampleCommand.self, IngestCommand.self, FilterCommand.self, DedupCommand.self,
      BuildCommand.self,
      StatusCommand.self, StatsCommand.self, VerifyCommand.self, ExplainCommand.self,
      ModelCommand.self, TokenizerCommand.self, ShardsCommand.self,
      PlanCommand.self, TrainCommand.self, FineTuneCommand.self,
      GenerateCommand.self, EvaluateCommand.self, ExportCommand.self, BenchCommand.self,
    ])
}

/// Runs the command line and ends the process: 0 done, 1 failed, 64 wrong usage.
///
/// A failure prints as `error: file: byte n: cause`, with what to do about it below.
public func runQuipu() {
  do {
    let arguments = Array(CommandLine.arguments.dropFirst())
    var command = try Quipu.parseAsRoot(sentencePieceSpelling(arguments))
    try command.run()
  } catch let failure as any UserFacing {
    tellUser("error: \(failure)\n")
    if let remedy = failure.remedy { tellUser("  \(remedy)\n") }
    exit(1)
  } catch {
    Quipu.exit(withError: error)
  }
}

/// A failure that says where, what, and if known the remedy.
protocol UserFacing: Error, CustomStringConvertible {
  var remedy: String? { get }
}

extension Fault: UserFacing {}
extension LedgerError: UserFacing {}
