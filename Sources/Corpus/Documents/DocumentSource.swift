public import Ground

/// A place that documents come from.
///
/// Knows its raw format and its own recipe; knows no other source, no thread and no ledger.
public protocol DocumentSource: Sendable {
  /// The name in manifests, documents and the ledger, such as `wikipedia`.
  static var name: String { get }

  /// Changes whenever the same input may give other documents than before.
  static var version: Int { get }

  /// True for files that a folder of inputs is searched for, by their path below it.
  func recognises(_ path: String) -> Bool

  /// True for a folder that is an input as a whole, such as a repository; others are searched for
  /// files.
  func takes(folder path: String) -> Bool

  /// Cuts `input` into parts that can be read alone; one part where it cannot be cut.
  ///
  /// The cut depends on the input only.
  func units(of input: Input) throws -> [Unit]

  /// Reads one unit and hands over the outcome of every raw record, in the order of the file.
  ///
  /// - Throws: `Fault` where the unit cannot be read on, or what `accept` throws. A bad record is
  ///   handed over as `bad` and reading goes on behind it.
  func read(_ unit: Unit, to accept: (Record) throws -> Void) throws
}

extension DocumentSource {
  public func takes(folder path: String) -> Bool { false }

  public func units(of input: Input) throws -> [Unit] { [Unit(of: input)] }
}

/// One raw file, or one folder that is a record's home, such as a repository.
public struct Input: Hashable, Sendable {
  /// The path below the folder of inputs: the same on every machine.
  public var name: String
  /// Where it lies on this machine.
  public var path: String

  public init(name: String, path: String) {
    self.name = name
    self.path = path
  }
}

/// A part of an input that can be read alone.
public struct Unit: Hashable, Sendable {
  public var input: Input
  /// Counts the units of one input from 0.
  public var number: Int
  /// Stored bytes that decode alone; nil for the whole input.
  public var range: Range<UInt64>?

  public init(of input: Input, number: Int = 0, range: Range<UInt64>? = nil) {
    self.input = input
    self.number = number
    self.range = range
  }

  /// The decoded bytes, whatever the compression.
  public func open() throws(Fault) -> BufferedReader {
    try openDecoded(input.path, range: range)
  }

  /// The origin of a record that lies `length` decoded bytes long at `location`.
  public func origin(_ location: Location, length: Int, member: String? = nil) -> Origin {
    Origin(path: input.name, location: location, length: UInt64(length), member: member)
  }
}

/// What became of one raw record: nothing is lost between the three cases.
public enum Record: Sendable {
  case document(Document)
  /// Understood and left out by the source's own recipe, for a reason such as `redirect`; its text
  /// may be empty where there was no need to make it.
  case dropped(Document, reason: String)
  /// Not understood: the fault says where and why.
  case bad(Fault)
}
