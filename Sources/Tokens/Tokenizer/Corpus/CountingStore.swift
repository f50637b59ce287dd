internal import Glibc
public import Ground

/// The folder beside a model in which a count is saved, as one file.
///
/// The file is the magic, the length and the XXH3 of what follows as 8-byte numbers, what the count
/// depends on as strings, the state, and the words in their own format.
final class CountingStore {
  private static let magic = Array("QUIPUCT1".utf8)

  private let folder: String
  private let identity: [String]
  private let trainer: BPETrainer
  /// Held from the first look into the folder on.
  private var lock: FolderLock?

  init(folder: String, identity: [String], _ trainer: BPETrainer) {
    self.folder = folder
    self.identity = identity
    self.trainer = trainer
  }

  /// The saved state, or nil where there is none.
  ///
  /// - Throws: `Fault` where the state is of other settings or files, or another process is at it.
  func load() throws(Fault) -> CountingState? {
    guard fileKind(folder) == .folder else { return nil }
    try take()
    guard fileKind(path) == .file else { return nil }
    let reader = BufferedReader(try FileReader(path: path))
    var bytes = StateBytes(try head(reader), file: path)
    var saved: [String] = []
    for _ in 0..<(try bytes.readCount()) {
      saved.append(String(decoding: try bytes.readBytes(), as: UTF8.self))
    }
    if let (old, new) = firstDifference(saved, identity) {
      throw Fault(
        path, at: 0,
        .unusable(
          "the saved state is of other settings or files: \"\(old)\" then, \"\(new)\" now; "
            + "go back to those, or begin anew with --no-resume"))
    }
    var state = CountingState(trainer.counts(), isSampled: true)
    try state.read(&bytes)
    state.words = try trainer.counts(from: reader)
    return state
  }

  func save(_ state: CountingState) throws(Fault) {
    try makeFolder(folder)
    try take()
    var body: [UInt8] = []
    body.append(fixed: UInt64(identity.count))
    for line in identity { body.append(counted: line.utf8) }
    body += state.bytes
    var head = Self.magic
    head.append(fixed: UInt64(body.count))
    head.append(fixed: xxh3(body))
    var file = try AtomicFile(path: path)
    try file.write(head)
    try file.write(body)
    try state.words.write { (bytes: borrowing [UInt8]) throws(Fault) in try file.write(bytes) }
    try file.commit()
  }

  private var path: String { "\(folder)/counting" }

  private func head(_ reader: BufferedReader) throws(Fault) -> [UInt8] {
    var start: [UInt8] = []
    try reader.read(24, into: &start)
    guard start.count == 24, start.starts(with: Self.magic) else {
      throw reader.fault(.malformed("no saved count"), at: 0)
    }
    var numbers = StateBytes(Array(start[8...]), file: path)
    let (count, digest) = (try numbers.readCount(), try numbers.readNumber())
    var bytes: [UInt8] = []
    let found = try reader.read(count, into: &bytes)
    guard found == count else { throw reader.fault(.truncated(expected: count, found: found)) }
    guard xxh3(bytes) == digest else {
      throw reader.fault(.malformed("the saved state is damaged"))
    }
    return bytes
  }

  private func take() throws(Fault) {
    if lock != nil { return }
    lock = try FolderLock(folder, for: "counting words there")
    try sweepLeftovers(under: folder)
  }
}

/// Removes the state that counting left in `folder`; it is no fault if there is none.
public func removeCountingState(_ folder: String) throws(Fault) {
  guard fileKind(folder) == .folder else { return }
  try sweepLeftovers(under: folder)
  try removeFile("\(folder)/counting")
  guard unsafe rmdir(folder) == 0 || errno == ENOTEMPTY else { throw .system("rmdir", folder) }
}

private func firstDifference(_ old: [String], _ new: [String]) -> (String, String)? {
  for index in 0..<max(old.count, new.count) {
    let pair = (
      index < old.count ? old[index] : "nothing", index < new.count ? new[index] : "nothing"
    )
    if pair.0 != pair.1 { return pair }
  }
  return nil
}
