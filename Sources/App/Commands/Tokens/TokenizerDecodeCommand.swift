import ArgumentParser
import Ground
import Tokenizer

struct TokenizerDecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Turn lines of ids back into text.",
    discussion: "  echo '15043 3186' | quipu tokenizer decode --model tokenizer.model")

  @Option(help: "The model file.")
  var model: String

  @Argument(help: "Lines of ids with spaces; standard input by default.")
  var file: String?

  func run() throws {
    let decoder = TokenDecoder(try TokenizerModel(path: model), file: model)
    let reader = try openDecoded(file ?? "/dev/stdin")
    var output = StandardOutput()
    var line: [UInt8] = []
    while let _ = try reader.readLine(into: &line) {
      let ids = try line.split(separator: 0x20).map { digits in
        guard let id = Int32(String(decoding: digits, as: UTF8.self)) else {
          throw reader.fault(
            .malformed("\"\(String(decoding: digits, as: UTF8.self))\" is no token id"))
        }
        return id
      }
      try output.write(decoder.decode(ids) + [0x0a])
    }
    try output.flush()
  }
}
