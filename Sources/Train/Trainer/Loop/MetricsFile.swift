import Formats
import Ground

/// `metrics.jsonl`: a line a step, written as soon as the step is done, and lines of events.
struct MetricsFile {
  private let file: AppendedFile
  /// How often the run had been resumed when the file was opened.
  let resumes: Int

  /// Opens the file for appending; lines after `step`, which the run writes again, are cut off.
  init(_ path: String, after step: Int) throws(Fault) {
    file = try AppendedFile(path)
    var resumes = 0
    let end = try Self.end(of: path, step: step) { resumes = max(resumes, $0) }
    try file.cut(to: end)
    self.resumes = resumes
  }

  func append(_ line: [UInt8]) throws(Fault) { try file.append(line + [0x0a]) }

  /// Cuts off the lines after a step.
  func cut(after step: Int) throws(Fault) {
    try file.cut(to: try Self.end(of: file.path, step: step) { _ in })
  }

  /// Where the whole lines of steps up to `step` end: the first that begins otherwise ends them.
  ///
  /// `resume` is told the number of every resume, also of those after the end.
  private static func end(
    of path: String, step: Int, resume: (Int) -> Void
  ) throws(Fault) -> Int {
    let reader = BufferedReader(try FileReader(path: path))
    var end = 0
    var start = 0
    var isPast = false
    var line: [UInt8] = []
    while try reader.readLine(into: &line) == .whole {
      // Without its line feed a line is cut short, and the next would go on in it.
      guard let head = number(after: "{\"step\":", in: line[...]), line.last == 0x7d,
        Int(reader.offset) == start + line.count + 1
      else { break }
      start = Int(reader.offset)
      if let count = number(after: ",\"event\":\"resume\",\"resumes\":", in: head.rest) {
        resume(count.number)
      }
      if head.number > step { isPast = true }
      if !isPast { end = Int(reader.offset) }
    }
    return end
  }

  /// The number that follows a text which the bytes begin with, and what follows the number.
  private static func number(
    after text: String, in bytes: ArraySlice<UInt8>
  ) -> (number: Int, rest: ArraySlice<UInt8>)? {
    let start = Array(text.utf8)
    guard bytes.starts(with: start) else { return nil }
    let digits = bytes.dropFirst(start.count).prefix { $0 >= 0x30 && $0 <= 0x39 }
    return Int(String(decoding: digits, as: UTF8.self)).map { ($0, bytes[digits.endIndex...]) }
  }
}
