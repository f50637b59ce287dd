public import Ground

extension Origin {
  /// Fetches the raw bytes of the record again from `file`, where its input lies on this machine.
  ///
  /// A `Fault` says that the file is not what it was.
  public func rawRecord(in file: String) throws(Fault) -> [UInt8] {
    if let member { return try rawMember(member, in: file) }
    let reader = try openDecoded(file, range: offset..<UInt64(Int64.max))
    var bytes: [UInt8] = []
    guard try reader.skip(Int(clamping: skip)) == Int(clamping: skip),
      try reader.read(Int(clamping: length), into: &bytes) == Int(clamping: length)
    else {
      throw Fault(
        file, at: offset, .truncated(expected: Int(clamping: length), found: bytes.count))
    }
    return bytes
  }

  private func rawMember(_ name: String, in file: String) throws(Fault) -> [UInt8] {
    if fileKind(file) == .folder { return try openDecoded("\(file)/\(name)").readToEnd() }
    let isTar = try isTar(file)
    let archive: ArchiveReader
    if isTar {
      let reader = try openDecoded(file, range: offset..<UInt64(Int64.max))
      try reader.skip(Int(clamping: skip))
      archive = try ArchiveReader(tar: reader)
    } else {
      archive = try ArchiveReader(path: file)
    }
    while let member = try archive.next() {
      if member.name != name { continue }
      let reader = BufferedReader(archive)
      if !isTar { try reader.skip(Int(clamping: skip)) }
      var bytes: [UInt8] = []
      guard try reader.read(Int(clamping: length), into: &bytes) == Int(clamping: length) else {
        throw Fault(
          file, at: offset, .truncated(expected: Int(clamping: length), found: bytes.count))
      }
      return bytes
    }
    throw Fault(file, at: offset, .malformed("the archive has no member \(name) here"))
  }
}

/// True where the decoded file is a tar: `ustar` stands at byte 257 of its first header.
public func isTar(_ file: String) throws(Fault) -> Bool {
  try isTar(openDecoded(file).peek(512))
}

/// True where the bytes begin with a tar header.
public func isTar(_ bytes: [UInt8]) -> Bool {
  bytes.count >= 262 && Array(bytes[257..<262]) == Array("ustar".utf8)
}
