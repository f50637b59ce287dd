import Dedup
import Formats
import Ground
import Ledger
import Manifest

/// All fingerprints of a source → who stands for whom, and which lines are shared.
struct DuplicatesUnit: UnitOfWork {
  let stage = "duplicates"
  let key: String
  let source: String
  let recipe: DuplicatesRecipe
  /// The keys of the source's document units, in the order of their inputs.
  let units: [String]
  let memory: Int

  var input: String { "" }

  init(_ recipe: SourceRecipe, units: [String], memory: Int) {
    source = recipe.name
    self.recipe = recipe.duplicates
    self.units = units
    self.memory = memory
    var key = Key(stage: stage, version: 1)
    key.add(source)
    key.add(recipe.duplicates.canonical)
    for unit in units { key.add(unit) }
    self.key = key.text
  }

  /// The lines of how many units are compared with one another.
  private var groupSize: Int { max(1, recipe.lines?.group ?? units.count) }

  func run(in work: WorkFolder) throws -> Commit {
    var commit = begunCommit
    let space = SortSpace(folder: try work.prepared("duplicates/\(source)/"), memory: memory)
    var found: [String] = []
    for method in recipe.methods {
      let files = units.map { work(WorkFolder.fingerprints(source, $0, method.rawValue)) }
      let path = work("duplicates/\(source)/\(key).\(method.rawValue)")
      switch method {
      case .exact: try resolveExact(files, to: path, in: space)
      case .minhash:
        try resolveNear(
          files, recipe.minhashSettings, minimum: recipe.minhash?.threshold, to: path, in: space)
      case .containment:
        try resolveContained(files, recipe.containmentSettings, to: path, in: space)
      case .lines:
        var shared = 0
        for group in 0..<Self.groups(of: units.count, size: groupSize) {
          let range = group * groupSize..<min(units.count, (group + 1) * groupSize)
          let artifact = WorkFolder.duplicatedLines(source, key, group)
          shared += try resolveLines(Array(files[range]), to: work(artifact), in: space)
          try commit.add(artifact: artifact, in: work)
        }
        commit.counts.append(.init("lines", reason: "shared", shared))
        continue
      }
      found.append(path)
    }
    let verdicts = WorkFolder.verdicts(source, key)
    let count = try mergeDuplicates(found, to: work(verdicts), in: space)
    for path in found { try removeFile(path) }
    commit.counts.append(.init("duplicates", count))
    try commit.add(artifact: verdicts, in: work)
    return commit
  }

  static func groups(of units: Int, size: Int) -> Int { max(1, (units + size - 1) / size) }

  /// What the unit at `index` needs to know: its duplicates, and its group's shared lines.
  func verdicts(forUnit index: Int, in work: WorkFolder) throws(Fault) -> Verdicts {
    Verdicts(
      duplicates: try DuplicateFile(path: work(WorkFolder.verdicts(source, key))),
      lines: recipe.lines == nil
        ? nil
        : try DuplicatedLines(
          path: work(WorkFolder.duplicatedLines(source, key, index / groupSize))))
  }
}

/// Which documents of a unit stay, and which of their lines.
struct Verdicts: Sendable {
  var duplicates: DuplicateFile
  var lines: DuplicatedLines?

  /// The text that stays of a document, or why nothing does.
  func keep(_ id: Hash128, text: [UInt8], keys: inout LineKeys) -> Kept {
    if let duplicate = duplicates[id] { return .dropped("duplicate.\(duplicate.kind.name)") }
    guard let lines else { return .text(text) }
    let kept = lines.removeLines(from: text, keys: keys.keys(of: text)).text
    return kept.isEmpty ? .dropped("duplicate.lines") : .text(kept)
  }

  enum Kept {
    case text([UInt8])
    case dropped(String)
  }
}

extension Duplicate.Kind {
  /// As it stands in reasons: `duplicate.near`.
  var name: String {
    switch self {
    case .exact: "exact"
    case .near: "near"
    case .contained: "contained"
    }
  }
}
