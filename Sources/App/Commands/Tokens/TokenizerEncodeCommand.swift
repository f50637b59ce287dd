import ArgumentParser
import Ground
import Tokenizer

struct TokenizerEncodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Turn text into tokens: a line of ids or pieces for each line of text.",
    discussion: "  quipu tokenizer encode --model tokenizer.model --format ids text.txt")

  enum Format: String, CaseIterable, ExpressibleByArgument { case ids, pieces, bin }

  @Option(help: "The model file.")
  var model: String

  @Option(help: "ids, pieces, or bin: the whole file as one text, in UInt16 or UInt32.")
  var format = Format.ids

  @Argument(help: "The text; standard input by default.")
  var file: String?

  func run() throws {
    let tokenizer = try TokenizerModel(path: model)
    let encoder = try TokenEncoder(tokenizer, file: model)
    let reader = try openDecoded(file ?? "/dev/stdin")
    var output = StandardOutput()
    var scratch = EncoderScratch()
    var ids: [Int32] = []
    if format == .bin {
      encoder.encode(try reader.readToEnd(), into: &ids, scratch: &scratch)
      let width = encoder.count > 65_536 ? 4 : 2
      for id in ids {
        try output.write((0..<width).map { UInt8(truncatingIfNeeded: id >> (8 * Int32($0))) })
      }
      return try output.flush()
    }
    var line: [UInt8] = []
    while let piece = try reader.readLine(into: &line) {
      guard piece == .whole else { throw reader.fault(.tooLong(limit: line.count)) }
      ids.removeAll(keepingCapacity: true)
      encoder.encode(line, into: &ids, scratch: &scratch)
      let words = ids.map { format == .ids ? String($0) : tokenizer.pieces[Int($0)].text }
      try output.write(words.joined(separator: " ") + "\n")
    }
    try output.flush()
  }
}
