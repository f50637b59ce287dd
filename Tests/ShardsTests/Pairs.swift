import Ground
import Shards
import TestSupport

/// Writes documents as one shard and opens it.
func makeShard(
  _ documents: [[UInt32]], in folder: TemporaryFolder, name: String = "00000",
  width: TokenWidth = .two, end: UInt32? = nil
) throws -> ShardReader {
  var writer = try ShardWriter(path: "\(folder.path)/\(name)", width: width, end: end)
  for document in documents { try writer.write(document) }
  try writer.commit()
  return try ShardReader(path: "\(folder.path)/\(name)")
}

func bytes(of path: String) throws -> [UInt8] {
  let file = try MappedFile(path: path)
  return unsafe file.withBytes { unsafe Array($0) }
}

/// Documents of random lengths and tokens, the same in every run.
func randomDocuments(_ count: Int, below vocabulary: UInt32, seed: UInt64) -> [[UInt32]] {
  var random = SeededGenerator(seed: seed)
  return (0..<count).map { _ in
    (0..<Int.random(in: 1...40, using: &random)).map { _ in
      UInt32.random(in: 0..<vocabulary, using: &random)
    }
  }
}

func hexadecimalBytes(_ text: String) -> [UInt8] {
  text.split { $0 == " " || $0 == "\n" }.compactMap { UInt8($0, radix: 16) }
}
