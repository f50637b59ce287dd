import ArXiv
import Documents
import Ground
import TestSupport
import Testing

func records(of input: Input, by source: ArXivSource = ArXivSource()) throws -> [Record] {
  try source.records(of: input)
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
