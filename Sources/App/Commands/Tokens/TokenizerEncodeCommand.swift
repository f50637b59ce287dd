import ArgumentParser
import Ground
import Tokenizer

struct TokenizerEncodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Turn text into tokens: a line of ids or pieces for each line of text.",
    discussion: """
        quipu tokenizer encode --model tokenizer.model --format ids text.txt
        quipu tokenizer encode --model tokenizer.model --format bin book.txt > book.bin

      How many bytes a token stands for is told at the end.
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument { case ids, pieces, bin }

  @Option(help: "The model file.")
  var model: String

  @Option(help: "ids, pieces, or bin: the whole file as one text, in UInt16 or UInt32.")
  var format = Format.ids

  @Argument(help: "The text; standard input by default.")
  var file: String?

  @OptionGroup var options: RunOptions

  func run() throws {
    let tokenizer = try TokenizerModel(path: model)
    let encoder = try TokenEncoder(tokenizer, file: model)
    let reader = try openDecoded(file ?? "/dev/stdin")
    var coverage = TextCoverage(tokenizer)
    if format == .bin {
      try encodeWhole(reader, encoder, &coverage)
    } else {
      try encodeLines(reader, encoder, tokenizer, &coverage)
    }
    options.say(
      "\(grouped(coverage.bytes)) bytes, \(grouped(coverage.tokens)) tokens, "
        + "\(fixed(coverage.bytesPerToken, 3)) bytes a token\n")
  }

  private func encodeWhole(
    _ reader: BufferedReader, _ encoder: TokenEncoder, _ coverage: inout TextCoverage
  ) throws {
    var text: [UInt8] = []
    while try reader.read(1 << 24, into: &text) > 0 {}
    let ids = encoder.encode(text, jobs: options.jobs)
    coverage.add(ids, bytes: text.count)
    let width = encoder.count > 65_536 ? 4 : 2
    var output = StandardOutput()
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: ids.count, by: 1 << 16) {
      bytes.removeAll(keepingCapacity: true)
      for id in ids[start..<min(start + 1 << 16, ids.count)] {
        for byte in 0..<width { bytes.append(UInt8(truncatingIfNeeded: id >> (8 * Int32(byte)))) }
      }
      try output.write(bytes)
    }
    try output.flush()
  }

  private func encodeLines(
    _ reader: BufferedReader, _ encoder: TokenEncoder, _ tokenizer: TokenizerModel,
    _ coverage: inout TextCoverage
  ) throws {
    var output = StandardOutput()
    var scratch = EncoderScratch()
    var ids: [Int32] = []
    var unknown: [[UInt8]] = []
    var line: [UInt8] = []
    while let piece = try reader.readLine(into: &line) {
      guard piece == .whole else { throw reader.fault(.tooLong(limit: line.count)) }
      ids.removeAll(keepingCapacity: true)
      unknown.removeAll(keepingCapacity: true)
      encoder.encode(line.span, into: &ids, unknown: &unknown, scratch: &scratch)
      coverage.add(ids, bytes: line.count)
      var texts = unknown.makeIterator()
      let words = ids.map { id in
        if format == .ids { return String(id) }
        if id == encoder.unknownID, let text = texts.next() {
          return String(decoding: text, as: UTF8.self)
        }
        return tokenizer.pieces[Int(id)].text
      }
      try output.write(words.joined(separator: " ") + "\n")
    }
    try output.flush()
  }
}
