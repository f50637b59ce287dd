package import Ground

/// Replacement rules as SentencePiece compiles them: the `precompiled_charsmap` of a model.
///
///     4 bytes   size of the trie in bytes, little-endian
///     size      a double array over the strings to replace; values are offsets into
///     the rest  the strings to put there, each ended by a NUL
///
/// Of the strings to replace that a text has at one place the longest counts.
///
/// - SeeAlso: google/sentencepiece `src/normalizer.cc`, `DecodePrecompiledCharsMap`.
package struct Charsmap: Equatable, Sendable {
  private let trie: DoubleArray
  /// The replacements, each with a NUL behind it.
  let targets: [UInt8]
  /// By scalar below 0x20000: true where a rule may begin with it.
  private var begins: [UInt64]
  /// By ASCII byte: true where a rule is that byte alone, or that and another ASCII byte.
  private(set) var isTouchedInASCII = [Bool](repeating: false, count: 128)

  /// The longest replacement in bytes; the longest of NFKC has 33.
  static let targetLimit = 4096
  /// The longest string to replace in bytes, so that a file cannot make normalizing slow.
  static let sourceLimit = 1024
  /// SentencePiece looks at so many nested matches; no map that it made has as many.
  private static let matchLimit = 32
  private static let bitmapEnd: UInt32 = 0x20000

  /// Reads a compiled map.
  ///
  /// A fault names `file`, and in its cause the byte within the map.
  ///
  /// - Complexity: O(n) time and memory.
  package init(_ blob: [UInt8], file: String) throws(Fault) {
    func fault(_ what: String, at place: Int) -> Fault {
      Fault(file, at: 0, .malformed("precompiled_charsmap, byte \(place): \(what)"))
    }
    func word(_ place: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(blob[place + $1]) << UInt32(8 * $1) }
    }
    guard blob.count > 4 else { throw fault("it ends before the size of its trie", at: blob.count) }
    let size = Int(word(0))
    guard size >= 1024, size % 1024 == 0 else {
      throw fault("\(size) bytes are no size of a trie", at: 0)
    }
    guard size < blob.count - 4 else {
      throw fault("the trie should have \(size) bytes and there are \(blob.count - 4)", at: 4)
    }
    let targets = Array(blob[(4 + size)...])
    guard targets.last == 0 else { throw fault("the last string has no end", at: blob.count - 1) }
    var start = 0
    for (end, byte) in targets.enumerated() where byte == 0 {
      guard end - start <= Self.targetLimit else {
        throw fault("a replacement has \(end - start) bytes", at: 4 + size + start)
      }
      guard isValidUTF8(Array(targets[start..<end])) else {
        throw fault("a replacement is not UTF-8", at: 4 + size + start)
      }
      start = end + 1
    }
    let units = (0..<size / 4).map { word(4 + 4 * $0) }
    guard let trie = DoubleArray(checking: units, valueLimit: targets.count) else {
      throw fault("the trie leads out of itself", at: 4)
    }
    for (index, unit) in units.enumerated() where unit >> 31 != 0 {
      guard targets[Int(unit & 0x7fff_ffff)] & 0xc0 != 0x80 else {
        throw fault("a replacement begins inside a character", at: 4 + 4 * index)
      }
    }
    guard let longest = trie.longestKey() else { throw fault("the trie leads in circles", at: 4) }
    guard longest <= Self.sourceLimit else {
      throw fault("a string to replace has \(longest) bytes", at: 4)
    }
    self.trie = trie
    self.targets = targets
    begins = Array(repeating: 0, count: Int(Self.bitmapEnd) / 64)
    noteBeginnings()
  }

  /// The longest string to replace at `place`: its length, 0 where there is none, and as its value
  /// what `target` takes.
  func match(
    _ text: Span<UInt8>, at place: Int
  ) -> (length: Int, value: Int, isOpen: Bool) {
    trie.longestMatch(text, at: place, limit: Self.matchLimit)
  }

  /// Where in `targets` the replacement stands that a match gave.
  func target(_ value: Int) -> Range<Int> {
    var end = value
    while targets[end] != 0 { end += 1 }
    return value..<end
  }

  /// False where no rule begins with this scalar.
  @inline(__always)
  func canBegin(_ scalar: UInt32) -> Bool {
    scalar >= Self.bitmapEnd || begins[Int(scalar >> 6)] >> UInt64(scalar & 63) & 1 != 0
  }

  private mutating func noteBeginnings() {
    for scalar in 0..<Self.bitmapEnd {
      guard let name = Unicode.Scalar(scalar).flatMap(UTF8.encode) else { continue }
      var node: Int? = DoubleArray.root
      var isRule = false
      for byte in name {
        node = node.flatMap { trie.child(of: $0, byte) }
        if let node, trie.value(at: node) != nil { isRule = true }
      }
      guard isRule || node != nil else { continue }
      begins[Int(scalar >> 6)] |= 1 << UInt64(scalar & 63)
      guard scalar < 128, let node else { continue }
      isTouchedInASCII[Int(scalar)] =
        isRule || (0..<128).contains { trie.child(of: node, $0) != nil }
    }
  }
}

extension Charsmap {
  /// All rules, in the order of the strings to replace.
  ///
  /// - Returns: Nil where there are more than `limit` nodes, as may be where many ways in the trie of
  ///   a hostile file lead to the same.
  package func rules(limit: Int = 1 << 22) -> [(source: [UInt8], target: [UInt8])]? {
    var rules: [(source: [UInt8], target: [UInt8])] = []
    var key: [UInt8] = []
    var visits = 0
    func visit(_ node: Int) -> Bool {
      for byte in UInt8.min...UInt8.max {
        guard let child = trie.child(of: node, byte) else { continue }
        visits += 1
        guard visits <= limit else { return false }
        key.append(byte)
        if let value = trie.value(at: child) {
          rules.append((key, Array(targets[target(value)])))
        }
        guard visit(child) else { return false }
        key.removeLast()
      }
      return true
    }
    return visit(DoubleArray.root) ? rules : nil
  }
}
