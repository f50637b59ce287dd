import Ground
import Sample
import TestSupport

/// One small sample, written once for all tests.
final class SampleFixture: Sendable {
  let folder: TemporaryFolder
  let summary: SampleSummary

  static let size = 1_000_000
  static let shared = Result { try SampleFixture(seed: 1) }

  init(seed: UInt64) throws {
    folder = try TemporaryFolder()
    summary = try writeSample(to: folder.path, size: Self.size, seed: seed)
  }

  func path(_ name: String) -> String { "\(folder.path)/\(name)" }

  /// Decoded bytes of one of the files.
  func decoded(_ name: String) throws -> [UInt8] { try openDecoded(path(name)).readToEnd() }

  func text(_ name: String) throws -> String {
    String(decoding: try decoded(name), as: UTF8.self)
  }

  /// Members of a tar, compressed or not, or of a 7z.
  func members(_ name: String) throws -> [(name: String, bytes: [UInt8])] {
    let archive =
      name.hasSuffix(".7z")
      ? try ArchiveReader(path: path(name)) : try ArchiveReader(tar: openDecoded(path(name)))
    var members: [(name: String, bytes: [UInt8])] = []
    while let member = try archive.next() { members.append((member.name, try archive.bytes())) }
    return members
  }

  /// Raw records in a file, counted without any code of the sample.
  func records(in name: String) throws -> Int {
    switch name {
    case _ where name.hasSuffix(".warc.wet.gz"):
      try text(name).ranges(of: "WARC-Type: conversion\r\n").count
    case _ where name.hasSuffix(".warc.gz"):
      try decoded(name).occurrences(of: "WARC-Type: response\r\n")
    case _ where name.hasSuffix(".json.gz"): try decoded(name).count { $0 == 0x0a }
    case _ where name.hasSuffix(".xml.bz2"): try text(name).ranges(of: "<page>\n").count
    case _ where name.hasSuffix(".7z"):
      try members(name).filter { $0.name == "Posts.xml" }
        .reduce(0) { $0 + $1.bytes.occurrences(of: "  <row Id=") }
    case _ where name.contains(".tar"): try members(name).count
    case _ where name.hasSuffix(".txt"): try decoded(name).isEmpty ? 0 : 1
    default: 0
    }
  }
}

extension [UInt8] {
  /// How often `word` stands in bytes that need not be text.
  func occurrences(of word: String) -> Int {
    let word = Array(word.utf8)
    var count = 0
    var index = 0
    while index + word.count <= self.count {
      if self[index] == word[0], self[index..<index + word.count].elementsEqual(word) {
        count += 1
        index += word.count
      } else {
        index += 1
      }
    }
    return count
  }
}
