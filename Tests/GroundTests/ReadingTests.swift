import Ground
import TestSupport
import Testing

@Suite struct ReadingTests {
  /// Text that compresses a little, longer than any buffer inside.
  private let text: [UInt8] = {
    var random = SeededGenerator(seed: 7)
    return (0..<900_000).map { _ in UInt8.random(in: 97...107, using: &random) }
  }()

  private func parts(_ count: Int) -> [[UInt8]] {
    let size = text.count / count
    return (0..<count).map {
      Array(text[$0 * size..<($0 == count - 1 ? text.count : ($0 + 1) * size)])
    }
  }

  /// The same text, stored in every way that Ground reads.
  private func stored() -> [(name: String, bytes: [UInt8])] {
    [
      ("plain", text),
      ("gzip", gzipMember(of: text)),
      ("gzip members", parts(300).flatMap { gzipMember(of: $0) }),
      ("gzip, large members", parts(2).flatMap { gzipMember(of: $0) }),
      ("bzip2", bzip2Stream(of: text)),
      ("bzip2 streams", parts(5).flatMap { bzip2Stream(of: $0) }),
      ("zstd", zstdFrame(of: text)),
      ("zstd frames", parts(7).flatMap { zstdFrame(of: $0) }),
    ]
  }

  @Test func everyCodecGivesTheTextBack() throws {
    let folder = try TemporaryFolder()
    for (name, bytes) in stored() {
      let path = try folder.write(bytes, to: name)
      #expect(try openDecoded(path).readToEnd() == text, "\(name)")
    }
  }

  @Test func aCutFileFaultsAtAByteAndNeverGivesMore() throws {
    let folder = try TemporaryFolder()
    for (name, bytes) in stored().dropFirst() {
      for cut in [1, 3, 10, bytes.count / 3, bytes.count - 1] {
        let path = try folder.write(Array(bytes[..<cut]), to: "cut")
        let reader = try openDecoded(path)
        var read: [UInt8] = []
        var isFaulty = false
        do throws(Fault) {
          while try reader.read(1 << 16, into: &read) > 0 {}
        } catch {
          isFaulty = true
          #expect(error.file == path && error.offset <= UInt64(cut), "\(name) cut at \(cut)")
        }
        let isPlain = try Codec(path: path) == .plain
        #expect(isPlain || text.starts(with: read), "\(name) cut at \(cut)")
        #expect(isPlain || isFaulty, "\(name) cut at \(cut)")
      }
    }
  }

  @Test func aCutStreamIsAFault() throws {
    let folder = try TemporaryFolder()
    for (name, bytes) in [
      ("gzip", gzipMember(of: text)), ("bzip2", bzip2Stream(of: text)),
      ("zstd", zstdFrame(of: text)),
    ] {
      let path = try folder.write(Array(bytes.dropLast(5)), to: name)
      #expect {
        try openDecoded(path).readToEnd()
      } throws: { "\($0)".contains("is cut short") }
    }
  }

  @Test func damageIsAFaultThatNamesTheByte() throws {
    let folder = try TemporaryFolder()
    var bytes = gzipMember(of: text)
    bytes[bytes.count / 2] ^= 0xff
    let path = try folder.write(bytes, to: "damaged.gz")
    #expect {
      try openDecoded(path).readToEnd()
    } throws: { "\($0)".hasPrefix("\(path): byte ") && "\($0)".contains("damaged gzip data") }
  }

  @Test func paddingBehindGzipIsPassedOver() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      gzipMember(of: text) + [UInt8](repeating: 0, count: 1024), to: "padded.gz")
    #expect(try openDecoded(path).readToEnd() == text)
  }

  @Test func linesComeWithoutTheirEnds() throws {
    let reader = BufferedReader(MemoryReader(Array("one\n\nthree\r\nlast".utf8), path: "m"))
    var lines: [String] = []
    var line: [UInt8] = []
    while try reader.readLine(into: &line) != nil {
      lines.append(String(decoding: line, as: UTF8.self))
    }
    #expect(lines == ["one", "", "three\r", "last"])
    #expect(reader.offset == 16)
  }

  @Test func aLineAboveTheLimitIsSkippedAndTheNextIsWhole() throws {
    let long = [UInt8](repeating: 97, count: 700_000)
    let bytes = Array("short\n".utf8) + long + Array("\nnext\n".utf8)
    let reader = BufferedReader(MemoryReader(bytes, path: "m"), limit: 1000)
    var line: [UInt8] = []
    #expect(try reader.readLine(into: &line) == .whole)
    #expect(try reader.readLine(into: &line) == .tooLong)
    #expect(line.count <= 1000)
    #expect(try reader.readLine(into: &line) == .whole)
    #expect(line == Array("next".utf8))
    #expect(try reader.readLine(into: &line) == nil)
  }

  @Test func everyLineIsFoundAgainByItsLocation() throws {
    let folder = try TemporaryFolder()
    let lines = (0..<500).map { Array("line \($0) \(String(repeating: "x", count: $0))".utf8) }
    let members = lines.map { $0 + [0x0a] }
    for (name, bytes) in [
      ("plain", members.flatMap { $0 }),
      ("members", members.flatMap { gzipMember(of: $0) }),
      ("one member", gzipMember(of: members.flatMap { $0 })),
      ("streams", members.prefix(40).flatMap { bzip2Stream(of: $0) }),
    ] {
      let path = try folder.write(bytes, to: name)
      let reader = try openDecoded(path)
      var line: [UInt8] = []
      var number = 0
      while try !reader.isAtEnd() {
        let location = reader.location
        _ = try reader.readLine(into: &line)
        let again = try openDecoded(path, range: location.offset..<UInt64(Int64.max))
        try again.skip(Int(location.skip))
        var same: [UInt8] = []
        _ = try again.readLine(into: &same)
        #expect(same == line && line == lines[number], "\(name), line \(number)")
        number += 1
      }
      #expect(number == (name == "streams" ? 40 : 500))
    }
  }

  @Test func peekDoesNotConsume() throws {
    let reader = BufferedReader(MemoryReader(text, path: "m"))
    #expect(try reader.peek(70) == Array(text[..<70]))
    try reader.skip(250_000)
    #expect(try reader.peek(60_000) == Array(text[250_000..<310_000]))
    #expect(reader.offset == 250_000)
  }

  @Test(arguments: [ArchiveWriter.Format.tar, .sevenZip, .zip])
  func archivesGiveTheirMembersBack(_ format: ArchiveWriter.Format) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/archive"
    let members = [("a/one.txt", Array("1".utf8)), ("b/long.txt", text), ("empty", [])]
    let writer = try ArchiveWriter(format, modified: 1_000_000)
    for (name, bytes) in members { try writer.add(name, bytes) }
    try writeAtomically(try writer.finish(), to: path)
    let reader =
      format == .tar ? try ArchiveReader(tar: openDecoded(path)) : try ArchiveReader(path: path)
    for (name, bytes) in members {
      let member = try #require(try reader.next())
      #expect(member.name == name)
      #expect(try reader.bytes() == bytes)
    }
    #expect(try reader.next() == nil)
  }

  @Test func faultsReadAsFileByteCause() {
    let fault = Fault("cc/00001.warc.gz", at: 4096, .truncated(expected: 8, found: 3))
    #expect("\(fault)" == "cc/00001.warc.gz: byte 4096: expected 8 bytes, found 3")
    #expect(throws: Fault("nowhere", at: 0, .system(call: "open", 2))) {
      try FileReader(path: "nowhere")
    }
    #expect(Fault("x", at: 0, .system(call: "write", 28)).stopsTheRun)
  }
}
