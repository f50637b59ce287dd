import Formats
import Ground

/// Measurements of one kind.
struct BenchFigure {
  var name: String
  var bytes: Int
  /// Tokens made, or pieces.
  var tokens: Int
  var runs: [Elapsed] = []

  func seconds(_ kind: (Elapsed) -> Double) -> (least: Double, median: Double, most: Double) {
    let all = runs.map(kind).sorted()
    return (all[0], all[all.count / 2], all[all.count - 1])
  }

  /// Megabytes a second.
  func rates(_ kind: (Elapsed) -> Double) -> (least: Double, median: Double, most: Double) {
    let seconds = seconds(kind)
    let size = Double(bytes) / 1e6
    return (size / seconds.most, size / seconds.median, size / seconds.least)
  }
}

/// Figures as a table for people, but for those that are times alone.
func table(of figures: [BenchFigure]) -> Table {
  var table = Table("what", "MB", "tokens", "MB/s", "MB a CPU-second", "least", "most")
  for figure in figures where figure.bytes > 0 {
    let (wall, cpu) = (figure.rates(\.wall), figure.rates(\.cpu))
    table.add(
      figure.name, fixed(Double(figure.bytes) / 1e6, 1), grouped(figure.tokens),
      fixed(wall.median, 1), fixed(cpu.median, 1), fixed(cpu.least, 1), fixed(cpu.most, 1))
  }
  return table
}

/// Figures as one object, by name, with the most memory that the process had.
func json(of figures: [BenchFigure], threads: Int) -> [UInt8] {
  var json = JSONWriter()
  json.object { json in
    for figure in figures {
      json.key(figure.name)
      json.object { json in
        json.key("cpuSeconds")
        json.number(figure.seconds(\.cpu).median)
        json.key("wallSeconds")
        json.number(figure.seconds(\.wall).median)
        json.key("bytes")
        json.integer(figure.bytes)
        json.key("tokens")
        json.integer(figure.tokens)
        json.key("threads")
        json.integer(threads)
      }
    }
    json.key("peakBytes")
    json.integer(mostResidentMemory())
  }
  return json.bytes + [0x0a]
}

/// The documents of a file of JSON Lines, or text in pieces of about 4 kB.
func benchDocuments(_ path: String) throws -> [[UInt8]] {
  let reader = try openDecoded(path)
  var documents: [[UInt8]] = []
  var line: [UInt8] = []
  if path.contains(".jsonl") {
    let parser = JSONParser()
    while let piece = try reader.readLine(into: &line) {
      guard piece == .whole else { throw reader.fault(.tooLong(limit: line.count)) }
      guard let text = try? parser.parse(line)["text"]?.bytes else {
        throw reader.fault(.malformed("the line is no object with \"text\""))
      }
      documents.append(Array(text))
    }
  } else {
    let text = try reader.readToEnd()
    var start = 0
    while start < text.count {
      var end = min(start + 4036, text.count)
      while end < text.count && text[end - 1] != 0x0a { end += 1 }
      documents.append(Array(text[start..<end]))
      start = end
    }
  }
  guard documents.contains(where: { !$0.isEmpty }) else {
    throw reader.fault(.unusable("there is no text to encode"))
  }
  return documents
}

/// How many bytes a file has when it is decoded.
func decodedSize(_ path: String) throws -> Int {
  let reader = try openDecoded(path)
  var size = 0
  var piece: [UInt8] = []
  while true {
    piece.removeAll(keepingCapacity: true)
    try reader.read(1 << 20, into: &piece)
    if piece.isEmpty { return size }
    size += piece.count
  }
}
