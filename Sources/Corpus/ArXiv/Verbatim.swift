/// Finds the places that TeX does not read as TeX: `\verb`, `lstlisting` and their like.
struct Verbatim {
  /// Environments that were begun and not ended: they are not searched for again, so that hostile
  /// input costs no more than the length times the number of names.
  private var unended: Set<String> = []

  static let environments: Set<String> = [
    "verbatim", "verbatim*", "Verbatim", "Verbatim*", "BVerbatim", "LVerbatim", "lstlisting",
    "minted", "alltt", "filecontents", "filecontents*",
  ]

  /// The end of what is verbatim and begins at the backslash at `start`; nil where nothing is.
  mutating func end(in text: [UInt8], at start: Int) -> Int? {
    guard start + 1 < text.count else { return nil }
    // The first letter sorts out nearly all.
    switch text[start + 1] {
    case UInt8(ascii: "b"):
      return text.has("\\begin", at: start) ? environmentEnd(in: text, at: start) : nil
    case UInt8(ascii: "v"), UInt8(ascii: "V"), UInt8(ascii: "l"):
      return inlineEnd(in: text, at: start)
    case UInt8(ascii: "u"), UInt8(ascii: "p"), UInt8(ascii: "n"), UInt8(ascii: "h"):
      return addressEnd(in: text, at: start)
    default: return nil
    }
  }

  private mutating func environmentEnd(in text: [UInt8], at start: Int) -> Int? {
    let open = start + 6
    guard open < text.count, text[open] == UInt8(ascii: "{") else { return nil }
    let name = text[(open + 1)...].prefix(16).prefix { $0 != UInt8(ascii: "}") }
    return end(of: string(name), in: text, from: open)
  }

  /// The place behind `\end{name}`; nil for an environment that is read as TeX, or is not ended.
  private mutating func end(of name: String, in text: [UInt8], from start: Int) -> Int? {
    guard Self.environments.contains(name), !unended.contains(name) else { return nil }
    let closing = Array("\\end{\(name)}".utf8)
    guard let end = text.find(closing, from: start) else {
      unended.insert(name)
      return nil
    }
    return end + closing.count
  }

  /// `\verb|…|` and `\lstinline[…]|…|`, which end on their line.
  private func inlineEnd(in text: [UInt8], at start: Int) -> Int? {
    let name = text[start..<text.controlEnd(start)]
    guard ["\\verb", "\\Verb", "\\lstinline"].contains(where: { name.elementsEqual($0.utf8) })
    else { return nil }
    var index = name.endIndex
    if index < text.count, text[index] == UInt8(ascii: "*") { index += 1 }
    if index < text.count, text[index] == UInt8(ascii: "["), let end = lineEnd(text, index, 0x5d) {
      index = end
    }
    guard index < text.count, text[index] > 0x20 else { return nil }
    let closing = text[index] == UInt8(ascii: "{") ? UInt8(ascii: "}") : text[index]
    return lineEnd(text, index + 1, closing)
  }

  /// `\url{…}`, `\url|…|` and `\href{…}`, in whose first argument `%` is a percent sign.
  private func addressEnd(in text: [UInt8], at start: Int) -> Int? {
    let name = text[start..<text.controlEnd(start)]
    let open = name.endIndex
    guard
      ["\\url", "\\path", "\\nolinkurl", "\\href"].contains(where: { name.elementsEqual($0.utf8) }),
      open < text.count, text[open] > 0x20, !isLetter(text[open]), text[open] != 0x5c
    else { return nil }
    return lineEnd(text, open + 1, text[open] == UInt8(ascii: "{") ? 0x7d : text[open])
  }

  /// The place behind the next `closing` on this line.
  private func lineEnd(_ text: [UInt8], _ start: Int, _ closing: UInt8) -> Int? {
    var index = start
    while index < text.count, text[index] != 0x0a {
      if text[index] == closing { return index + 1 }
      index += 1
    }
    return nil
  }
}
