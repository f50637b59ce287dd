import Foundation
import Yams

/// One value of the YAML tree, with the place that errors about it name.
///
/// Types are those of YAML 1.2's core schema, so that the language `no` is not a boolean.
struct YAMLValue {
  let node: Node
  let file: String
  /// The keys that lead here, such as `sources.wikipedia.epochs`.
  let path: String
  let line: Int

  func error(_ message: String) -> ManifestError {
    ManifestError(file: file, line: line, message: message)
  }

  /// What stands here, for messages: `"two"`, `a list` or `a mapping`.
  private var found: String {
    switch node {
    case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "\"\(scalar.string)\""
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .alias: "an alias"
    }
  }

  private func wrong(_ wanted: String) -> ManifestError {
    error("\(name) must be \(wanted), found \(found)")
  }

  /// The characters of an unquoted scalar; nil for anything else.
  private var plain: String? {
    guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else {
      return nil
    }
    return scalar.string
  }

  var isList: Bool { if case .sequence = node { true } else { false } }

  func text() throws(ManifestError) -> String {
    guard case .scalar(let scalar) = node, !scalar.string.isEmpty else { throw wrong("a text") }
    return scalar.string
  }

  func flag() throws(ManifestError) -> Bool {
    switch plain {
    case "true": true
    case "false": false
    default: throw wrong("true or false")
    }
  }

  /// A finite number; `1_000` and `1e3` are read as 1000.
  var numberIfAny: Double? {
    guard let plain, let first = plain.utf8.first, first != 0x5f, plain.utf8.last != 0x5f,
      plain.utf8.allSatisfy({ "0123456789+-.eE_".utf8.contains($0) })
    else { return nil }
    return Double(plain.filter { $0 != "_" }).flatMap { $0.isFinite ? $0 : nil }
  }

  func number(in range: ClosedRange<Double>) throws(ManifestError) -> Double {
    guard let number = numberIfAny else { throw wrong("a number") }
    guard range.contains(number) else {
      throw error("\(path) is \(shortest(number)); it must be \(bounds(range))")
    }
    return number
  }

  func integer(in range: ClosedRange<Int>) throws(ManifestError) -> Int {
    guard let number = numberIfAny, let integer = Int(exactly: number) else {
      throw wrong("a whole number")
    }
    guard range.contains(integer) else {
      throw error(
        "\(path) is \(integer); it must be \(bounds(Double(range.lowerBound)...Double(range.upperBound)))"
      )
    }
    return integer
  }

  /// A number of bytes, such as `10GB`: powers of 1000, or of 1024 with `KiB`, `MiB`, ….
  func bytes() throws(ManifestError) -> Int {
    let units: [(String, Double)] = [
      ("KiB", 0x1p10), ("MiB", 0x1p20), ("GiB", 0x1p30), ("TiB", 0x1p40), ("kB", 1e3), ("KB", 1e3),
      ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1),
    ]
    let written = plain ?? ""
    let unit = units.first { written.hasSuffix($0.0) }
    let digits = written.dropLast(unit?.0.count ?? 0)
    guard let number = Double(digits),
      let bytes = Int(exactly: (number * (unit?.1 ?? 1)).rounded()),
      bytes > 0
    else { throw wrong("a size such as 10GB") }
    return bytes
  }

  func choice(of names: [String]) throws(ManifestError) -> String {
    let name = try text()
    guard names.contains(name) else {
      throw error("\(path) is \"\(name)\"\(hint(for: name, among: names))")
    }
    return name
  }

  /// A list's values, or this one alone where it is no list.
  func list() throws(ManifestError) -> [YAMLValue] {
    guard case .sequence(let nodes) = node else {
      if case .scalar = node { return [self] }
      throw wrong("a list")
    }
    return nodes.enumerated().map { index, node in
      YAMLValue(node: node, file: file, path: "\(path)[\(index)]", line: node.mark?.line ?? line)
    }
  }

  /// The mapping that stands here, after a check of its keys; any may stand there where `keys` is nil.
  func section(keys: [String]?) throws(ManifestError) -> Section {
    guard case .mapping(let mapping) = node else {
      if case .scalar(let scalar) = node, scalar.string.isEmpty {
        return Section(value: self, entries: [])
      }
      throw wrong("a mapping of keys")
    }
    var entries: [(key: String, value: YAMLValue)] = []
    for (key, node) in mapping {
      let line = key.mark?.line ?? line
      guard case .scalar(let scalar) = key else {
        throw ManifestError(file: file, line: line, message: "a key in \(name) is no text")
      }
      if let keys, !keys.contains(scalar.string) {
        let place = path.isEmpty ? "" : " in \(path)"
        throw ManifestError(
          file: file, line: line,
          message:
            "unknown key \"\(scalar.string)\"\(place)\(hint(for: scalar.string, among: keys))")
      }
      let inner = path.isEmpty ? scalar.string : "\(path).\(scalar.string)"
      entries.append(
        (
          scalar.string,
          YAMLValue(
            node: node, file: file, path: inner,
            line: node.isScalar ? node.mark?.line ?? line : line)
        ))
    }
    return Section(value: self, entries: entries)
  }

  var name: String { path.isEmpty ? "the manifest" : path }
}

/// A mapping whose keys have been checked.
struct Section {
  let value: YAMLValue
  /// In the order of the file.
  let entries: [(key: String, value: YAMLValue)]

  subscript(key: String) -> YAMLValue? { entries.first { $0.key == key }?.value }

  func required(_ key: String) throws(ManifestError) -> YAMLValue {
    guard let value = self[key] else {
      throw self.value.error("\"\(key)\" is missing in \(self.value.name)")
    }
    return value
  }
}

extension Node {
  fileprivate var isScalar: Bool { if case .scalar = self { true } else { false } }
}

/// Reads the one document of a YAML text.
func parse(yaml: String, file: String) throws(ManifestError) -> YAMLValue {
  do {
    guard let root = try compose(yaml: yaml) else {
      throw ManifestError(file: file, line: nil, message: "the manifest is empty")
    }
    return YAMLValue(node: root, file: file, path: "", line: 1)
  } catch let error as ManifestError {
    throw error
  } catch let error as YamlError {
    throw ManifestError(yaml: error, file: file)
  } catch {
    throw ManifestError(file: file, line: nil, message: "\(error)")
  }
}

/// The text of a manifest file.
func contents(of file: String) throws(ManifestError) -> String {
  guard let data = FileManager.default.contents(atPath: file) else {
    throw ManifestError(file: file, line: nil, message: "cannot be read; check the path")
  }
  guard let text = String(validating: data, as: UTF8.self) else {
    throw ManifestError(file: file, line: nil, message: "is not UTF-8")
  }
  return text
}

extension ManifestError {
  fileprivate init(yaml error: YamlError, file: String) {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let text = context.map { "\($0.text), " } ?? ""
      self.init(file: file, line: mark.line, message: "not YAML: \(text)\(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      let names = duplicates.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
      self.init(file: file, line: context.mark.line, message: "\(names) is given twice")
    case .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem),
      .representer(let problem):
      self.init(file: file, line: nil, message: "not YAML: \(problem)")
    case .no, .memory, .dataCouldNotBeDecoded:
      self.init(file: file, line: nil, message: "not YAML: \(error)")
    }
  }
}

/// `2` for 2.0, else the shortest digits that read back the same.
func shortest(_ number: Double) -> String {
  Int(exactly: number).map(String.init) ?? "\(number)"
}

private func bounds(_ range: ClosedRange<Double>) -> String {
  if range.upperBound >= 1e15 { return "at least \(shortest(range.lowerBound))" }
  if range.lowerBound <= -1e15 { return "at most \(shortest(range.upperBound))" }
  return "between \(shortest(range.lowerBound)) and \(shortest(range.upperBound))"
}
