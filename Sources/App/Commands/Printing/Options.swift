import ArgumentParser
import Glibc
import Ground

/// How to run, never what is made: no option here changes an output byte.
struct RunOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "How many threads work at once.")
  var jobs = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

  @Flag(help: "Print nothing on standard error but errors.")
  var quiet = false

  func validate() throws {
    guard jobs > 0 else { throw ValidationError("--jobs is \(jobs); it must be at least 1.") }
  }

  /// Prints `text` to standard error, unless told to be quiet.
  func say(_ text: String) {
    if !quiet { tellUser(text) }
  }
}

/// For commands whose result a program may want to read.
struct ResultOptions: ParsableArguments {
  @Flag(help: "Print the result as JSON.")
  var json = false

  /// Prints tables, as text or as JSON, one a line.
  func print(_ tables: Table...) throws { try print(tables) }

  func print(_ tables: [Table]) throws {
    var output = StandardOutput()
    for (index, table) in tables.enumerated() {
      if index > 0 && !json { try output.write("\n") }
      try output.write(json ? table.json : Array(table.text.utf8))
    }
    try output.flush()
  }
}

/// A number of bytes as people write it: `20MB`, `8GB`, `512K`, `1000`.
struct ByteCount: ExpressibleByArgument {
  var bytes: Int

  init(_ bytes: Int) { self.bytes = bytes }

  init?(argument: String) {
    let text = argument.uppercased()
    let units = [
      "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000, "B": 1,
      "K": 1_000, "M": 1_000_000, "G": 1_000_000_000, "T": 1_000_000_000_000,
    ]
    let unit = units.keys.sorted { $0.count > $1.count }.first { text.hasSuffix($0) }
    let digits = text.dropLast(unit?.count ?? 0)
    guard let number = Double(digits), number >= 0, number < 1e15 else { return nil }
    bytes = Int(number * Double(unit.flatMap { units[$0] } ?? 1))
  }

  var defaultValueDescription: String { inBytes(bytes) }
}
