import Glibc
import Ground

// What ranks say to each other; all numbers are little-endian.

extension [UInt8] {
  mutating func append(number: some FixedWidthInteger) {
    let bits = number.littleEndian
    for byte in 0..<bits.bitWidth / 8 { append(UInt8(truncatingIfNeeded: bits >> (8 * byte))) }
  }

  /// - Precondition: The bytes are there.
  func number<Number: FixedWidthInteger>(at offset: Int, _ type: Number.Type) -> Number {
    var number: Number = 0
    for byte in (0..<Number.bitWidth / 8).reversed() {
      number = number << 8 | Number(truncatingIfNeeded: self[offset + byte])
    }
    return number
  }
}

/// What a rank says first on every connection that it opens.
struct Hello: Equatable, Sendable {
  enum Kind: UInt32, Sendable {
    /// To rank 0, where all meet; stays as their control connection.
    case join = 1
    /// Between two other ranks: heartbeats and faults.
    case control = 2
    /// The values of one group.
    case data = 3
  }

  static let magic = Array("QUIPURNK".utf8)
  static let version: UInt32 = 1
  static let size = 72

  var kind: Kind
  var rank: Int
  var ranks: Int
  /// The group whose values come here.
  var group: UInt64 = 0
  /// Where the rank listens, if it joins.
  var port: UInt16 = 0

  func bytes(secret: [UInt8]) -> [UInt8] {
    var bytes = Self.magic
    bytes.append(number: Self.version)
    bytes.append(number: kind.rawValue)
    bytes.append(number: UInt32(rank))
    bytes.append(number: UInt32(ranks))
    bytes.append(number: group)
    bytes.append(number: UInt32(port))
    bytes.append(number: UInt32(0))
    return bytes + secret
  }

  /// Reads a greeting of `size` bytes; nil for a foreigner's.
  static func read(_ bytes: [UInt8], secret: [UInt8]) -> Result<Hello, Refusal>? {
    guard bytes.count == size, Array(bytes[..<8]) == magic else { return nil }
    guard bytes.number(at: 8, UInt32.self) == version else { return .failure(.otherVersion) }
    guard isSame(bytes[40...], secret[...]) else { return .failure(.otherToken) }
    guard let kind = Kind(rawValue: bytes.number(at: 12, UInt32.self)) else { return nil }
    let port = UInt16(truncatingIfNeeded: bytes.number(at: 32, UInt32.self))
    return .success(
      Hello(
        kind: kind, rank: Int(bytes.number(at: 16, UInt32.self)),
        ranks: Int(bytes.number(at: 20, UInt32.self)), group: bytes.number(at: 24, UInt64.self),
        port: port))
  }
}

/// Compares in a time that does not tell where the difference is.
private func isSame(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
  guard left.count == right.count else { return false }
  return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}

/// What a token is sent as: its SHA-256.
func secret(of token: String) -> [UInt8] { sha256(Array(token.utf8).span) }

/// Why a greeting was turned away.
enum Refusal: UInt32, Error, CustomStringConvertible {
  case otherVersion = 1
  case otherToken = 2
  case otherSize = 3
  case isTaken = 4

  var description: String {
    switch self {
    case .otherVersion: "it runs another version of this program"
    case .otherToken: "it belongs to another job: QUIPU_JOB_TOKEN differs"
    case .otherSize: "it was started with another number of ranks"
    case .isTaken: "another process already has this rank"
    }
  }
}

/// The answer to a greeting: the magic, 0 or the refusal's number, and zeros.
struct Answer {
  static let size = 16

  static func bytes(_ refusal: Refusal?) -> [UInt8] {
    var bytes = Hello.magic
    bytes.append(number: refusal?.rawValue ?? 0)
    bytes.append(number: UInt32(0))
    return bytes
  }

  /// Nil where it is no answer of this program.
  static func read(_ bytes: [UInt8]) -> Result<Void, Refusal>? {
    guard bytes.count == size, Array(bytes[..<8]) == Hello.magic else { return nil }
    let number = bytes.number(at: 8, UInt32.self)
    if number == 0 { return .success(()) }
    return Refusal(rawValue: number).map { .failure($0) }
  }
}

/// What goes over a control connection: kind and length in 32 bits each, then the content.
struct Frame {
  enum Kind: UInt32 {
    /// Where each rank listens.
    case table = 1
    /// The sender lives.
    case beat = 2
    /// The run has failed.
    case abort = 3
    /// The sender has done its part and goes.
    case leave = 4
  }

  var kind: Kind
  var content: [UInt8] = []

  /// The longest text that a frame carries.
  static let textLimit = 4096

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(number: kind.rawValue)
    bytes.append(number: UInt32(content.count))
    return bytes + content
  }

  /// A fault as it is sent: the length of the file's name, the offset, the name, the cause.
  static func abort(_ fault: Fault) -> Frame {
    let name = Array(fault.file.utf8.prefix(textLimit / 2))
    var content: [UInt8] = []
    content.append(number: UInt32(name.count))
    content.append(number: fault.offset)
    content += name
    content += fault.cause.description.utf8.prefix(textLimit - content.count)
    return Frame(kind: .abort, content: content)
  }

  /// The fault of an `abort`, named after the rank that it comes from.
  func fault(from rank: Int) -> Fault? {
    guard kind == .abort, content.count >= 12 else { return nil }
    let length = Int(content.number(at: 0, UInt32.self))
    guard length <= content.count - 12 else { return nil }
    let name = String(decoding: content[12..<12 + length], as: UTF8.self)
    let text = String(decoding: content[(12 + length)...], as: UTF8.self)
    let isOfRanks = name.hasPrefix("rank ") || name.hasPrefix("ranks ")
    let file = isOfRanks ? name : "rank \(rank): \(name)"
    return Fault(file, at: content.number(at: 4, UInt64.self), .unusable(text))
  }
}

/// Cuts frames out of what has come so far.
struct FrameReader {
  /// The longest content that is taken; the sender's word alone makes no room.
  let limit: Int
  private var bytes: [UInt8] = []

  init(limit: Int) { self.limit = limit }

  mutating func add(_ more: ArraySlice<UInt8>) { bytes += more }

  /// The next frame; nil where it is not all here.
  ///
  /// - Throws: `Nonsense` for what no rank would send.
  mutating func next() throws(Nonsense) -> Frame? {
    guard bytes.count >= 8 else { return nil }
    let length = Int(bytes.number(at: 4, UInt32.self))
    guard let kind = Frame.Kind(rawValue: bytes.number(at: 0, UInt32.self)), length <= limit else {
      throw Nonsense()
    }
    guard bytes.count - 8 >= length else { return nil }
    let frame = Frame(kind: kind, content: Array(bytes[8..<8 + length]))
    bytes.removeFirst(8 + length)
    return frame
  }

  struct Nonsense: Error {}
}
