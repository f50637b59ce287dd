import Documents
import Ground

/// One file of a repository, before its text is looked at.
struct SourceFile {
  var repository: String
  var path: String
  var ref: String?
  var licence: String
  var size: Int?
  /// The blob's hash, where the export says it.
  var blob: String?

  var metadata: Metadata {
    var metadata = Metadata()
    metadata["repo"] = .string(repository)
    metadata["path"] = .string(path)
    metadata["ref"] = ref.map { .string($0) }
    metadata["licence"] = .string(licence)
    metadata["size"] = size.map { .integer($0) }
    metadata["language"] = ProgrammingLanguage.of(path).map { .string($0) }
    metadata["blob"] = blob.map { .string($0) }
    metadata["url"] = url.map { .string($0) }
    return metadata
  }

  /// The page of the file, where the repository's name has an owner and the branch is known.
  private var url: String? {
    guard repository.utf8.count(where: { $0 == 0x2f }) == 1, let ref else { return nil }
    let heads = "refs/heads/"
    let branch = ref.hasPrefix(heads) ? String(ref.dropFirst(heads.count)) : ref
    return "https://github.com/\(repository)/blob/\(escaped(branch))/\(escaped(path))"
  }

  /// Percent-escapes all but what RFC 3986 section 2.3 leaves alone, and slashes.
  private func escaped(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    let kept = Array("-._~/".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: bytes.append(byte)
      case _ where kept.contains(byte): bytes.append(byte)
      default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Which files are kept, and why the others are not.
struct FileRules {
  let settings: GitHubSource.Settings

  init(_ settings: GitHubSource.Settings) { self.settings = settings }

  /// Why the file is dropped, as far as its name, licence and size say; nil where it is not.
  func reason(against file: SourceFile) -> String? {
    if !allows(file.licence) { return "licence" }
    let path = Array(file.path.utf8)
    if settings.skippedPaths.contains(file.path) { return "skipped" }
    if settings.skippedSuffixes.contains(where: { path.ends(with: $0) }) { return "skipped" }
    if !settings.suffixes.contains(where: { path.ends(with: $0) }) { return "suffix" }
    if let size = file.size, size > settings.maximumBytes { return "size" }
    return nil
  }

  /// True where every one of the licences, written `a, b`, is allowed.
  private func allows(_ licences: String) -> Bool {
    licences.split(separator: ", ").allSatisfy { licence in
      settings.licences.contains { licence.lowercased().hasPrefix($0.lowercased()) }
    } && !licences.isEmpty
  }

  /// The file as a document, or the reason why not.
  func record(_ file: SourceFile, _ bytes: [UInt8], origin: Origin) -> Record {
    var document = Document(
      source: GitHubSource.name, text: [], metadata: file.metadata, origin: origin)
    if bytes.count > settings.maximumBytes { return .dropped(document, reason: "size") }
    guard let text = text(of: bytes) else { return .dropped(document, reason: "binary") }
    if text.allSatisfy({ $0 <= 0x20 }) { return .dropped(document, reason: "empty") }
    document.text = text
    return .document(document)
  }

  /// UTF-8, from whatever the file is written in; nil for what is no text.
  private func text(of bytes: [UInt8]) -> [UInt8]? {
    let isWide = bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff])
    if isWide {
      let text = decodeText(bytes)
      return text.contains(0) ? nil : text
    }
    if bytes.contains(0) { return nil }
    // Text in a legacy character set has no control bytes beyond the layout's own.
    if !isValidUTF8(bytes), bytes.contains(where: isForeignControl) { return nil }
    return decodeText(bytes)
  }

  private func isForeignControl(_ byte: UInt8) -> Bool {
    byte < 0x20 && !(0x08...0x0d).contains(byte) && byte != 0x1a && byte != 0x1b
  }
}
