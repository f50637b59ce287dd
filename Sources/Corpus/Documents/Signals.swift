/// Named numbers that measures found in a document, in the order they were found.
///
/// Deciding is somebody else's job: see `Rule`.
public struct Signals: Sendable {
  public private(set) var entries: [(name: String, value: Double)] = []

  public init() {}

  /// The value under `name`, such as `gopher.word_count`.
  public subscript(name: String) -> Double? {
    get { entries.first { $0.name == name }?.value }
    set {
      if let index = entries.firstIndex(where: { $0.name == name }) {
        if let newValue { entries[index].value = newValue } else { entries.remove(at: index) }
      } else if let newValue {
        entries.append((name, newValue))
      }
    }
  }

  public mutating func removeAll() { entries.removeAll(keepingCapacity: true) }
}

/// Computes named numbers of a document once.
public protocol Measure: Sendable {
  /// The names of all signals that `measure` sets, always in this order.
  static var signals: [String] { get }

  /// Sets every one of its signals.
  func measure(_ document: borrowing Document, into signals: inout Signals)
}

/// Changes a text and says what it took away: C4's line rules, the removal of licence headers.
public protocol Rewrite: Sendable {
  /// The name in manifests, such as `c4.lines`.
  static var name: String { get }
  /// The names of all signals that `rewrite` sets.
  static var signals: [String] { get }

  func rewrite(_ document: inout Document, noting signals: inout Signals)
}

/// Decides from one signal alone, by a manifest's threshold; hence it can be asked again without
/// the text.
public struct Rule: Hashable, Sendable {
  public var signal: String
  /// A document is kept while its signal lies in here.
  public var keeps: ClosedRange<Double>

  public init(signal: String, keeps: ClosedRange<Double>) {
    self.signal = signal
    self.keeps = keeps
  }

  /// True where the rule keeps a document with these signals; a signal that is missing keeps.
  public func keeps(_ signals: Signals) -> Bool {
    signals[signal].map { keeps.contains($0) } ?? true
  }

  /// The reason under which a document that it drops is counted: the signal's name.
  public var reason: String { signal }
}
