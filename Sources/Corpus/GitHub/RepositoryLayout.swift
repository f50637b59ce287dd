/// Finds the repositories among the files of an archive or folder, and their licences.
///
/// The whole is one repository where a licence or `.gitignore` stands at its top. Else each folder
/// at the top is one, unless it holds folders only: then it is an owner of repositories. Only
/// folders down to the second level are remembered, so memory does not grow with the files.
struct RepositoryLayout {
  private var marked: Set<String> = []
  private var withFiles: Set<String> = []
  private var licences: [String: [String]] = [:]

  /// A repository: its folder in the archive, and its licences as `a, b`; empty for none found.
  struct Repository {
    var root: String
    var licence: String
  }

  /// Takes note of a file; true where its text may be the licence of a repository.
  mutating func note(_ path: String) -> Bool {
    let (folders, name) = parts(path)
    if folders.count <= 1 { withFiles.insert(folders.joined(separator: "/")) }
    guard folders.count <= 2 else { return false }
    let isLicence = Licence.isFile(name)
    if isLicence || name == ".gitignore" { marked.insert(folders.joined(separator: "/")) }
    return isLicence
  }

  /// Takes note of what the licence file at `path` says.
  mutating func note(licence text: [UInt8], at path: String) {
    let folder = parts(path).folders.joined(separator: "/")
    licences[folder, default: []] += Licence.identifiers(in: text)
  }

  /// The repository of a file, and its path in there.
  func place(of path: String) -> (repository: Repository, path: String) {
    let (folders, name) = parts(path)
    let depth = depth(of: folders)
    let root = folders.prefix(depth).joined(separator: "/")
    let found = Set(licences[root] ?? []).sorted()
    let inner = (folders.dropFirst(depth) + [name]).joined(separator: "/")
    return (Repository(root: root, licence: found.joined(separator: ", ")), inner)
  }

  private func depth(of folders: [String]) -> Int {
    if marked.contains("") || folders.isEmpty { return 0 }
    if folders.count > 1, !withFiles.contains(folders[0]), marked.contains(folders[0..<2]) {
      return 2
    }
    return 1
  }

  private func parts(_ path: String) -> (folders: [String], name: String) {
    let parts = path.utf8.split(separator: 0x2f).map { String(decoding: $0, as: UTF8.self) }
      .filter { $0 != "." }
    return (parts.dropLast(), parts.last ?? "")
  }
}

extension Set<String> {
  fileprivate func contains(_ folders: ArraySlice<String>) -> Bool {
    contains(folders.joined(separator: "/"))
  }
}

/// What the name of an archive's top folder says, such as `underscore-e70d5bd`.
struct RepositoryName {
  var name: String
  /// The commit that `git archive` puts behind the name: 7 to 40 hexadecimal digits.
  var ref: String?

  init(folder: String) {
    name = folder
    guard let dash = folder.utf8.lastIndex(of: 0x2d) else { return }
    let tail = folder.utf8[folder.utf8.index(after: dash)...]
    let isHash = tail.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    guard isHash, (7...40).contains(tail.count) else { return }
    name = String(folder[..<dash])
    ref = String(folder[folder.utf8.index(after: dash)...])
  }
}
