import Glibc
import Ground

/// A folder for runs that do not outlast their unit; made when the first is written.
final class Scratch {
  private let parent: String
  private var path: String?
  private var count = 0

  init(below parent: String) { self.parent = parent }

  deinit {
    guard let path else { return }
    for name in (try? names(in: path)) ?? [] { try? removeFile("\(path)/\(name)") }
    unsafe _ = rmdir(path)
  }

  /// A file for the next run.
  func newRun() throws(Fault) -> Run {
    let folder: String
    if let path { folder = path } else { folder = try make() }
    count += 1
    let run = "\(folder)/\(count)"
    return Run(path: run, file: try ZstdFile(path: run, level: 1))
  }

  private func make() throws(Fault) -> String {
    var template = Array("\(parent)/quipu-stack-exchange-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw .system("mkdtemp", parent) }
    let made = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    path = made
    return made
  }
}

/// A run that is being written.
struct Run: ~Copyable {
  let path: String
  var file: ZstdFile
}
