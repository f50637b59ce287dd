internal import CSimdjson

/// Why a text is no JSON, in simdjson's words.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

/// Parses JSON texts one after the other, by simdjson; the whole text is validated, UTF-8 included.
///
/// A parser belongs to one task and keeps its memory from text to text.
///
/// - SeeAlso: simdjson `doc/tape.md` for the layout that `JSONNode` walks.
@safe public final class JSONParser {
  private let parser: OpaquePointer?
  /// Counts parses, so that a node of an earlier text cannot be read by mistake.
  fileprivate private(set) var generation = 0

  public init() { unsafe parser = quipu_json_parser_create() }

  deinit { unsafe quipu_json_parser_free(parser) }

  /// Parses one text; the node is valid until the next call.
  ///
  /// - Complexity: O(n), some GB/s.
  public func parse(_ text: borrowing [UInt8]) throws(JSONError) -> JSONNode {
    generation += 1
    guard unsafe parser != nil else { throw JSONError("out of memory") }
    let code = unsafe text.withUnsafeBufferPointer {
      unsafe quipu_json_parse(parser, $0.baseAddress, $0.count)
    }
    guard code == 0 else { throw JSONError(unsafe String(cString: quipu_json_error(code))) }
    return JSONNode(parser: self, index: 1, generation: generation)
  }

  fileprivate func word(_ index: Int) -> UInt64 { unsafe quipu_json_tape(parser)[index] }

  fileprivate func string(_ offset: Int) -> UnsafeBufferPointer<UInt8> {
    let start = unsafe quipu_json_strings(parser) + offset
    let count = unsafe UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
    return unsafe UnsafeBufferPointer(start: start + 4, count: Int(count))
  }
}

/// One value of a parsed text: a view that is valid until its parser parses again.
public struct JSONNode {
  private let parser: JSONParser
  private let index: Int
  private let generation: Int

  fileprivate init(parser: JSONParser, index: Int, generation: Int) {
    self.parser = parser
    self.index = index
    self.generation = generation
  }

  private var word: UInt64 {
    precondition(generation == parser.generation, "a JSON node was kept beyond its text")
    return parser.word(index)
  }
  private var tag: UInt8 { UInt8(word >> 56) }
  private var payload: Int { Int(word & 0xff_ffff_ffff_ffff) }
  /// The index of the value after this one.
  private var next: Int {
    switch tag {
    case UInt8(ascii: "{"), UInt8(ascii: "["): payload & 0xffff_ffff
    case UInt8(ascii: "l"), UInt8(ascii: "u"), UInt8(ascii: "d"): index + 2
    default: index + 1
    }
  }

  private func node(_ index: Int) -> JSONNode {
    JSONNode(parser: parser, index: index, generation: generation)
  }

  public var isNull: Bool { tag == UInt8(ascii: "n") }
  public var isObject: Bool { tag == UInt8(ascii: "{") }
  public var isArray: Bool { tag == UInt8(ascii: "[") }

  /// The UTF-8 bytes of a string, unescaped; nil for any other value.
  public var bytes: [UInt8]? {
    tag == UInt8(ascii: "\"") ? unsafe Array(parser.string(payload)) : nil
  }

  /// A string; nil for any other value.
  public var string: String? {
    tag == UInt8(ascii: "\"")
      ? unsafe String(decoding: parser.string(payload), as: UTF8.self) : nil
  }

  public var bool: Bool? {
    switch tag {
    case UInt8(ascii: "t"): true
    case UInt8(ascii: "f"): false
    default: nil
    }
  }

  /// A whole number, or a string that holds one, as BigQuery writes them.
  public var integer: Int? {
    switch tag {
    case UInt8(ascii: "l"): Int(Int64(bitPattern: parser.word(index + 1)))
    case UInt8(ascii: "u"): Int(exactly: parser.word(index + 1))
    case UInt8(ascii: "\""): string.flatMap { Int($0) }
    default: nil
    }
  }

  /// Any number.
  public var number: Double? {
    switch tag {
    case UInt8(ascii: "d"): Double(bitPattern: parser.word(index + 1))
    case UInt8(ascii: "l"), UInt8(ascii: "u"): integer.map { Double($0) }
    default: nil
    }
  }

  /// The value of the first member named `key`; nil where there is none, or this is no object.
  ///
  /// - Complexity: O(members).
  public subscript(key: String) -> JSONNode? {
    var found: JSONNode?
    forEachMember { name, value in
      if found == nil && name == key { found = value }
    }
    return found
  }

  /// Calls `body` with each member of an object, in order.
  public func forEachMember(_ body: (String, JSONNode) throws -> Void) rethrows {
    guard isObject else { return }
    var position = index + 1
    let end = next - 1
    while position < end {
      let key = node(position).string ?? ""
      let value = node(position + 1)
      try body(key, value)
      position = value.next
    }
  }

  /// The elements of an array; empty for any other value.
  public var elements: [JSONNode] {
    guard isArray else { return [] }
    var elements: [JSONNode] = []
    var position = index + 1
    let end = next - 1
    while position < end {
      elements.append(node(position))
      position = elements[elements.count - 1].next
    }
    return elements
  }
}
