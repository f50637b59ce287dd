import ArXiv
import Documents
import Ground
import TestSupport
import Testing

/// A tar of these files, all modified on 7 January 2021.
func tar(_ files: [(name: String, bytes: [UInt8])]) throws -> [UInt8] {
  let archive = try ArchiveWriter(.tar, modified: 1_610_000_000)
  for (name, bytes) in files { try archive.add(name, bytes) }
  return try archive.finish()
}

func records(of input: Input, by source: ArXivSource = ArXivSource()) throws -> [Record] {
  var records: [Record] = []
  for unit in try source.units(of: input) {
    try source.read(unit) { records.append($0) }
  }
  return records
}

extension Record {
  var document: Document? {
    switch self {
    case .document(let document), .dropped(let document, _): document
    case .bad: nil
    }
  }
  /// `kept`, the reason, or `bad`.
  var outcome: String {
    switch self {
    case .document: "kept"
    case .dropped(_, let reason): reason
    case .bad: "bad"
    }
  }
  var text: String { String(decoding: document?.text ?? [], as: UTF8.self) }
}

/// What became of one paper of these bytes, stored as arXiv stores it.
func read(
  _ bytes: [UInt8], _ settings: ArXivSource.Settings = .init(), named name: String = "1901.00001.gz"
) throws -> Record {
  let folder = try TemporaryFolder()
  let path = try folder.write(gzipMember(of: bytes), to: name)
  let found = try records(of: Input(name: name, path: path), by: ArXivSource(settings))
  try #require(found.count == 1)
  return found[0]
}

/// What is left of a body, set behind a preamble and a section that are taken off again.
func cleaned(
  _ body: String, preamble: String = "", _ settings: ArXivSource.Settings = .init()
) throws -> String {
  let text =
    "\\documentclass{a}\n\(preamble)\n\\begin{document}\n\\section{S}\n\(body)\n\\end{document}"
  let kept = try read(Array(text.utf8), settings).text
  try #require(kept.hasPrefix("\\section{S}\n"))
  return String(kept.dropFirst("\\section{S}\n".count))
}

/// What became of a paper of these files.
func paper(_ files: [(String, String)], _ settings: ArXivSource.Settings = .init()) throws -> Record
{
  try read(tar(files.map { ($0.0, Array($0.1.utf8)) }), settings)
}
