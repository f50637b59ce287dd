public import ArgumentParser
import Ground
import Manifest
public import Pipeline

struct BuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Make a corpus: documents, duplicates, tokenizer, tokens, shards.",
    discussion: """
      Killed at any moment and run again, it goes on where it stopped and gives the same bytes.

        quipu build Manifests/sample.yaml --inputs inputs --work work --jobs 4
      """)

  @Argument(help: "The manifest that says what is made.")
  var manifest: String

  @Option(help: "Where everything is written.")
  var work: String

  @Option(help: "The folder that relative inputs start from; the manifest's own by default.")
  var inputs: String?

  @Option(help: "Memory of a sorting stage before it sorts on disk.")
  var memory = ByteCount(1_000_000_000)

  @Option(help: "The last stage to run.")
  var through = Build.Stage.shards

  @OptionGroup var options: RunOptions

  func run() throws {
    try Charset.check()
    let corpus = try CorpusManifest(path: manifest, vocabulary: vocabulary)
    let folder = inputs ?? folder(of: manifest)
    let build = Build(
      manifest: corpus, plans: try corpus.sources.map { try plan($0, inputs: folder) },
      work: WorkFolder(work), inputs: folder, jobs: options.jobs, memory: memory.bytes,
      quiet: options.quiet)
    let meter = Meter()
    let failures = try build.run(through: through)
    options.say("\(corpus.name): done in \(fixed(meter.seconds, 1)) s\n")
    guard failures.isEmpty else {
      throw Fault(
        manifest, at: 0,
        .unusable(
          "\(failures.count) inputs failed; all others are built. "
            + "Run the same command again to fill them in"))
    }
  }
}

extension Build.Stage: ExpressibleByArgument {}

extension ManifestError: UserFacing {
  var remedy: String? { nil }
}
