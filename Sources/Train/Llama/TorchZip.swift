internal import Ground

/// An entry of a zip file whose bytes are stored as they are.
struct ZipEntry: Sendable {
  let name: String
  /// Bytes of the file.
  let range: Range<Int>
  /// 0 where the writer left it out, as torch can be told to.
  let checksum: UInt32
}

/// The entries of a zip file by its directory, which stands at the end.
///
/// torch stores everything uncompressed, so that a tensor is a range of the file. Nothing is copied, and
/// every length and offset is checked against the file before it is used.
///
/// - Complexity: O(size of the directory), of which 64 MiB are allowed.
/// - SeeAlso: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16 and 4.5.3.
func zipEntries(of file: MappedFile) throws(Fault) -> [ZipEntry] {
  try ZipDirectory(file: file).entries()
}

private struct ZipDirectory {
  let file: MappedFile

  func fault(_ offset: Int, _ what: String) -> Fault {
    Fault(file.path, at: UInt64(max(0, offset)), .malformed(what))
  }

  func number(_ offset: Int, _ size: Int) throws(Fault) -> UInt64 {
    guard offset >= 0, offset <= file.count - size else {
      throw Fault(
        file.path, at: UInt64(max(0, min(offset, file.count))),
        .truncated(expected: size, found: max(0, file.count - max(0, offset))))
    }
    var value: UInt64 = 0
    unsafe file.withBytes { bytes in
      for index in 0..<size { value |= UInt64(unsafe bytes[offset + index]) << (8 * index) }
    }
    return value
  }

  func short(_ offset: Int) throws(Fault) -> Int { Int(try number(offset, 2)) }

  func word(_ offset: Int) throws(Fault) -> Int { Int(try number(offset, 4)) }

  /// A length or offset of eight bytes; it must not be beyond the file.
  func long(_ offset: Int) throws(Fault) -> Int {
    let value = try number(offset, 8)
    guard value <= UInt64(file.count) else {
      throw fault(offset, "the zip names byte \(value) of a file of \(file.count)")
    }
    return Int(value)
  }

  /// Where the record that ends the directory begins: the last such mark within a comment's length.
  func end() throws(Fault) -> Int {
    guard file.count >= 22 else {
      throw Fault(file.path, at: 0, .truncated(expected: 22, found: file.count))
    }
    for offset in stride(from: file.count - 22, through: max(0, file.count - 65_557), by: -1)
    where try word(offset) == 0x0605_4b50 {
      return offset
    }
    throw fault(file.count, "no zip file, or a cut one: it does not end with a directory")
  }

  func entries() throws(Fault) -> [ZipEntry] {
    let end = try end()
    var count = try short(end + 10)
    var size = try word(end + 12), start = try word(end + 16)
    if end >= 20, try word(end - 20) == 0x0706_4b50 {
      // Zip64: the locator before the end names a record with eight bytes for each number.
      let record = try long(end - 20 + 8)
      guard try word(record) == 0x0606_4b50 else {
        throw fault(record, "no zip64 record where its locator says")
      }
      count = try long(record + 32)
      size = try long(record + 40)
      start = try long(record + 48)
    }
    guard start <= end, size <= end - start else {
      throw fault(end, "the zip's directory is said to be \(size) bytes at \(start)")
    }
    guard size <= 1 << 26 else {
      throw Fault(file.path, at: UInt64(start), .tooLong(limit: 1 << 26))
    }
    guard count <= size / 46 else {
      throw fault(end, "\(count) entries in a directory of \(size) bytes")
    }
    var entries: [ZipEntry] = []
    var offset = start
    for _ in 0..<count {
      let (entry, next) = try entry(at: offset, end: start + size)
      entries.append(entry)
      offset = next
    }
    return entries
  }

  private func entry(at offset: Int, end: Int) throws(Fault) -> (ZipEntry, next: Int) {
    guard offset <= end - 46, try word(offset) == 0x0201_4b50 else {
      throw fault(offset, "no directory entry where one should begin")
    }
    let flags = try short(offset + 8), method = try short(offset + 10)
    let nameLength = try short(offset + 28), extraLength = try short(offset + 30)
    let next = offset + 46 + nameLength + extraLength + (try short(offset + 32))
    guard next <= end else { throw fault(offset, "a directory entry beyond the directory") }
    let nameRange = offset + 46..<offset + 46 + nameLength
    let nameBytes = unsafe file.withBytes { unsafe Array($0[nameRange]) }
    guard isValidUTF8(nameBytes) else { throw fault(offset + 46, "a name that is not UTF-8") }
    let name = String(decoding: nameBytes, as: UTF8.self)
    guard flags & 1 == 0 else { throw fault(offset, "\(name) is encrypted") }
    guard method == 0 else {
      throw fault(offset, "\(name) is compressed; torch stores entries as they are")
    }
    var stored = try word(offset + 20), size = try word(offset + 24)
    var local = try word(offset + 42)
    var extra = offset + 46 + nameLength
    let extraEnd = extra + extraLength
    while extra <= extraEnd - 4 {
      let id = try short(extra), length = try short(extra + 2)
      extra += 4
      guard length <= extraEnd - extra else { break }
      if id == 1 {
        // In this order, and only those that do not fit into the entry itself.
        var place = extra
        func wide(_ value: Int) throws(Fault) -> Int {
          guard value == 0xffff_ffff, place <= extra + length - 8 else { return value }
          defer { place += 8 }
          return try long(place)
        }
        size = try wide(size)
        stored = try wide(stored)
        local = try wide(local)
      }
      extra += length
    }
    guard stored == size else {
      throw fault(offset, "\(name) has two sizes, \(stored) and \(size)")
    }
    guard try word(local) == 0x0403_4b50 else {
      throw fault(local, "no entry where the directory says that \(name) is")
    }
    let first = local + 30 + (try short(local + 26)) + (try short(local + 28))
    guard first <= file.count, size <= file.count - first else {
      throw Fault(
        file.path, at: UInt64(min(first, file.count)),
        .truncated(expected: size, found: max(0, file.count - first)))
    }
    let checksum = UInt32(truncatingIfNeeded: try word(offset + 16))
    return (ZipEntry(name: name, range: first..<first + size, checksum: checksum), next)
  }
}
