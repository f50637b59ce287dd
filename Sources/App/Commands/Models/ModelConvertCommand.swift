import ArgumentParser
import Ground
import TextModels

struct ModelConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Make KenLM's binary of a language model in ARPA's text, as build_binary does.",
    discussion: """
        quipu model convert en.arpa --output en.bin
        quipu model convert en.arpa.zst --output en.trie --format trie -q 8 -b 8 -a 22
      """)

  @Argument(help: "A model in ARPA's form; .gz, .bz2 and .zst are understood.")
  var arpa: String

  @Option(name: .shortAndLong, help: "The binary to write.")
  var output: String

  @Option(help: "probing or trie.")
  var format = LanguageModelFormat.probing

  @OptionGroup(title: "KenLM's binary")
  var binary: BinaryOptions

  @Option(help: "Memory for sorting a trie's n-grams.")
  var memory = ByteCount(1_000_000_000)

  @Flag(help: "Print nothing on standard error but errors.")
  var quiet = false

  func validate() throws {
    guard format != .arpa else { throw ValidationError("--format must be probing or trie.") }
    _ = try binary.settings(format, memory: memory.bytes)
  }

  func run() throws {
    let settings = try binary.settings(format, memory: memory.bytes)
    let warnings = try withoutLeftovers(of: [output]) {
      try withProgress(quiet: quiet, line: { "building \(output)" }) {
        try NGramBinary.build(from: arpa, to: output, settings)
      }
    }
    if quiet { return }
    for warning in warnings { tellUser("\(arpa): \(warning)\n") }
    tellUser("\(output): \(inBytes(Int(try fileSize(output))))\n")
  }
}
