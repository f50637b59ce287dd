import Ground

/// Turns a paper's files into UTF-8 with `\n` line ends.
enum PaperEncoding {
  /// The character set that `\usepackage[…]{inputenc}` declares, by the C library's name; nil
  /// where none is declared or known.
  static func declared(in bytes: [UInt8]) -> String? {
    for package in ["{inputenc}", "{inputenx}"] {
      let mark = Array(package.utf8)
      var start = 0
      while let found = bytes.find(mark, from: start) {
        start = found + mark.count
        guard let option = option(before: found, in: bytes) else { continue }
        if let name = names[option] { return name }
      }
    }
    return nil
  }

  /// The file as UTF-8, and what it was written in.
  ///
  /// UTF-8 is taken as it is; else the declared set decides, else Windows-1252.
  static func decode(_ bytes: [UInt8], declared: String?) -> (text: [UInt8], name: String) {
    let isUTF8 = isValidUTF8(bytes)
    let text = decodeText(bytes, declared: declared)
    return (withLineFeeds(text), isUTF8 ? "UTF-8" : declared ?? "WINDOWS-1252")
  }

  /// The last option of `[…]` before `end`, where the line is no comment.
  private static func option(before end: Int, in bytes: [UInt8]) -> String? {
    guard end > 0, bytes[end - 1] == UInt8(ascii: "]") else { return nil }
    let window = bytes[max(0, end - 80)..<end - 1]
    guard let open = window.lastIndex(of: UInt8(ascii: "[")) else { return nil }
    let line = window[..<open].lastIndex(of: 0x0a) ?? window.startIndex
    if window[line..<open].contains(UInt8(ascii: "%")) { return nil }
    let options = window[(open + 1)...].split(separator: UInt8(ascii: ","))
    return options.last.map { string($0.filter { $0 > 0x20 }).lowercased() }
  }

  private static func withLineFeeds(_ text: [UInt8]) -> [UInt8] {
    guard text.contains(0x0d) else { return text }
    var lines: [UInt8] = []
    lines.reserveCapacity(text.count)
    for (index, byte) in text.enumerated() {
      if byte != 0x0d {
        lines.append(byte)
      } else if index + 1 == text.count || text[index + 1] != 0x0a {
        lines.append(0x0a)
      }
    }
    return lines
  }

  /// Options of inputenc (its manual, section 2) and the C library's names for them.
  ///
  /// Latin 1 is read as Windows-1252, which holds it and is often meant.
  private static let names = [
    "latin1": "WINDOWS-1252", "latin2": "ISO-8859-2", "latin3": "ISO-8859-3",
    "latin4": "ISO-8859-4", "latin5": "ISO-8859-9", "latin9": "ISO-8859-15",
    "latin10": "ISO-8859-16", "cp1252": "WINDOWS-1252", "ansinew": "WINDOWS-1252",
    "cp1250": "WINDOWS-1250", "cp1257": "WINDOWS-1257", "cp437": "CP437", "cp437de": "CP437",
    "cp850": "CP850", "cp852": "CP852", "cp858": "CP858", "cp865": "CP865",
    "applemac": "MACINTOSH", "macce": "MAC-CENTRALEUROPE", "koi8-r": "KOI8-R",
    "koi8-u": "KOI8-U", "koi8-ru": "KOI8-U", "cp1251": "WINDOWS-1251", "cp855": "CP855",
    "cp866": "CP866", "iso88595": "ISO-8859-5", "maccyr": "MAC-CYRILLIC",
    "iso-8859-7": "ISO-8859-7",
  ]
}
