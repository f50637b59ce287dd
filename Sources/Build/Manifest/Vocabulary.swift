/// The names that a manifest may use, told by whoever knows the concrete sources and filters.
public struct Vocabulary: Sendable {
  /// One source and the keys that its `settings` may have.
  public struct Source: Sendable {
    public var name: String
    public var settings: [String]

    public init(_ name: String, settings: [String] = []) {
      self.name = name
      self.settings = settings
    }
  }

  public var sources: [Source]
  public var rewrites: [String]
  public var signals: [String]

  public init(sources: [Source], rewrites: [String], signals: [String]) {
    self.sources = sources
    self.rewrites = rewrites
    self.signals = signals
  }

  func source(_ name: String) -> Source? { sources.first { $0.name == name } }
}
