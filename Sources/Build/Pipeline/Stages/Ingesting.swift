public import Documents
import Formats
import Glibc
public import Ground
import Synchronization

/// Reads units into lines, `jobs` at once; the order of the lines does not depend on `jobs`.
///
/// With one job lines are handed over as they are made; with more, each unit's wait in a file of
/// the folder for temporary files, so that memory stays bounded.
///
/// - Parameters:
///   - units: What to read.
///   - source: Who reads it.
///   - added: The day that is written into each document.
///   - jobs: How many units are read at once.
///   - needsRejects: False where nobody wants the lines of dropped documents.
///   - meter: Counts documents and bytes as they are made.
///   - accept: Gets kept lines and dropped lines, on the caller's thread.
///   - failed: Gets the fault of a unit that could not be read at all.
/// - Returns: The counts of all units.
/// - Throws: What `accept` or `failed` throw, or a fault that stops the run.
public func ingest(
  _ units: [Unit], from source: any DocumentSource, added: String, jobs: Int, needsRejects: Bool,
  meter: Meter, accept: (_ kept: [UInt8], _ dropped: [UInt8]) throws -> Void,
  failed: (Fault) throws -> Void
) throws -> Tally {
  var total = Tally()
  if jobs == 1 {
    for unit in units {
      do {
        total.add(
          try read(unit, from: source, added: added, needsRejects: needsRejects, meter: meter) {
            try accept($0, $1)
          })
      } catch let fault as Fault where !fault.stopsTheRun { try failed(fault) }
    }
    return total
  }
  let next = Atomic<Int>(0)
  try orderedMap(
    jobs: jobs,
    next: {
      let index = next.add(1, ordering: .relaxed).oldValue
      return index < units.count ? units[index] : nil
    },
    transform: { unit -> Result<(Tally, Spool), Fault> in
      let spool = try Spool()
      do {
        let tally = try read(
          unit, from: source, added: added, needsRejects: needsRejects, meter: meter,
          accept: spool.write)
        return .success((tally, spool))
      } catch let fault as Fault where !fault.stopsTheRun { return .failure(fault) }
    },
    accept: { result in
      switch result {
      case .success((let tally, let spool)):
        total.add(tally)
        try spool.read(accept)
      case .failure(let fault): try failed(fault)
      }
    })
  return total
}

private func read(
  _ unit: Unit, from source: any DocumentSource, added: String, needsRejects: Bool, meter: Meter,
  accept: (_ kept: [UInt8], _ dropped: [UInt8]) throws -> Void
) throws -> Tally {
  var lines = DocumentLineWriter(added: added)
  return try source.read(unit, judge: Judge()) { fate in
    switch fate {
    case .kept(let document, _):
      meter.add(documents: 1, bytes: document.text.count)
      try accept(lines.line(for: document), [])
    case .dropped(let document, _, let reason):
      if needsRejects { try accept([], lines.line(for: document, reason: reason)) }
    case .bad(let fault):
      tellUser("\(fault)\n")
    }
  }
}

/// The lines of one unit, waiting in two files; a worker fills it, then the caller empties it.
private final class Spool: @unchecked Sendable {
  private let kept: UnnamedFile
  private let dropped: UnnamedFile

  init() throws(Fault) {
    let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    kept = try UnnamedFile(in: folder)
    dropped = try UnnamedFile(in: folder)
  }

  func write(kept lines: [UInt8], dropped rejects: [UInt8]) throws {
    try unsafe lines.withUnsafeBytes { try unsafe kept.append($0) }
    try unsafe rejects.withUnsafeBytes { try unsafe dropped.append($0) }
  }

  func read(_ accept: (_ kept: [UInt8], _ dropped: [UInt8]) throws -> Void) throws {
    try Self.read(kept) { try accept($0, []) }
    try Self.read(dropped) { try accept([], $0) }
  }

  private static func read(_ file: UnnamedFile, _ accept: ([UInt8]) throws -> Void) throws {
    for start in stride(from: 0, to: file.size, by: 1 << 20) {
      var block = [UInt8](repeating: 0, count: min(1 << 20, file.size - start))
      try unsafe block.withUnsafeMutableBytes { try unsafe file.read(into: $0, at: start) }
      try accept(block)
    }
  }
}
