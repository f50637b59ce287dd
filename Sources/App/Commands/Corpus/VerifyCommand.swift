import ArgumentParser
import Formats
import Ground
import Pipeline

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract:
      "Check a work directory again: digests, balances, orders, and an owner for each token.",
    discussion: "  quipu verify work")

  @Argument(help: "The work directory of a build.")
  var work: String

  @OptionGroup var options: RunOptions
  @OptionGroup var result: ResultOptions

  func run() throws {
    let verification = try Verification(
      WorkFolder(work), jobs: options.jobs, quiet: options.quiet)
    var output = StandardOutput()
    try output.write(result.json ? verification.json : Array(verification.text.utf8))
    try output.flush()
    if !verification.problems.isEmpty { throw ExitCode(1) }
  }
}

extension Verification {
  var text: String {
    let checked =
      "\(grouped(units)) units, \(grouped(artifacts)) files, \(inBytes(bytes)), "
      + "\(grouped(tokens)) tokens in shards"
    if problems.isEmpty { return "all is well: \(checked)\n" }
    return problems.map { "problem: \($0)\n" }.joined()
      + "\(problems.count) problems in \(checked)\n"
  }

  var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      for (name, number) in [
        ("units", units), ("artifacts", artifacts), ("bytes", bytes), ("tokens", tokens),
      ] {
        json.key(name)
        json.integer(number)
      }
      json.key("problems")
      json.array { json in for problem in problems { json.string(problem) } }
    }
    return json.bytes + [0x0a]
  }
}
