import Ground

/// A tar of these files.
func tar(_ files: [(name: String, bytes: [UInt8])]) throws -> [UInt8] {
  let archive = try ArchiveWriter(.tar, modified: 1_610_000_000)
  for (name, bytes) in files { try archive.add(name, bytes) }
  return try archive.finish()
}
