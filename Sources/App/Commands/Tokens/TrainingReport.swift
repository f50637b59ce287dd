import Formats
import Glibc
import Tokenizer

/// What came of training a tokenizer.
struct TrainingReport {
  var output: String
  var pieces: Int
  /// How many were trained on.
  var sentences: Int
  var tally: CorpusTally
  var seconds: Double

  /// One line for people.
  var text: String {
    var text = "\(output): \(grouped(pieces)) pieces from \(grouped(sentences))"
    if sentences != tally.sentences { text += " of \(grouped(tally.sentences))" }
    text += " sentences, \(inBytes(tally.bytes)), in \(fixed(seconds, 1)) s"
    let skipped = [
      (tally.tooLong, "too long"), (tally.reserved, "with the reserved U+2585"),
      (tally.badDocuments, "no documents"),
    ].filter { $0.0 > 0 }.map { "\(grouped($0.0)) \($0.1)" }
    return text + (skipped.isEmpty ? "" : "; skipped: " + skipped.joined(separator: ", ")) + "\n"
  }

  /// One object for programs.
  var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.key("output")
      json.string(output)
      for (name, number) in [
        ("pieces", pieces), ("sentences", sentences), ("sentencesFound", tally.sentences),
        ("tooLong", tally.tooLong), ("reserved", tally.reserved), ("documents", tally.documents),
        ("badDocuments", tally.badDocuments), ("bytes", tally.bytes),
      ] {
        json.key(name)
        json.integer(number)
      }
      json.key("seconds")
      json.number(seconds)
    }
    return json.bytes + [0x0a]
  }
}

/// SentencePiece's `.vocab` file: a piece a line, with a tab and its score.
func vocabularyFile(of model: TokenizerModel, scores: Bool) -> [UInt8] {
  var bytes: [UInt8] = []
  for piece in model.pieces {
    bytes += piece.bytes
    if scores { bytes += [0x09] + sixDigits(piece.score) }
    bytes.append(0x0a)
  }
  return bytes
}

/// A number with six significant digits, as C++ streams print it.
private func sixDigits(_ number: Float) -> [UInt8] {
  var room = [CChar](repeating: 0, count: 32)
  let count = unsafe withVaList([Double(number)]) { arguments in
    unsafe vsnprintf(&room, room.count, "%g", arguments)
  }
  return room.prefix(Int(count)).map { UInt8(bitPattern: $0) }
}
