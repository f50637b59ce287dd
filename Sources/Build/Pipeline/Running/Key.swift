import Ground

/// Names a unit of work by all that goes into it: 32 hexadecimal digits.
///
/// Each part is preceded by its length, so that no two lists of parts run together.
struct Key {
  private var bytes: [UInt8] = []

  /// - Parameters:
  ///   - stage: The stage's name.
  ///   - version: Raised whenever the stage's code may give other bytes than before.
  init(stage: String, version: Int) {
    add(stage)
    add("\(version)")
  }

  mutating func add(_ part: [UInt8]) {
    bytes.append(contentsOf: "\(part.count):".utf8)
    bytes.append(contentsOf: part)
  }

  mutating func add(_ part: String) { add(Array(part.utf8)) }

  var text: String { xxh3Wide(bytes).description }
}
