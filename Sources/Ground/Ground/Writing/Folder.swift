import Glibc

/// The folder part of a path: `a/b` of `a/b/c`, and `.` of `c`.
public func folder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// The last part of a path.
public func fileName(of path: String) -> String {
  path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
}

/// What stands at a path.
public enum FileKind: Sendable { case file, folder, nothing }

public func fileKind(_ path: String) -> FileKind {
  var status = stat()
  guard unsafe stat(path, &status) == 0 else { return .nothing }
  return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
}

/// The bytes of a stored file.
public func fileSize(_ path: String) throws(Fault) -> UInt64 {
  var status = stat()
  guard unsafe stat(path, &status) == 0 else { throw .system("stat", path) }
  return UInt64(status.st_size)
}

/// When a stored file was last changed: nanoseconds since 1970.
public func modificationTime(_ path: String) throws(Fault) -> Int {
  var status = stat()
  guard unsafe stat(path, &status) == 0 else { throw .system("stat", path) }
  return status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
}

/// Makes a folder and those above it; one that exists is left alone.
public func makeFolder(_ path: String) throws(Fault) {
  if fileKind(path) == .folder { return }
  let above = folder(of: path)
  if above != path { try makeFolder(above) }
  guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .system("mkdir", path) }
}

/// Makes a rename or a removal in the folder of `path` outlast a power cut.
public func syncFolder(of path: String) throws(Fault) {
  let above = folder(of: path)
  let descriptor = unsafe open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .system("open", above) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw .system("sync", above) }
}

/// Removes a file; one that is not there is no fault.
public func removeFile(_ path: String) throws(Fault) {
  guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .system("remove", path) }
}

/// The names in a folder, in byte order, without `.` and `..`.
public func names(in path: String) throws(Fault) -> [String] {
  guard let handle = unsafe opendir(path) else { throw .system("opendir", path) }
  defer { unsafe _ = closedir(handle) }
  var names: [String] = []
  while let entry = unsafe readdir(handle) {
    let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { raw in
      unsafe String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// Every file under a folder, by its path relative to it, in byte order of the paths' parts.
///
/// Links are followed to files, not to folders, so that no walk is endless.
public func files(under path: String) throws(Fault) -> [String] {
  var found: [String] = []
  for name in try names(in: path) {
    let inner = "\(path)/\(name)"
    var status = stat()
    guard unsafe lstat(inner, &status) == 0 else { continue }
    if status.st_mode & S_IFMT == S_IFDIR {
      found += try files(under: inner).map { "\(name)/\($0)" }
    } else if fileKind(inner) == .file {
      found.append(name)
    }
  }
  return found
}

/// Removes what killed runs left half written under `path`; says how many files that were.
///
/// Files of processes that still run are left alone.
@discardableResult
public func sweepLeftovers(under path: String) throws(Fault) -> Int {
  var swept = 0
  for file in try files(under: path) {
    guard let mark = file.range(of: AtomicFile.mark) else { continue }
    let owner = pid_t(file[mark.upperBound...]) ?? 0
    if owner > 0 && owner != getpid() && kill(owner, 0) == 0 { continue }
    guard unsafe unlink("\(path)/\(file)") == 0 else { throw .system("remove", file) }
    swept += 1
  }
  return swept
}

extension String {
  /// The last place where `part` stands.
  fileprivate func range(of part: String) -> Range<String.Index>? {
    var index = endIndex
    while index > startIndex {
      index = self.index(before: index)
      if self[index...].hasPrefix(part) {
        return index..<self.index(index, offsetBy: part.count)
      }
    }
    return nil
  }
}
