import ArgumentParser
import Ground
import Sample

struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Write a labelled synthetic corpus in the raw formats of all seven sources.",
    discussion: """
      The same size and seed give the same bytes. `labels.jsonl` says of every record what \
      should become of it.

        quipu sample inputs --size 20MB --seed 1
      """)

  @Argument(help: "The folder to fill; Manifests/sample.yaml reads it with --inputs.")
  var folder: String

  @Option(help: "Bytes of raw text, about.")
  var size = ByteCount(20_000_000)

  @Option(help: "Another seed gives other words.")
  var seed: UInt64 = 1

  @Flag(help: "Print nothing on standard error but errors.")
  var quiet = false

  func run() throws {
    let summary = try writeSample(to: folder, size: size.bytes, seed: seed)
    if quiet { return }
    var table = Table("file", "bytes")
    for file in summary.files { table.add(file.path, grouped(file.bytes)) }
    tellUser(table.text)
    tellUser(
      "\(grouped(summary.labels.count)) labelled records, \(inBytes(summary.rawBytes)) of raw text\n"
    )
  }
}
