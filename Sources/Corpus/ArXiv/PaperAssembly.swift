import Ground

/// Puts a paper's files together into one text: finds the root and what it includes.
struct PaperAssembly {
  /// Files by name, decoded and without comments.
  private let texts: [String: [UInt8]]
  /// Names in the order of the archive.
  private let order: [String]
  private var used: [String] = []
  private var output: [UInt8] = []
  private var open: [String] = []
  /// Bytes passed over so far, each inclusion counted as some.
  private var work = 0

  /// How deep files may include files: TeX's own limit is 15 open files.
  private static let depth = 15
  /// The longest text put together, in bytes; ours.
  private static let maximumBytes = 32 << 20
  /// What looking for an included file counts as, in bytes.
  private static let inclusionCost = 1 << 10
  /// How much work there may be: files that include one another twice over and over have no end.
  private static let maximumWork = 64 << 20

  /// - Parameter files: Names and texts, in the order of the archive.
  init(_ files: [(name: String, text: [UInt8])]) {
    texts = Dictionary(files.map { ($0.name, $0.text) }) { first, _ in first }
    order = files.map(\.name)
  }

  /// The root's text with all it includes, and the names of the files used, root first.
  mutating func assemble(preferring declared: [String]) -> (text: [UInt8], files: [String]) {
    let roots = roots(declared)
    for root in roots {
      include(root, from: nil)
      if output.last != 0x0a { output.append(0x0a) }
    }
    return (output, used)
  }

  /// The root, or every file that no other includes where there is none.
  private func roots(_ declared: [String]) -> [String] {
    let sources = order.filter { Paper.isTeX($0) || Paper.isLaTeX(texts[$0] ?? []) }
      .filter { !$0.hasSuffix(".sty") && !fileName(of: $0).lowercased().hasPrefix("00readme") }
    let complete = sources.filter { isComplete(texts[$0] ?? []) }
    if let named = declared.first(where: { sources.contains($0) }) { return [named] }
    if let named = best(of: complete) { return [named] }
    let included = includedNames(of: sources)
    let free = sources.filter { !included.contains($0) }
    let begun = free.filter { texts[$0]?.contains("\\begin{document}") ?? false }
    if let named = best(of: begun) { return [named] }
    let classed = free.filter { Paper.isLaTeX(texts[$0] ?? []) }
    if let named = best(of: classed) { return [named] }
    return free.isEmpty ? sources : free
  }

  private func isComplete(_ text: [UInt8]) -> Bool {
    Paper.isLaTeX(text) && text.contains("\\begin{document}")
  }

  /// The usual name, nearest the top; else the largest file that no other of them includes.
  private func best(of names: [String]) -> String? {
    for usual in ["ms.tex", "main.tex", "paper.tex"] {
      if let found = names.first(where: { $0.lowercased() == usual }) { return found }
    }
    let included = includedNames(of: names)
    let free = names.filter { !included.contains($0) }
    return (free.isEmpty ? names : free).max {
      (texts[$0]?.count ?? 0, $1) < (texts[$1]?.count ?? 0, $0)
    }
  }

  private func includedNames(of names: [String]) -> Set<String> {
    var included: Set<String> = []
    for name in names {
      guard let text = texts[name] else { continue }
      var index = text.nextBackslash(0)
      var left = Self.maximumWork / Self.inclusionCost / 64
      while index < text.count, left > 0 {
        if let inclusion = Inclusion(text, at: index) {
          left -= 1
          if let found = resolve(inclusion, from: name), found != name { included.insert(found) }
        }
        index = text.nextBackslash(text.controlEnd(index))
      }
    }
    return included
  }

  private mutating func include(_ name: String, from above: String?) {
    guard let text = texts[name], !open.contains(name), open.count < Self.depth,
      work < Self.maximumWork
    else { return }
    work += text.count
    open.append(name)
    defer { open.removeLast() }
    if !used.contains(name) { used.append(name) }
    var verbatim = Verbatim()
    let range = body(of: text, isRoot: above == nil)
    var index = range.lowerBound
    while index < range.upperBound, output.count < Self.maximumBytes, work < Self.maximumWork {
      let hit = min(text.nextBackslash(index), range.upperBound)
      output.append(contentsOf: text[index..<hit])
      guard hit < range.upperBound else { break }
      var end = min(verbatim.end(in: text, at: hit) ?? text.controlEnd(hit), range.upperBound)
      let inclusion = Inclusion(text, at: hit)
      if inclusion != nil { work += Self.inclusionCost }
      if let inclusion, let found = resolve(inclusion, from: name) {
        include(found, from: name)
        end = inclusion.end
      } else {
        output.append(contentsOf: text[hit..<end])
      }
      index = end
    }
    while above != nil, output.last == 0x0a { output.removeLast() }
    if above != nil { output.append(0x0a) }
  }

  /// What counts of a file: the root to its end of document, another's body if it has its own.
  private func body(of text: [UInt8], isRoot: Bool) -> Range<Int> {
    let begin = Array("\\begin{document}".utf8)
    let end = Array("\\end{document}".utf8)
    let start = text.find(begin, from: 0)
    let stop = text.find(end, from: start ?? 0) ?? text.count
    guard let start, !isRoot else { return 0..<stop }
    return start + begin.count..<max(start + begin.count, stop)
  }

  /// The file that an inclusion means; nil where the paper has none, or it holds no text.
  private func resolve(_ inclusion: Inclusion, from name: String) -> String? {
    let here = folder(of: name) == "." ? "" : folder(of: name) + "/"
    let top = folder(of: open.first ?? name) == "." ? "" : folder(of: open.first ?? name) + "/"
    for base in [top, here, ""] {
      for end in [".tex", "", ".ltx"] {
        let path = normalised(base + inclusion.folder + inclusion.name + end)
        if texts[path] != nil, !path.hasSuffix(".sty"), !path.hasSuffix(".bbl") { return path }
      }
    }
    return nil
  }

  private func normalised(_ path: String) -> String {
    var parts: [Substring.UTF8View] = []
    for part in path[...].utf8.split(separator: 0x2f) where !part.elementsEqual(".".utf8) {
      if part.elementsEqual("..".utf8), !parts.isEmpty {
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
    return parts.map { String(Substring($0)) }.joined(separator: "/")
  }
}

/// A command that reads another file in its place.
struct Inclusion {
  /// The folder of `\import`, with its slash; else empty.
  var folder = ""
  var name: String
  /// The place behind the command.
  var end: Int

  /// Longer names are no names.
  private static let maximumName = 200

  /// The inclusion at the backslash `start`; nil where none is.
  init?(_ text: [UInt8], at start: Int) {
    guard start + 4 < text.count, [0x69, 0x73].contains(text[start + 1]) else { return nil }
    let command = text.controlEnd(start)
    switch string(text[start + 1..<command]) {
    case "input":
      let next = text.afterBlanks(command)
      if next < text.count, text[next] != UInt8(ascii: "{") {
        let bare = text[next...].prefix(Self.maximumName)
          .prefix { $0 > 0x20 && $0 != 0x5c && $0 != 0x7d }
        guard !bare.isEmpty else { return nil }
        (name, end) = (string(bare), bare.endIndex)
        return
      }
      guard let found = Self.argument(text, command) else { return nil }
      (name, end) = found
    case "include", "subfile", "subfileinclude":
      guard let found = Self.argument(text, command) else { return nil }
      (name, end) = found
    case "import", "subimport", "inputfrom", "includefrom", "subinputfrom":
      guard let place = Self.argument(text, command), let found = Self.argument(text, place.end)
      else { return nil }
      folder = place.name.hasSuffix("/") ? place.name : place.name + "/"
      (name, end) = found
    default: return nil
    }
  }

  private static func argument(_ text: [UInt8], _ start: Int) -> (name: String, end: Int)? {
    let open = text.afterBlanks(start)
    guard open < text.count, text[open] == UInt8(ascii: "{") else { return nil }
    let inner = text[(open + 1)...].prefix(maximumName).prefix { $0 != 0x7d && $0 != 0x5c }
    guard inner.endIndex < text.count, text[inner.endIndex] == UInt8(ascii: "}") else {
      return nil
    }
    return (string(inner.filter { $0 > 0x20 && $0 != 0x22 }), inner.endIndex + 1)
  }
}
