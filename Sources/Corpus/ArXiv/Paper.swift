import Ground

/// The files of one paper, as it was sent in.
struct Paper {
  struct File {
    /// The path in the paper, without `./`.
    var name: String
    var bytes: [UInt8]
  }

  var files: [File] = []
  /// Why there is nothing to read, such as `pdf`; nil where there may be TeX.
  var reason: String?

  /// Files larger than this are passed over: no hand writes that much TeX; ours.
  static let maximumFileBytes = 8 << 20
  /// All files together, in bytes; ours.
  static let maximumBytes = 64 << 20

  /// Unpacks what arXiv stores for a paper: a tar or one file, compressed or not.
  ///
  /// - Throws: `Fault` where the bytes are damaged.
  init(stored bytes: [UInt8], name: String, path: String) throws(Fault) {
    let memory = MemoryReader(bytes, path: path)
    let codec = Codec(magic: Array(bytes.prefix(4)))
    try self.init(BufferedReader(codec.reader(over: memory), limit: Self.maximumBytes), name: name)
  }

  init(_ reader: BufferedReader, name: String) throws(Fault) {
    if looksLikeTar(try reader.peek(512)) {
      try readTar(reader)
    } else {
      let bytes = try reader.readToEnd()
      reason = Self.reason(against: bytes)
      let isStored = name.hasSuffix(".gz")
      let stem = isStored ? String(name.dropLast(3)) : name
      let file = File(name: Self.isTeX(stem) ? stem : "\(stem).tex", bytes: bytes)
      if reason == nil { files = [file] }
    }
  }

  /// Reads a paper's folder.
  init(folder: String) throws(Fault) {
    for name in try Ground.files(under: folder) where Self.isWanted(name) {
      guard try fileSize("\(folder)/\(name)") <= UInt64(Self.maximumFileBytes) else { continue }
      files.append(File(name: name, bytes: try openDecoded("\(folder)/\(name)").readToEnd()))
    }
    settle(others: [])
  }

  private mutating func readTar(_ reader: BufferedReader) throws(Fault) {
    let archive = try ArchiveReader(tar: reader)
    var room = Self.maximumBytes
    var others: [String] = []
    while let member = try archive.next() {
      let name = Self.plain(member.name)
      guard Self.isWanted(name), let size = member.size, size <= min(room, Self.maximumFileBytes)
      else {
        others.append(name.lowercased())
        continue
      }
      room -= size
      files.append(File(name: name, bytes: try archive.bytes(limit: size + 1)))
    }
    settle(others: others)
  }

  /// Finds out what a paper without TeX is instead.
  private mutating func settle(others: [String]) {
    guard !files.contains(where: { Self.isTeX($0.name) || Self.isLaTeX($0.bytes) }) else {
      let main = files.filter { Self.isTeX($0.name) }
      if main.count == 1, others.isEmpty { reason = Self.reason(against: main[0].bytes) }
      return
    }
    let ends = [
      ("pdf", ["pdf"]), ("html", ["html", "htm"]), ("postscript", ["ps", "eps"]),
      ("docx", ["docx", "doc", "odt"]),
    ]
    let found = ends.first { _, ends in
      others.contains { other in ends.contains { other.hasSuffix(".\($0)") } }
    }
    reason = found?.0 ?? "no_tex"
  }

  /// What a single file is, if it is not TeX.
  private static func reason(against bytes: [UInt8]) -> String? {
    let head = Array(bytes.prefix(1024).drop { $0 <= 0x20 })
    let lower = head.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
    if head.has("%!PS", at: 0) || head.has("\u{4}%!PS", at: 0) { return "postscript" }
    if head.has("%PDF", at: 0) { return "pdf" }
    if lower.has("<!doctype html", at: 0) || lower.has("<html", at: 0) { return "html" }
    // arXiv's own mark of a withdrawn paper.
    if head.has("%auto-ignore", at: 0) && !isLaTeX(bytes) { return "withdrawn" }
    if head.has("PK\u{3}\u{4}", at: 0) { return "docx" }
    if bytes.prefix(4096).contains(0) { return "no_tex" }
    return nil
  }

  static func isTeX(_ name: String) -> Bool {
    [".tex", ".ltx", ".latex"].contains { name.lowercased().hasSuffix($0) }
  }

  static func isLaTeX(_ bytes: [UInt8]) -> Bool {
    bytes.contains("\\documentclass") || bytes.contains("\\documentstyle")
  }

  /// True for files that may hold TeX: by their ending, or without one.
  private static func isWanted(_ name: String) -> Bool {
    if name.hasPrefix("anc/") { return false }  // ancillary files, which arXiv does not process
    if name.utf8.contains(0x5c) { return false }
    let base = fileName(of: name).lowercased()
    if base.hasPrefix("00readme") { return true }  // arXiv's own notes on a paper
    guard let dot = base.utf8.lastIndex(of: 0x2e) else { return base != "makefile" }
    let end = String(base[dot...])
    return isTeX(base)
      || [".sty", ".inc", ".def", ".txt", ".mac", ".macros", ".text"].contains(end)
  }

  private static func plain(_ name: String) -> String {
    name.hasPrefix("./") ? String(name.dropFirst(2)) : name
  }
}

/// True where the bytes begin with a tar header of any age: its checksum is right.
///
/// - SeeAlso: POSIX.1-1988 ustar; tars of version 7 have no magic.
func looksLikeTar(_ head: [UInt8]) -> Bool {
  guard head.count == 512, head[0] != 0 else { return false }
  var stated = 0
  for byte in head[148..<156] {
    if (0x30...0x37).contains(byte) { stated = stated * 8 + Int(byte - 0x30) }
  }
  let sum = head.indices.reduce(0) { $0 + ((148..<156).contains($1) ? 0x20 : Int(head[$1])) }
  return stated == sum
}
