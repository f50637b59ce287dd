public import Documents

/// What is asked of every document of a source: rewrites, then measures, then rules.
public struct Judge: Sendable {
  public var rewrites: [any Rewrite]
  public var measures: [any Measure]
  public var rules: [Rule]

  public init(
    rewrites: [any Rewrite] = [], measures: [any Measure] = [], rules: [Rule] = []
  ) {
    self.rewrites = rewrites
    self.measures = measures
    self.rules = rules
  }

  /// Rewrites `document` and measures it; gives the first rule that drops it, if one does.
  public func judge(_ document: inout Document, noting signals: inout Signals) -> Rule? {
    signals.removeAll()
    for rewrite in rewrites { rewrite.rewrite(&document, noting: &signals) }
    for measure in measures { measure.measure(document, into: &signals) }
    return rules.first { !$0.keeps(signals) }
  }
}
