internal import Formats
internal import Ground

/// Writes `github/`: two files of an export from BigQuery, and one repository as a tarball.
func writeRepositories(_ sample: inout SampleFolder, _ bytes: Int) throws(Fault) {
  var source = CodeFiles(sample, stream: "github")
  let files = source.files(bytes: bytes * 4 / 5)
  let perFile = files.count / 2 + 1
  for number in 0..<2 {
    let input = "github/github_00000000000\(number).json.gz"
    var export: [UInt8] = []
    for file in files[number * perFile..<min(files.count, (number + 1) * perFile)] {
      export += line(file)
      sample.add(label(file, input))
    }
    if number == 0 {
      let line = export.count { $0 == 0x0a } + 1
      export += "{\"id\": \"0\", \"size\": \"12\", \"content\": \"int main(\n"
      sample.add(
        Label(
          input: input, record: "line \(line)", source: "github", expect: .error,
          reason: "not JSON"))
    }
    sample.summary.rawBytes += export.count
    try sample.write(gzipMember(of: export), to: input)
  }
  try writeTarball(&sample, bytes / 5)
}

/// A row of `contents` joined with `files` and `licenses`, as BigQuery exports it: whole numbers are
/// strings, and `<`, `>` and `&` are escaped.
private func line(_ file: CodeFile) -> [UInt8] {
  let content = file.content ?? []
  var json = JSONWriter()
  json.object { json in
    json.key("id")
    json.string(hexadecimal(sha1((Array("blob \(content.count)".utf8) + [0] + content).span)))
    json.key("size")
    json.string(String(content.count))
    json.key("content")
    if let content = file.content { json.string(content) } else { json.null() }
    json.key("binary")
    json.bool(file.content == nil)
    json.key("copies")
    json.string(file.twin == nil ? "1" : "2")
    json.key("repo_name")
    json.string(file.repository)
    json.key("ref")
    json.string("refs/heads/master")
    json.key("path")
    json.string(file.path)
    json.key("mode")
    json.string("33188")
    json.key("license")
    json.string(file.licence)
  }
  var line: [UInt8] = []
  line.reserveCapacity(json.bytes.count + 64)
  for byte in json.bytes {
    switch byte {
    case 0x3c: line += #"\u003c"#
    case 0x3e: line += #"\u003e"#
    case 0x26: line += #"\u0026"#
    default: line.append(byte)
    }
  }
  return line + [0x0a]
}

private func label(_ file: CodeFile, _ input: String) -> Label {
  Label(
    input: input, record: file.name, source: "github", expect: file.expect, reason: file.reason,
    twin: file.twin)
}

/// A repository as GitHub serves it: all below one folder that names owner, project and commit.
private func writeTarball(_ sample: inout SampleFolder, _ bytes: Int) throws(Fault) {
  let input = "github/holmworth-almanac-5f2c1d0.tar.gz"
  let root = "holmworth-almanac-5f2c1d0"
  let archive = try ArchiveWriter(.tar, modified: 1_675_209_600)
  var files: [(String, [UInt8], Label.Expectation, String?)] = [
    ("LICENSE", mitLikeLicence, .drop, "skipped"),
    ("logo.png", [0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3], .drop, "suffix"),
  ]
  var source = CodeFiles(sample, stream: "tarball")
  var written = 0
  while written < bytes || files.count < 6 {
    let file = source.good(bytes: max(400, min(4000, bytes / 4)))
    let content = file.content ?? []
    let suffix = file.path.split(separator: ".").last ?? "c"
    files.append(("lib/part_\(files.count).\(suffix)", content, .keep, nil))
    written += content.count
  }
  for (path, content, expect, reason) in files {
    try archive.add("\(root)/\(path)", content)
    sample.summary.rawBytes += content.count
    sample.add(
      Label(input: input, record: path, source: "github", expect: expect, reason: reason))
  }
  try sample.write(gzipMember(of: try archive.finish()), to: input)
}

/// Names the licence in words that detectors of licences look for; the terms are left out.
private let mitLikeLicence = Array(
  """
  MIT License

  Copyright (c) 2023 The almanac authors

  This repository does not exist. Permission is hereby granted to use its files, free of charge, and
  to deal in the software without restriction.

  """.utf8)
