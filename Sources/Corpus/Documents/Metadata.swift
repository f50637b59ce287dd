/// Named values in a fixed order, as they stand in a document's `metadata`.
public struct Metadata: Equatable, Sendable {
  public enum Value: Equatable, Sendable {
    case string(String)
    case integer(Int)
    case number(Double)
    case bool(Bool)
    case strings([String])
  }

  public private(set) var entries: [(name: String, value: Value)] = []

  public init() {}

  /// The value under `name`; set to nil, it removes it.
  ///
  /// - Complexity: O(entries), which are few.
  public subscript(name: String) -> Value? {
    get { entries.first { $0.name == name }?.value }
    set {
      let index = entries.firstIndex { $0.name == name }
      switch (index, newValue) {
      case (let index?, let value?): entries[index].value = value
      case (let index?, nil): entries.remove(at: index)
      case (nil, let value?): entries.append((name, value))
      case (nil, nil): break
      }
    }
  }

  /// The string under `name`; nil for any other kind of value.
  public func string(_ name: String) -> String? {
    if case .string(let text)? = self[name] { text } else { nil }
  }

  public static func == (left: Self, right: Self) -> Bool {
    left.entries.elementsEqual(right.entries) { $0.name == $1.name && $0.value == $1.value }
  }
}

extension Metadata.Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  public init(stringLiteral text: String) { self = .string(text) }
  public init(integerLiteral number: Int) { self = .integer(number) }
}
