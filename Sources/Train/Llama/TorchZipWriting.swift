internal import Ground

/// Writes a zip of entries stored as they are, each at a multiple of 64 bytes, as torch does.
///
/// Checksums stand behind the entries, so that each is written in one pass.
///
/// - SeeAlso: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16 and 4.5.3.
struct ZipWriter: ~Copyable {
  private struct Entry {
    let name: String
    let place, count: Int
    var checksum: UInt32 = 0
  }

  private static let most = 0xffff_ffff
  /// Checksums and sizes follow the data; names are UTF-8.
  private static let flags = [UInt8(0x08), 0x08]
  /// 1 January 1980, so that the same tensors give the same bytes.
  private static let time: [UInt8] = [0, 0, 0x21, 0]

  private var file: AtomicFile
  private var entries: [Entry] = []
  private var checksum = Checksum()
  private var written = 0

  init(path: String) throws(Fault) { file = try AtomicFile(path: path) }

  mutating func add(_ name: String, _ bytes: [UInt8]) throws(Fault) {
    try begin(name, count: bytes.count)
    try write(bytes.span)
    try end()
  }

  /// Begins an entry of `count` bytes.
  mutating func begin(_ name: String, count: Int) throws(Fault) {
    let place = file.count, isLong = count >= Self.most
    let zip64 = isLong ? littleEndian(1, 2) + littleEndian(16, 2) + littleEndian(0, 16) : []
    // Bytes up to the multiple, in a field that readers pass over.
    let head = place + 30 + name.utf8.count + zip64.count + 4
    let padding = (64 - head % 64) % 64
    let extra =
      zip64 + Array("FB".utf8) + littleEndian(padding, 2)
      + [UInt8](repeating: UInt8(ascii: "Z"), count: padding)
    let sizes =
      isLong ? littleEndian(Self.most, 4) + littleEndian(Self.most, 4) : littleEndian(0, 8)
    try file.write(
      littleEndian(0x0403_4b50, 4) + littleEndian(isLong ? 45 : 20, 2) + Self.flags
        + littleEndian(0, 2) + Self.time + littleEndian(0, 4) + sizes
        + littleEndian(name.utf8.count, 2) + littleEndian(extra.count, 2) + Array(name.utf8) + extra
    )
    entries.append(Entry(name: name, place: place, count: count))
    checksum = Checksum()
    written = 0
  }

  mutating func write(_ bytes: Span<UInt8>) throws(Fault) {
    unsafe bytes.withUnsafeBytes { unsafe checksum.add($0) }
    written += bytes.count
    try file.write(bytes)
  }

  mutating func end() throws(Fault) {
    let last = entries.count - 1, count = entries[last].count
    precondition(written == count, "\(written) bytes of \(count)")
    entries[last].checksum = checksum.value
    let size = count >= Self.most ? 8 : 4
    try file.write(
      littleEndian(0x0807_4b50, 4) + littleEndian(Int(checksum.value), 4)
        + littleEndian(count, size) + littleEndian(count, size))
  }

  /// Writes the directory; the file appears.
  consuming func finish() throws(Fault) {
    let start = file.count
    for entry in entries {
      var wide: [UInt8] = []
      func narrow(_ number: Int) -> [UInt8] {
        guard number >= Self.most else { return littleEndian(number, 4) }
        wide += littleEndian(number, 8)
        return littleEndian(Self.most, 4)
      }
      let sizes = narrow(entry.count) + narrow(entry.count), place = narrow(entry.place)
      let extra = wide.isEmpty ? [] : littleEndian(1, 2) + littleEndian(wide.count, 2) + wide
      let version = littleEndian(wide.isEmpty ? 20 : 45, 2)
      try file.write(
        littleEndian(0x0201_4b50, 4) + version + version + Self.flags + littleEndian(0, 2)
          + Self.time + littleEndian(Int(entry.checksum), 4) + sizes
          + littleEndian(entry.name.utf8.count, 2) + littleEndian(extra.count, 2)
          + littleEndian(0, 10) + place + Array(entry.name.utf8) + extra)
    }
    let size = file.count - start, end = file.count, count = entries.count
    // Zip64's record and its locator, always, as torch does.
    try file.write(
      littleEndian(0x0606_4b50, 4) + littleEndian(44, 8) + littleEndian(45, 2) + littleEndian(45, 2)
        + littleEndian(0, 8) + littleEndian(count, 8) + littleEndian(count, 8)
        + littleEndian(size, 8) + littleEndian(start, 8))
    try file.write(
      littleEndian(0x0706_4b50, 4) + littleEndian(0, 4) + littleEndian(end, 8) + littleEndian(1, 4))
    let entriesHere = littleEndian(min(count, 0xffff), 2)
    try file.write(
      littleEndian(0x0605_4b50, 4) + littleEndian(0, 4) + entriesHere + entriesHere
        + littleEndian(min(size, Self.most), 4) + littleEndian(min(start, Self.most), 4)
        + littleEndian(0, 2))
    try file.commit()
  }
}
