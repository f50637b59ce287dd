import Glibc
public import Ground

/// A folder for one test, removed when the value goes away.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() throws(Fault) {
    var template = Array("/tmp/quipu-test-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw .system("mkdtemp", "/tmp") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for file in (try? files(under: path)) ?? [] { unsafe _ = unlink("\(path)/\(file)") }
    remove(path)
  }

  /// Writes a file below the folder and gives its path.
  public func write(_ bytes: [UInt8], to name: String) throws(Fault) -> String {
    let file = "\(path)/\(name)"
    try makeFolder(folder(of: file))
    try writeAtomically(bytes, to: file)
    return file
  }

  public func write(_ text: String, to name: String) throws(Fault) -> String {
    try write(Array(text.utf8), to: name)
  }
}

/// Removes empty folders from the deepest up.
private func remove(_ path: String) {
  for name in (try? names(in: path)) ?? [] { remove("\(path)/\(name)") }
  unsafe _ = rmdir(path)
}
