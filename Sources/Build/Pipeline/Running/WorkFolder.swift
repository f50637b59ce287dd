import Ground

/// The layout of a work directory; every path in the ledger is relative to it.
public struct WorkFolder: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  /// The full path of something that the ledger names.
  public func callAsFunction(_ relative: String) -> String { "\(path)/\(relative)" }

  public var ledger: String { self("ledger.sqlite") }

  static func commit(_ stage: String, _ key: String) -> String { "commits/\(stage)/\(key).json" }
  static func documents(_ source: String, _ key: String) -> String {
    "documents/\(source)/\(key).jsonl.zst"
  }
  static func provenance(_ source: String, _ key: String) -> String {
    "provenance/\(source)/\(key).sqlite"
  }
  /// What duplicates are found by: one file a method and unit.
  static func fingerprints(_ source: String, _ key: String, _ method: String) -> String {
    "duplicates/\(source)/units/\(key).\(method)"
  }
  static func verdicts(_ source: String, _ key: String) -> String {
    "duplicates/\(source)/\(key).duplicates"
  }
  static func duplicatedLines(_ source: String, _ key: String, _ group: Int) -> String {
    "duplicates/\(source)/\(key).\(group).lines"
  }
  static func tokenizer(_ key: String) -> String { "tokenizer/\(key).model" }
  /// The stem of a pair of token files.
  static func tokens(_ source: String, _ key: String) -> String { "tokens/\(source)/\(key)" }

  /// Where the finished corpus lies, under names that do not depend on keys.
  public static let tokenizer = "tokenizer/tokenizer.model"
  public static let shards = "shards"
  public static let mix = "mix.json"

  /// Makes the folder above a relative path; gives the full path.
  func prepared(_ relative: String) throws(Fault) -> String {
    try makeFolder(folder(of: self(relative)))
    return self(relative)
  }
}
