public import Documents
import Glibc
public import Ground
import Manifest

/// Finds the inputs that a path or pattern means, in byte order of their names.
///
/// A folder stands for the files below it that `source` recognises, or for itself where the source
/// takes whole folders; a pattern for all files below its root that match it.
///
/// - Parameters:
///   - pattern: A path, relative to `root` unless it begins with `/`, with `*`, `?` and `**`.
///   - root: The folder of inputs; names are relative to it.
///   - source: Who will read them.
/// - Returns: At least one input.
/// - Throws: `Fault` where nothing is found.
public func findInputs(
  _ pattern: String, under root: String, for source: any DocumentSource
) throws(Fault) -> [Input] {
  let wanted = InputPattern(pattern, line: 0)
  if wanted.isRemote {
    throw Fault(
      pattern, at: 0,
      .unusable("inputs on other machines cannot be read yet: fetch the file and name its path"))
  }
  func input(_ name: String) -> Input {
    Input(name: name, path: name.hasPrefix("/") || root.isEmpty ? name : "\(root)/\(name)")
  }
  let exact = input(pattern)
  var found: [Input] = []
  switch fileKind(exact.path) {
  case .file: found = [exact]
  case .folder where source.takes(folder: exact.path): found = [exact]
  case .folder:
    found = try files(under: exact.path).filter(source.recognises).map { input("\(pattern)/\($0)") }
  case .nothing:
    let start = input(wanted.root)
    let prefix = wanted.root.isEmpty ? "" : "\(wanted.root)/"
    if pattern != wanted.root, fileKind(start.path) == .folder {
      found = try files(under: start.path).map { prefix + $0 }.filter(wanted.matches).map(input)
    }
  }
  guard !found.isEmpty else {
    let isPattern = pattern.contains { "*?".contains($0) }
    let cause: Fault.Cause =
      if fileKind(exact.path) == .folder {
        .unusable("no file below this folder looks like an input of this source")
      } else if isPattern {
        .unusable("no file matches; inputs start from the manifest's folder, or from --inputs")
      } else {
        .system(call: "open", ENOENT)
      }
    throw Fault(exact.path, at: 0, cause)
  }
  return found
}

extension Input {
  /// A hash of all that the input holds.
  ///
  /// A folder's is made of the names and hashes of the files below it.
  ///
  /// - Complexity: O(bytes), some GB/s.
  func digest() throws(Fault) -> String {
    guard fileKind(path) == .folder else { return try xxh3Wide(file: path).description }
    var parts = ""
    for file in try files(under: path) {
      parts += "\(file)\0\(try xxh3Wide(file: "\(path)/\(file)"))\n"
    }
    return xxh3Wide(Array(parts.utf8)).description
  }
}
