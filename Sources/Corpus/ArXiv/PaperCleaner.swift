import Formats
import Ground

/// What is left of a paper, and what is known of it.
struct CleanedPaper {
  var text: [UInt8] = []
  /// The files used, root first.
  var files: [String] = []
  /// What the root was written in.
  var encoding = ""
  var hitLimit = false
  /// Why the paper is dropped; nil where it is kept.
  var reason: String?
}

/// Makes plain LaTeX of a paper's files: decodes, puts together, cuts, expands.
struct PaperCleaner {
  let settings: ArXivSource.Settings

  /// Expansion may pass over this many times the text, and the bytes beside it; ours.
  private static let patience = (times: 16, bytes: 1 << 20)

  init(_ settings: ArXivSource.Settings) { self.settings = settings }

  func clean(_ paper: Paper) -> CleanedPaper {
    var cleaned = CleanedPaper()
    let common = paper.files.lazy.compactMap { PaperEncoding.declared(in: $0.bytes) }.first
    var conditionals = Conditionals()
    var encodings: [String: String] = [:]
    var decoded: [(name: String, text: [UInt8])] = []
    for file in paper.files {
      let declared = PaperEncoding.declared(in: file.bytes) ?? common
      let (text, encoding) = PaperEncoding.decode(file.bytes, declared: declared)
      conditionals.declare(in: text)
      encodings[file.name] = encoding
      decoded.append((file.name, text))
    }
    let roots = toplevel(decoded)
    let texts = decoded.map { ($0.name, withoutComments($0.text, conditionals)) }
    var assembly = PaperAssembly(texts)
    let (text, files) = assembly.assemble(preferring: roots)
    cleaned.files = files
    cleaned.encoding = files.first.flatMap { encodings[$0] } ?? ""
    body(of: text, styles: texts.filter { $0.0.hasSuffix(".sty") }, into: &cleaned)
    return cleaned
  }

  /// Cuts and expands; sets text or reason.
  private func body(
    of text: [UInt8], styles: [(String, [UInt8])], into cleaned: inout CleanedPaper
  ) {
    let budget = text.count * Self.patience.times + Self.patience.bytes
    var table = MacroTable(budget: budget)
    let begin = PaperCut.documentStart(of: text)
    if settings.expandsMacros {
      for (name, style) in styles where isOwn(name, style, in: text[..<begin]) {
        table.atIsLetter = true
        table.collect(from: style)
        table.atIsLetter = false
      }
    }
    var start = PaperCut.firstSection(of: text, from: begin)
    var body: [UInt8]
    if settings.expandsMacros {
      let from = start ?? begin
      table.collect(from: Array(text[..<from]))
      var expander = MacroExpander(table)
      expander.expand(Array(text[from...]))
      cleaned.hitLimit = expander.hitLimit
      body = withoutEnsureMath(expander.output, opaque: expander.table.opaque)
    } else {
      body = Array(text[(start ?? begin)...])
    }
    if start == nil {
      // The section may have come out of a command.
      start = PaperCut.firstSection(of: body, from: 0)
      if start == nil, !settings.keepsSectionless {
        cleaned.reason = "no_section"
        return
      }
      body.removeFirst(start ?? PaperCut.titleEnd(of: body, from: 0))
    }
    body = PaperCut.withoutBibliography(body, keepsAppendix: settings.keepsAppendix)
    cleaned.text = PaperCut.tidy(body)
    if cleaned.text.isEmpty { cleaned.reason = "empty" }
  }

  /// True for a style file of the authors' own commands: the paper asks for it, and it does not
  /// program TeX, as packages do.
  private func isOwn(_ name: String, _ style: [UInt8], in preamble: ArraySlice<UInt8>) -> Bool {
    let stem = String(fileName(of: name).dropLast(".sty".count))
    let named = ["{\(stem)}", ",\(stem)}", "{\(stem),", ",\(stem),"]
    let preamble = preamble.filter { $0 > 0x20 }
    return style.count < 1 << 16 && !style.contains("\\ExplSyntaxOn") && !style.contains(0x40)
      && named.contains { preamble.contains($0) }
  }

  /// The root files that arXiv's `00README` names, in its order.
  private func toplevel(_ files: [(name: String, text: [UInt8])]) -> [String] {
    guard let readme = files.first(where: { $0.name.lowercased().hasPrefix("00readme") }) else {
      return []
    }
    if readme.name.lowercased().hasSuffix(".json") {
      guard let node = try? JSONParser().parse(readme.text) else { return [] }
      return (node["sources"]?.elements ?? []).compactMap { source in
        source["usage"]?.string == "toplevel" ? source["filename"]?.string : nil
      }
    }
    return readme.text.split(separator: 0x0a).compactMap { line in
      let words = line.split { $0 <= 0x20 }
      return words.count > 1 && words[1].elementsEqual("toplevelfile".utf8)
        ? string(words[0]) : nil
    }
  }
}
