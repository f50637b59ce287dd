/// A source's own settings: free keys, each with its line.
public struct SourceSettings: Sendable, Equatable {
  /// What a setting can be.
  public enum Value: Sendable, Equatable {
    case text(String)
    case number(Double)
    case flag(Bool)
    case list([Value])
  }

  public struct Setting: Sendable, Equatable {
    public var key: String
    public var value: Value
    public var line: Int
  }

  /// By key, in byte order.
  public private(set) var all: [Setting]
  private let file: String
  private let path: String

  /// Settings that come from a command line, not from a file.
  public init(_ values: [String: Value]) {
    file = "settings"
    path = "settings"
    all = values.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.compactMap { key in
      values[key].map { Setting(key: key, value: $0, line: 1) }
    }
  }

  /// Compares what the settings say, not where they stand.
  public static func == (left: Self, right: Self) -> Bool {
    left.all.map(\.key) == right.all.map(\.key) && left.all.map(\.value) == right.all.map(\.value)
  }

  public subscript(key: String) -> Value? { setting(key)?.value }

  /// The text of a key; nil where it is absent.
  public func text(_ key: String) throws(ManifestError) -> String? {
    guard let setting = setting(key) else { return nil }
    guard case .text(let text) = setting.value else { throw wrong(setting, "a text") }
    return text
  }

  /// The texts of a key, of which there may be one without a list; nil where it is absent.
  public func texts(_ key: String) throws(ManifestError) -> [String]? {
    guard let setting = setting(key) else { return nil }
    let values: [Value] = if case .list(let list) = setting.value { list } else { [setting.value] }
    var texts: [String] = []
    for value in values {
      guard case .text(let text) = value else { throw wrong(setting, "a list of texts") }
      texts.append(text)
    }
    return texts
  }

  public func number(_ key: String) throws(ManifestError) -> Double? {
    guard let setting = setting(key) else { return nil }
    guard case .number(let number) = setting.value else { throw wrong(setting, "a number") }
    return number
  }

  public func integer(_ key: String) throws(ManifestError) -> Int? {
    guard let setting = setting(key) else { return nil }
    guard case .number(let number) = setting.value, let integer = Int(exactly: number) else {
      throw wrong(setting, "a whole number")
    }
    return integer
  }

  public func flag(_ key: String) throws(ManifestError) -> Bool? {
    guard let setting = setting(key) else { return nil }
    guard case .flag(let flag) = setting.value else { throw wrong(setting, "true or false") }
    return flag
  }

  /// A mistake about the value of `key`, for whoever gives it a meaning.
  public func error(about key: String, _ message: String) -> ManifestError {
    ManifestError(file: file, line: setting(key)?.line, message: "\(path).\(key) \(message)")
  }

  private func setting(_ key: String) -> Setting? { all.first { $0.key == key } }

  private func wrong(_ setting: Setting, _ wanted: String) -> ManifestError {
    error(about: setting.key, "must be \(wanted)")
  }
}

extension SourceSettings {
  init(_ section: Section?, file: String, path: String) throws(ManifestError) {
    self.file = file
    self.path = path
    all = []
    for (key, value) in section?.entries ?? [] {
      all.append(Setting(key: key, value: try Value(value), line: value.line))
    }
    all.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }

  var canonical: Canonical {
    .fields(Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0.value.canonical) }))
  }
}

extension SourceSettings.Value {
  fileprivate init(_ value: YAMLValue, depth: Int = 0) throws(ManifestError) {
    if value.isList, depth == 0 {
      var list: [Self] = []
      for item in try value.list() { list.append(try Self(item, depth: 1)) }
      self = .list(list)
    } else if let number = value.numberIfAny {
      self = .number(number)
    } else if let flag = try? value.flag() {
      self = .flag(flag)
    } else if let text = try? value.text() {
      self = .text(text)
    } else {
      throw value.error("\(value.path) must be a text, a number, true, false or a list of these")
    }
  }

  fileprivate var canonical: Canonical {
    switch self {
    case .text(let text): .text(text)
    case .number(let number): .number(number)
    case .flag(let flag): .flag(flag)
    case .list(let values): .list(values.map(\.canonical))
    }
  }
}
