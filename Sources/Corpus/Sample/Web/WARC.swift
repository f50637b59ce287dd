internal import Ground

/// Writes WARC records, each as a gzip member of its own, as Common Crawl does.
struct WARCFile {
  private(set) var bytes: [UInt8] = []
  private let name: String
  private var dice: Dice

  init(name: String, dice: Dice) {
    self.name = name
    self.dice = dice
  }

  /// A record's name; nobody else has it.
  mutating func identifier() -> String {
    let (high, low) = (hexadecimal(dice.next()), hexadecimal(dice.next()))
    let parts = [
      String(high.prefix(8)), String(high.dropFirst(8).prefix(4)), "4" + high.suffix(3),
      "8" + low.prefix(3), String(low.dropFirst(4)),
    ]
    return "<urn:uuid:\(parts.joined(separator: "-"))>"
  }

  /// Appends one record; `fields` come after the version line, in the order given.
  mutating func add(_ fields: [(String, String)], _ block: [UInt8]) {
    var record = Array("WARC/1.0\r\n".utf8)
    for (name, value) in fields { record += "\(name): \(value)\r\n" }
    record += "Content-Length: \(block.count)\r\n\r\n"
    bytes += gzipMember(of: record + block + Array("\r\n\r\n".utf8))
  }

  /// The record that every file begins with.
  mutating func addInformation(fileName: String) {
    let block =
      "isPartOf: CC-MAIN-2023-06\r\npublisher: Quipu\r\n"
      + "description: A synthetic crawl; nothing here was ever on the web\r\n"
      + "software: quipu sample\r\nformat: WARC File Format 1.0\r\n\r\n"
    add(
      [
        ("WARC-Type", "warcinfo"), ("WARC-Date", "2023-02-27T00:00:00Z"),
        ("WARC-Filename", fileName), ("WARC-Record-ID", identifier()),
        ("Content-Type", "application/warc-fields"),
      ], Array(block.utf8))
  }
}

/// `sha1:` and 32 letters, as WARC writes digests.
func warcDigest(_ block: [UInt8]) -> String {
  let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
  var text: [UInt8] = []
  var (bits, count) = (0, 0)
  for byte in sha1(block.span) {
    bits = bits << 8 | Int(byte)
    count += 8
    while count >= 5 {
      count -= 5
      text.append(letters[bits >> count & 31])
    }
    bits &= (1 << count) - 1
  }
  return "sha1:\(text.string)"
}
