public import Documents

/// A measure or rewrite that manifests can name.
public struct FilterEntry: Sendable {
  public enum Kind: String, Sendable { case measure, rewrite }

  public var name: String
  public var kind: Kind
  public var signals: [String]
  /// A sentence for lists.
  public var summary: String
}

/// All measures and rewrites, rewrites first, as they run.
public let filterCatalogue = [
  FilterEntry(
    name: C4Rewrite.name, kind: .rewrite, signals: C4Rewrite.signals,
    summary: "Keeps the lines that C4 keeps and counts what its rules for pages need."),
  FilterEntry(
    name: LicenceHeaderRewrite.name, kind: .rewrite, signals: LicenceHeaderRewrite.signals,
    summary: "Removes the comment at the head of a source file that states its licence."),
  FilterEntry(
    name: "text", kind: .measure, signals: TextMeasure.signals,
    summary: "Counts bytes, characters and lines."),
  FilterEntry(
    name: "gopher", kind: .measure, signals: GopherMeasure.signals,
    summary: "Takes Gopher's measures of quality and of repetition."),
  FilterEntry(
    name: "github", kind: .measure, signals: GitHubMeasure.signals,
    summary: "Measures the lines of source code and its share of letters and digits."),
]

/// The measure under `name` of the catalogue; nil where there is none.
public func measure(named name: String) -> (any Measure)? {
  switch name {
  case "text": TextMeasure()
  case "gopher": GopherMeasure()
  case "github": GitHubMeasure()
  default: nil
  }
}

/// The rewrite under `name` of the catalogue; nil where there is none.
public func rewrite(named name: String, badWords: BadWords? = nil) -> (any Rewrite)? {
  switch name {
  case C4Rewrite.name: C4Rewrite(badWords: badWords)
  case LicenceHeaderRewrite.name: LicenceHeaderRewrite()
  default: nil
  }
}
