import Ground
import Shards
import TestSupport
import Testing

@Suite struct ExportTests {
  let folder: TemporaryFolder
  let shards: [ShardReader]

  init() throws {
    folder = try TemporaryFolder()
    shards = [
      try makeShard([[10, 11], [12]], in: folder, name: "a", end: 2),
      try makeShard([[13, 14, 15]], in: folder, name: "b", end: 2),
    ]
  }

  private func header(_ numbers: [UInt32]) -> [UInt8] {
    numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
      + [UInt8](repeating: 0, count: 1024 - 4 * numbers.count)
  }

  @Test func llmcFilesHaveAHeaderAndAreCutAnywhere() throws {
    let paths = try export(
      shards, as: .llmc, to: folder.path + "/out", name: "q", tokensPerFile: 6)
    #expect(paths.map(fileName) == ["q_train_000001.bin", "q_train_000002.bin"])
    #expect(
      try bytes(of: paths[0])
        == header([20_240_520, 1, 6]) + [10, 0, 11, 0, 2, 0, 12, 0, 2, 0, 13, 0])
    #expect(try bytes(of: paths[1]) == header([20_240_520, 1, 3]) + [14, 0, 15, 0, 2, 0])
  }

  @Test func llmcValidationIsFileZeroAndTheMarkGoesBefore() throws {
    let paths = try export(
      shards, as: .llmc, to: folder.path, name: "q", split: .validation,
      framing: Framing(before: 1, without: 2))
    #expect(paths.map(fileName) == ["q_val_000000.bin"])
    #expect(
      try bytes(of: paths[0])
        == header([20_240_520, 1, 9])
        + [1, 0, 10, 0, 11, 0, 1, 0, 12, 0, 1, 0, 13, 0, 14, 0, 15, 0])
  }

  @Test func wideTokensHaveTheOtherMagic() throws {
    let wide = try makeShard([[70_000]], in: folder, name: "w", width: .four)
    let paths = try export([wide], as: .llmc, to: folder.path, name: "q")
    #expect(try bytes(of: paths[0]) == header([20_240_801, 7, 1]) + [0x70, 0x11, 1, 0])
  }

  @Test func datatroveFilesHaveEndsAndMetadata() throws {
    let paths = try export(shards, as: .datatrove, to: folder.path, name: "q")
    #expect(
      paths.map(fileName) == ["q_train.ds", "q_train.ds.index", "q_train.ds.metadata"])
    #expect(try bytes(of: paths[0]).count == 18)
    #expect(
      try bytes(of: paths[1])
        == [3, 5, 9].flatMap { [$0, 0, 0, 0, 0, 0, 0, 0] })
    #expect(String(decoding: try bytes(of: paths[2]), as: UTF8.self) == "q|2\n9\n9\n")
  }

  @Test func mdsHasASampleADocument() throws {
    let paths = try export(shards, as: .mds, to: folder.path, name: "q")
    #expect(paths.map(fileName) == ["shard.00000.mds", "index.json"])
    let all = try bytes(of: paths[0])
    let config = """
      {"column_encodings": ["ndarray:uint16"], "column_names": ["tokens"], "column_sizes": [null], \
      "compression": null, "format": "mds", "hashes": [], "size_limit": 67108864, "version": 2}
      """
    func number(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(all[at + $1]) << (8 * $1) } }
    let first = 20 + config.utf8.count
    #expect((0..<5).map { number(4 * $0) } == [3, first, first + 12, first + 22, first + 36])
    #expect(String(decoding: all[20..<first], as: UTF8.self) == config)
    #expect(
      Array(all[first...])
        == [8, 0, 0, 0, 4, 3, 10, 0, 11, 0, 2, 0] + [6, 0, 0, 0, 4, 2, 12, 0, 2, 0]
        + [10, 0, 0, 0, 4, 4, 13, 0, 14, 0, 15, 0, 2, 0])
    let index = String(decoding: try bytes(of: paths[1]), as: UTF8.self)
    #expect(
      index.hasSuffix(
        """
        "raw_data": {"basename": "shard.00000.mds", "bytes": \(all.count), "hashes": {}}, \
        "samples": 3, "zip_data": null}], "version": 2}
        """))
  }

  @Test func longDocumentsHaveWiderShapes() throws {
    let long = [300, 70_000].map { (0..<$0).map { UInt32($0 % 60_000) } }
    let shard = try makeShard(long, in: folder, name: "long")
    let path = try export([shard], as: .mds, to: folder.path, name: "l")[0]
    let all = try bytes(of: path)
    func number(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(all[at + $1]) << (8 * $1) } }
    let (one, two) = (number(4), number(8))
    #expect(Array(all[one..<one + 7]) == [0x5b, 2, 0, 0, 5, 0x2c, 1])
    #expect(Array(all[two..<two + 9]) == [0xe5, 0x22, 2, 0, 6, 0x70, 0x11, 1, 0])
  }

  @Test func npyIsAlignedAndWhole() throws {
    let path = try export(shards, as: .npy, to: folder.path, name: "q")[0]
    let all = try bytes(of: path)
    let text = "{'descr': '<u2', 'fortran_order': False, 'shape': (9,), }"
    #expect(Array(all[..<10]) == [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0])
    #expect(String(decoding: all[10..<128], as: UTF8.self).hasPrefix(text))
    #expect(all[127] == 0x0a)
    #expect(Array(all[128...]) == [10, 0, 11, 0, 2, 0, 12, 0, 2, 0, 13, 0, 14, 0, 15, 0, 2, 0])
  }

  @Test func nothingIsExportedAsNothing() throws {
    #expect(try export([], as: .llmc, to: folder.path, name: "n") == [])
    #expect(try bytes(of: try export([], as: .npy, to: folder.path, name: "n")[0]).count == 128)
  }
}
