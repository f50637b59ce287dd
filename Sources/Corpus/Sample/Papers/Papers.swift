internal import Ground

/// Writes `arxiv/`: tars as arXiv's bucket has them, of papers that are gzip of one TeX file or of
/// a tar.
func writePapers(_ sample: inout SampleFolder, _ bytes: Int) throws(Fault) {
  let mean = max(1500, min(40_000, bytes / 22))
  let count = max(22, bytes / mean)
  try write(count - count / 3, mean, Bundle(month: "2302", isNew: true), &sample)
  try write(count / 3, mean, Bundle(month: "9901", isNew: false), &sample)
}

/// One of arXiv's monthly tars.
private struct Bundle {
  var month: String
  /// Numbers such as `2302.00017`, as since 2007; before, `math9901017`.
  var isNew: Bool

  var input: String { "arxiv/arXiv_src_\(month)_001.tar" }

  func identifier(_ index: Int) -> String {
    let digits =
      String(repeating: "0", count: (isNew ? 5 : 3) - String(index).count) + String(index)
    return isNew ? "\(month).\(digits)" : "math\(month)\(digits)"
  }
}

private func write(
  _ count: Int, _ mean: Int, _ bundle: Bundle, _ sample: inout SampleFolder
) throws(Fault) {
  let archive = try ArchiveWriter(.tar, modified: bundle.isNew ? 1_677_628_800 : 917_740_800)
  for index in 1...count {
    let name = bundle.identifier(index)
    var dice = sample.dice("paper \(name)")
    var member = "\(bundle.month)/\(name).gz"
    var stored: [UInt8]
    var raw: Int
    var expect = Label.Expectation.keep
    var reason: String?
    let paper = PaperText(bytes: mean * dice.between(50, 150) / 100, dice)
    switch index {
    case 3:
      member = "\(bundle.month)/\(name).pdf"
      stored = Array("%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n".utf8)
      raw = stored.count
      (expect, reason) = (.drop, "pdf")
    case 5:
      (stored, raw) = packed(single(paper, isLegacy: false))
      stored = Array(stored.prefix(stored.count / 2))
      (expect, reason) = (.error, "cut short")
    case 6: (stored, raw) = packed(single(paper, isLegacy: true))
    case _ where index % 2 == 0: (stored, raw) = packed(try folder(of: paper))
    default: (stored, raw) = packed(single(paper, isLegacy: false))
    }
    try archive.add(member, stored)
    sample.summary.rawBytes += raw
    sample.add(
      Label(input: bundle.input, record: member, source: "arxiv", expect: expect, reason: reason))
  }
  try sample.write(try archive.finish(), to: bundle.input)
}

private func packed(_ bytes: [UInt8]) -> ([UInt8], Int) { (gzipMember(of: bytes), bytes.count) }

/// A paper in one file; the legacy one has letters in Latin-1.
private func single(_ paper: PaperText, isLegacy: Bool) -> [UInt8] {
  var paper = paper
  let head = paper.preamble(encoding: isLegacy ? "latin1" : "utf8", including: paper.macros)
  var text = Array(head.utf8) + paper.sections().joined(by: "\n")
  if isLegacy { text += Array("The caf".utf8) + [0xe9] + Array(" of K".utf8) + [0xf6, 0x0a] }
  text += paper.bibliography()
  return text + Array("\\end{document}\n".utf8)
}

/// A paper as a tar: main file, sections of their own, macros, and the bibliography beside them.
private func folder(of paper: PaperText) throws(Fault) -> [UInt8] {
  var paper = paper
  let archive = try ArchiveWriter(.tar, modified: 1_675_209_600)
  let sections = paper.sections()
  var main = Array(paper.preamble(including: "\\input{macros}").utf8)
  for index in sections.indices { main += "\\input{sections/part\(index + 1)}\n" }
  main += "\\bibliography{main}\n\\end{document}\n"
  try archive.add("main.tex", main)
  try archive.add("macros.tex", Array(paper.macros.utf8))
  for (index, section) in sections.enumerated() {
    try archive.add("sections/part\(index + 1).tex", section)
  }
  try archive.add("main.bbl", paper.bibliography())
  return try archive.finish()
}
