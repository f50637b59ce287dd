import Glibc
import Ground

/// `metrics.jsonl`: a line a step, written as soon as the step is done.
@safe struct MetricsFile: ~Copyable {
  private let path: String
  private let descriptor: CInt

  /// Opens the file for appending; lines after `step`, which a resumed run writes again, are cut off.
  static func open(_ path: String, after step: Int) throws(Fault) -> MetricsFile {
    if fileKind(path) == .file {
      let kept = try lines(of: path, until: step)
      try writeAtomically(kept, to: path)
    }
    let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system("open", path) }
    return MetricsFile(path: path, descriptor: descriptor)
  }

  private init(path: String, descriptor: CInt) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  func append(_ line: [UInt8]) throws(Fault) {
    let bytes = line + [0x0a]
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { bytes in
        unsafe write(descriptor, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .system("write", path) }
      done += count
    }
  }

  /// The whole lines of steps up to `step`: the first that begins otherwise ends them.
  private static func lines(of path: String, until step: Int) throws(Fault) -> [UInt8] {
    let reader = BufferedReader(try FileReader(path: path))
    var kept: [UInt8] = []
    var line: [UInt8] = []
    while try reader.readLine(into: &line) == .whole {
      guard let number = leadingStep(line), number <= step, line.last == UInt8(ascii: "}") else {
        break
      }
      kept += line + [0x0a]
    }
    return kept
  }

  /// The number after `{"step":`.
  private static func leadingStep(_ line: [UInt8]) -> Int? {
    let start = Array("{\"step\":".utf8)
    guard line.starts(with: start) else { return nil }
    let digits = line[start.count...].prefix { $0 >= 0x30 && $0 <= 0x39 }
    return Int(String(decoding: digits, as: UTF8.self))
  }
}
