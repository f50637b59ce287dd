public import Documents
import Ground

/// Source files of public repositories with a permissive licence.
///
/// Reads the JSON export of BigQuery's `github_repos`, tarballs of repositories, and folders of
/// them. What lines and characters say about a file is measured elsewhere, and so is equality.
public struct GitHubSource: DocumentSource {
  public static let name = "github"
  public static let version = 1

  /// What the recipe leaves to choose.
  public struct Settings: Equatable, Sendable {
    /// Beginnings of the licence identifiers that are allowed: LLaMA section 2.1 names Apache, BSD
    /// and MIT; matched as RedPajama's query does (`data_prep/github/README.md`).
    public var licences = ["mit", "bsd", "apache"]
    /// The largest file that is kept, in bytes: BigQuery holds no content beyond 1 MiB.
    public var maximumBytes = 1 << 20
    /// Ends of the paths that are kept, case-sensitive: RedPajama `data_prep/github`.
    public var suffixes = ProgrammingLanguage.suffixes
    /// Ends of the paths that are passed over first: RedPajama `data_prep/github`.
    public var skippedSuffixes = [".crt"]
    /// Whole paths that are passed over first: RedPajama `data_prep/github`.
    public var skippedPaths = ["LICENSE"]

    public init() {}
  }

  public let settings: Settings

  public init(_ settings: Settings = Settings()) { self.settings = settings }

  public func recognises(_ path: String) -> Bool {
    let stored = ["", ".gz", ".zst", ".bz2"]
    let ends =
      [".json", ".jsonl", ".ndjson", ".tar"].flatMap { kind in stored.map { kind + $0 } }
      + [".tgz", ".tbz2", ".tzst"]
    return ends.contains { path.hasSuffix($0) }
  }

  /// True for a repository, and for a folder with repositories in it.
  public func takes(folder path: String) -> Bool {
    guard let entries = try? names(in: path) else { return false }
    return isRepository(entries)
      || entries.contains { entry in
        isRepository((try? names(in: "\(path)/\(entry)")) ?? [])
      }
  }

  /// One unit for an export, an archive or a repository's folder; one for each entry of a folder of
  /// repositories.
  public func units(of input: Input) throws -> [Unit] {
    guard fileKind(input.path) == .folder else { return [Unit(of: input)] }
    let entries = try names(in: input.path)
    if isRepository(entries) { return [Unit(of: input)] }
    return entries.indices.map { Unit(of: input, number: $0) }
  }

  public func read(_ unit: Unit, to accept: (Record) throws -> Void) throws {
    let rules = FileRules(settings)
    let path = unit.input.path
    if fileKind(path) == .folder {
      try readFolder(unit, rules, to: accept)
    } else if try isTarball(path) {
      try readArchive(unit, rules, to: accept)
    } else {
      try readExport(unit, rules, to: accept)
    }
  }

  private func isTarball(_ path: String) throws(Fault) -> Bool {
    let name = fileName(of: path)
    let isNamed =
      [".tgz", ".tbz2", ".tzst", ".tar"].contains { name.hasSuffix($0) }
      || ["gz", "bz2", "zst"].contains { name.hasSuffix(".tar.\($0)") }
    return if isNamed { true } else { try isTar(path) }
  }
}

/// True for a folder with these entries that is itself a repository, not a folder of them.
func isRepository(_ entries: [String]) -> Bool {
  entries.contains { $0 == ".git" || $0 == ".gitignore" || Licence.isFile($0) }
}
