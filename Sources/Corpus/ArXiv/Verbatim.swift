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
    if text.has("\\begin", at: start) { return environmentEnd(in: text, at: start) }
    if text.has("\\verb", at: start) || text.has("\\lstinline", at: start)
      || text.has("\\Verb", at: start)
    {
      return inlineEnd(in: text, at: start)
    }
    if text.has("\\url", at: start) || text.has("\\path", at: start)
      || text.has("\\nolinkurl", at: start) || text.has("\\href", at: start)
    {
      return addressEnd(in: text, at: start)
    }
    return nil
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

  /// `\url{…}` and `\href{…}`, in whose first argument `%` is a percent sign.
  private func addressEnd(in text: [UInt8], at start: Int) -> Int? {
    let name = text[start..<text.controlEnd(start)]
    guard
      ["\\url", "\\path", "\\nolinkurl", "\\href"].contains(where: { name.elementsEqual($0.utf8) }),
      name.endIndex < text.count, text[name.endIndex] == UInt8(ascii: "{")
    else { return nil }
    return lineEnd(text, name.endIndex + 1, UInt8(ascii: "}"))
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
