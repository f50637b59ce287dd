import Ground
import Shards

/// Writes shards of a vocabulary of 96 tokens, with some order in them to learn: `train/` of 1,600 and
/// `validation/` of 200 tokens.
public func writeToyShards(to folder: String) throws {
  for (split, range) in [("train", 0..<1600), ("validation", 1600..<1800)] {
    try makeFolder("\(folder)/\(split)")
    var writer = try ShardWriter(path: "\(folder)/\(split)/00000", width: .two)
    try writer.write(range.map { UInt32(($0 % 13 * 5 + $0 % 7 * 3) % 61 + 3) })
    try writer.commit()
  }
}
