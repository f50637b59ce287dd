import Documents
import Glibc
import Ground

extension GitHubSource {
  /// Reads a tarball twice: for the licences, which may stand behind the files, then for the files.
  ///
  /// So memory is bounded by one file, and nothing is kept of the archive but its licences.
  func readArchive(
    _ unit: Unit, _ rules: FileRules, to accept: (Record) throws -> Void
  ) throws {
    var layout = RepositoryLayout()
    let scan = try ArchiveReader(tar: unit.open())
    while let member = try scan.next() {
      guard layout.note(member.name) else { continue }
      layout.note(licence: decodeText(try start(of: scan, Licence.maximumBytes)), at: member.name)
    }
    let bytes = try unit.open()
    let isPlain = try Codec(path: unit.input.path) == .plain
    let archive = try ArchiveReader(tar: bytes)
    while let member = try archive.next() {
      let location =
        isPlain
        ? Location(offset: member.header, skip: 0) : Location(offset: 0, skip: member.header)
      let origin = unit.origin(location, length: member.size ?? 0, member: member.name)
      let fallback = unit.input.archiveName
      let file = layout.file(member.name, size: member.size, fallback: fallback)
      try accept(
        record(file, rules, origin) { () throws(Fault) in
          try start(of: archive, settings.maximumBytes + 1)
        })
    }
  }

  /// Reads one repository's folder, or one entry of a folder of repositories.
  func readFolder(
    _ unit: Unit, _ rules: FileRules, to accept: (Record) throws -> Void
  ) throws {
    let root = unit.input.path
    let entries = try names(in: root)
    var paths: [String]
    if isRepository(entries) {
      paths = try files(under: root)
    } else {
      guard entries.indices.contains(unit.number) else { return }
      let entry = entries[unit.number]
      let inner = "\(root)/\(entry)"
      paths =
        fileKind(inner) == .folder ? try files(under: inner).map { "\(entry)/\($0)" } : [entry]
    }
    // The repository's own database is no file of it.
    paths.removeAll { $0.hasPrefix(".git/") || $0.contains("/.git/") }
    var layout = RepositoryLayout()
    for path in paths where layout.note(path) {
      let text = try firstBytes(of: "\(root)/\(path)", count: Licence.maximumBytes)
      layout.note(licence: decodeText(text), at: path)
    }
    for path in paths {
      let stored = "\(root)/\(path)"
      let size = Int(clamping: try fileSize(stored))
      let origin = unit.origin(Location(offset: 0, skip: 0), length: size, member: path)
      let file = layout.file(path, size: size, fallback: fileName(of: unit.input.name))
      if isLink(stored) {
        let document = Document(
          source: Self.name, text: [], metadata: file.metadata, origin: origin)
        try accept(.dropped(document, reason: "link"))
      } else {
        try accept(
          record(file, rules, origin) { () throws(Fault) in
            try firstBytes(of: stored, count: settings.maximumBytes + 1)
          })
      }
    }
  }

  private func record(
    _ file: SourceFile, _ rules: FileRules, _ origin: Origin,
    _ bytes: () throws(Fault) -> [UInt8]
  ) throws(Fault) -> Record {
    if let reason = rules.reason(against: file) {
      let document = Document(
        source: Self.name, text: [], metadata: file.metadata, origin: origin)
      return .dropped(document, reason: reason)
    }
    return rules.record(file, try bytes(), origin: origin)
  }

  /// The first `count` bytes of the archive's current member.
  private func start(of archive: ArchiveReader, _ count: Int) throws(Fault) -> [UInt8] {
    var bytes: [UInt8] = []
    try BufferedReader(archive).read(count, into: &bytes)
    return bytes
  }
}

extension RepositoryLayout {
  fileprivate func file(_ path: String, size: Int?, fallback: String) -> SourceFile {
    let (repository, inner) = place(of: path)
    let name = RepositoryName(folder: repository.root.isEmpty ? fallback : repository.root)
    return SourceFile(
      repository: name.name, path: inner, ref: name.ref, licence: repository.licence, size: size)
  }
}

extension Input {
  /// The file name without the endings of archives.
  fileprivate var archiveName: String {
    var stem = fileName(of: name)
    for end in [".gz", ".bz2", ".zst", ".tgz", ".tbz2", ".tzst", ".tar"] where stem.hasSuffix(end) {
      stem.removeLast(end.count)
    }
    return stem
  }
}

/// True for a symbolic link, which may lead out of the repository.
private func isLink(_ path: String) -> Bool {
  var status = stat()
  return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
}
