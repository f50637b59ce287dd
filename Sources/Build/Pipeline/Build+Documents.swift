import Documents
import Ground
import Ledger
import Manifest

/// A finished unit of documents, as later stages see it.
struct DocumentsDone: Sendable {
  var source: String
  var sourceIndex: Int
  var input: String
  var key: String
  var bytes: Int
}

extension Build {
  func documentsStage(_ coordinator: Coordinator) throws -> [DocumentsDone] {
    var units: [DocumentsUnit] = []
    var indexes: [Int] = []
    for (index, plan) in plans.enumerated() {
      for unit in try self.units(of: plan, coordinator) {
        units.append(unit)
        indexes.append(index)
      }
    }
    let commits = try coordinator.run(units, title: "documents")
    return zip(zip(units, indexes), commits).compactMap { unit, commit in
      commit.map {
        DocumentsDone(
          source: unit.0.source, sourceIndex: unit.1, input: unit.0.input, key: unit.0.key,
          bytes: $0.total("bytes"))
      }
    }
  }

  /// The units of all inputs of a source, in byte order of the inputs' names, each input once.
  private func units(of plan: SourcePlan, _ coordinator: Coordinator) throws -> [DocumentsUnit] {
    var found: [String: Input] = [:]
    for pattern in plan.recipe.inputs {
      do {
        for input in try findInputs(pattern.text, under: inputs, for: plan.source) {
          found[input.name] = input
        }
      } catch {
        try coordinator.fail(
          Failure(
            stage: "documents", source: plan.name, input: pattern.text, fault: "\(error)"))
      }
    }
    var units: [DocumentsUnit] = []
    for input in found.values.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
      do {
        let digest = try self.digest(of: input, source: plan.name, coordinator.ledger)
        units += try plan.source.units(of: input).map {
          try DocumentsUnit($0, digest: digest, of: plan, added: manifest.added)
        }
      } catch let fault as Fault {
        try coordinator.fail(
          Failure(stage: "documents", source: plan.name, input: input.name, fault: "\(fault)"))
      }
    }
    return units
  }

  /// The input's hash, from the ledger where the file has not changed since.
  private func digest(of input: Input, source: String, _ ledger: CorpusLedger) throws -> String {
    guard fileKind(input.path) == .file else { return try input.digest() }
    let bytes = Int(clamping: try fileSize(input.path))
    let modified = try modificationTime(input.path)
    if let known = try ledger.digest(
      source: source, input: input.name, bytes: bytes, modified: modified)
    {
      return known
    }
    let digest = try input.digest()
    try ledger.recordInput(
      source: source, input: input.name, bytes: bytes, modified: modified, digest: digest)
    return digest
  }

  func duplicatesStage(
    _ documents: [DocumentsDone], _ coordinator: Coordinator
  ) throws -> [(documents: DocumentsDone, kept: KeptDocuments)] {
    let units = plans.map { plan in
      DuplicatesUnit(
        plan.recipe, units: documents.filter { $0.source == plan.name }.map(\.key),
        memory: memory)
    }
    let commits = try coordinator.run(units, title: "duplicates")
    var kept: [(DocumentsDone, KeptDocuments)] = []
    for (unit, commit) in zip(units, commits) where commit != nil {
      for (index, done) in documents.filter({ $0.source == unit.source }).enumerated() {
        kept.append(
          (
            done,
            KeptDocuments(source: unit.source, unit: done.key, duplicates: unit, index: index)
          ))
      }
    }
    return kept
  }
}
