/// Recognises licences by phrases that stand in no other.
enum Licence {
  /// The longest licence file that is looked at, in bytes; the GPL has 35 kB.
  static let maximumBytes = 1 << 17

  /// True for names such as `LICENSE`, `COPYING.LESSER` and `MIT-LICENSE.txt`.
  static func isFile(_ name: String) -> Bool {
    let lower = name.lowercased()
    let bytes = Array(lower.utf8)
    let prose = [".md", ".markdown", ".rst", ".html"]
    if ProgrammingLanguage.of(lower) != nil, !prose.contains(where: { bytes.ends(with: $0) }) {
      return false
    }
    if lower.contains("third") { return false }
    for word in ["license", "licence", "copying", "unlicense"] where lower.hasPrefix(word) {
      let next = bytes.dropFirst(word.utf8.count).first
      if next.map({ Array("-._ ".utf8).contains($0) }) ?? true { return true }
    }
    let stem = lower.split(separator: ".").first.map(String.init) ?? lower
    return ["-license", "-licence", "_license"].contains { stem.hasSuffix($0) }
  }

  /// The identifiers of every licence whose words stand in `text`, lower-case as SPDX writes them.
  static func identifiers(in text: [UInt8]) -> [String] {
    let folded = fold(text.prefix(maximumBytes))
    var found = phrases.filter { licence in
      licence.phrases.allSatisfy { contains(folded, $0) }
    }
    let covered = Set(found.flatMap(\.covers))
    found.removeAll { covered.contains($0.name) }
    return found.map(\.name)
  }

  /// Words of ASCII letters and digits in lower case, one blank between them.
  private static func fold(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var folded: [UInt8] = [0x20]
    folded.reserveCapacity(text.count + 2)
    for byte in text {
      switch byte {
      case 0x30...0x39, 0x61...0x7a: folded.append(byte)
      case 0x41...0x5a: folded.append(byte | 0x20)
      default: if folded[folded.count - 1] != 0x20 { folded.append(0x20) }
      }
    }
    if folded[folded.count - 1] != 0x20 { folded.append(0x20) }
    return folded
  }

  private static func contains(_ folded: [UInt8], _ phrase: String) -> Bool {
    let phrase = Array(" \(phrase) ".utf8)
    guard folded.count >= phrase.count else { return false }
    return (0...(folded.count - phrase.count)).contains { start in
      folded[start + 1] == phrase[1]
        && phrase.indices.allSatisfy { folded[start + $0] == phrase[$0] }
    }
  }

  /// Each licence's own words, folded, and the licences that it is an extension of.
  private static let phrases: [(name: String, phrases: [String], covers: [String])] = [
    ("mit", ["permission is hereby granted", "to deal in the software without restriction"], []),
    (
      "json",
      ["to deal in the software without restriction", "shall be used for good not evil"],
      ["mit"]
    ),
    ("bsd-2-clause", [redistribution], []),
    (
      "bsd-3-clause", [redistribution, "endorse or promote products derived from this software"],
      ["bsd-2-clause"]
    ),
    (
      "bsd-4-clause", [redistribution, "all advertising materials mentioning features or use"],
      ["bsd-2-clause", "bsd-3-clause"]
    ),
    ("apache-1.1", ["the apache software license version 1 1"], ["bsd-2-clause", "bsd-3-clause"]),
    ("apache-2.0", ["apache license version 2 0"], []),
    (
      "ncsa", ["to deal with the software without restriction", "redistributions of source code"],
      ["mit"]
    ),
    ("isc", ["permission to use copy modify and or distribute this software for any purpose"], []),
    ("isc", ["permission to use copy modify and distribute this software for any purpose"], []),
    ("gpl-2.0", ["gnu general public license version 2 june 1991"], ["gpl"]),
    ("gpl-3.0", ["gnu general public license version 3 29 june 2007"], ["gpl"]),
    ("gpl", ["gnu general public license"], []),
    ("lgpl", ["gnu lesser general public license version"], ["gpl", "gpl-2.0", "gpl-3.0"]),
    ("lgpl", ["gnu library general public license version"], ["gpl", "gpl-2.0", "gpl-3.0"]),
    (
      "agpl-3.0", ["gnu affero general public license version 3 19"], ["gpl", "gpl-2.0", "gpl-3.0"]
    ),
    ("mpl", ["mozilla public license"], []),
    ("epl", ["eclipse public license"], []),
    ("cddl", ["common development and distribution license"], []),
    ("eupl", ["european union public licence"], []),
    ("artistic", ["the artistic license"], []),
    ("bsl-1.0", ["boost software license version 1 0"], []),
    ("zlib", ["misrepresented as being the original software"], []),
    ("unlicense", ["this is free and unencumbered software released into the public domain"], []),
    ("wtfpl", ["do what the fuck you want to public license"], []),
    ("cc0-1.0", ["cc0 1 0 universal"], []),
    ("cc-by", ["creative commons attribution"], []),
    ("cc-by-nc", ["creative commons attribution noncommercial"], ["cc-by"]),
    ("cc-by-sa", ["creative commons attribution sharealike"], ["cc-by"]),
    ("ofl-1.1", ["sil open font license"], []),
    ("commons-clause", ["commons clause"], []),
    ("busl-1.1", ["business source license 1 1"], []),
  ]

  private static let redistribution =
    "redistribution and use in source and binary forms with or without modification are permitted"
}
