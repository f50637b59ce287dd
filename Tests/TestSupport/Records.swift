public import Documents
import Ground

extension DocumentSource {
  /// What became of an input, record by record.
  public func records(of input: Input) throws -> [Record] {
    var records: [Record] = []
    for unit in try units(of: input) { try read(unit) { records.append($0) } }
    return records
  }
}

extension Record {
  /// The document that was made, kept or not.
  public var document: Document? {
    switch self {
    case .document(let document), .dropped(let document, _): document
    case .bad: nil
    }
  }

  /// `kept`, the reason, or `bad`.
  public var outcome: String {
    switch self {
    case .document: "kept"
    case .dropped(_, let reason): reason
    case .bad: "bad"
    }
  }

  public var text: String { String(decoding: document?.text ?? [], as: UTF8.self) }
}

/// A tar of these files, all modified on 7 January 2021.
public func tar(_ files: [(name: String, bytes: [UInt8])]) throws -> [UInt8] {
  let archive = try ArchiveWriter(.tar, modified: 1_610_000_000)
  for (name, bytes) in files { try archive.add(name, bytes) }
  return try archive.finish()
}
