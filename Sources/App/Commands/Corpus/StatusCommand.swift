import ArgumentParser
import Ground
import Ledger
import Pipeline

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show the runs of a work directory and how far each stage is.",
    discussion: "  quipu status work")

  @Argument(help: "The work directory of a build.")
  var work: String

  @OptionGroup var result: ResultOptions

  func run() throws {
    let folder = WorkFolder(work)
    guard fileKind(folder.ledger) == .file else {
      throw Fault(
        work, at: 0, .unusable("no ledger.sqlite here: this is no work directory of a build"))
    }
    let ledger = try CorpusLedger(path: folder.ledger)
    var runs = Table("run", "manifest", "started", "ended", "outcome")
    for run in try ledger.runs() {
      runs.add("\(run.id)", run.manifest, run.started, run.ended ?? "-", run.outcome ?? "not ended")
    }
    var stages = Table("stage", "units", "records", "kept", "errors")
    for stage in ["documents", "duplicates", "tokenizer", "tokens", "order", "shards"] {
      let commits = try ledger.commits(stage: stage)
      func sum(_ what: String) -> String {
        let total = commits.reduce(0) { $0 + $1.total(what) }
        return total > 0 || stage == "documents" ? grouped(total) : "-"
      }
      stages.add(stage, grouped(commits.count), sum("records"), sum("kept"), sum("errors"))
    }
    try result.print(runs, stages)
  }
}
