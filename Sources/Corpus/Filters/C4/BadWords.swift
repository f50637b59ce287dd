public import Ground

/// A list of words that no page of C4 may say, in the form of LDNOOBW: a word or phrase a line.
///
/// - SeeAlso: LDNOOBW, "List of Dirty, Naughty, Obscene, and Otherwise Bad Words"; C4 takes `en` at
///   commit 25e679f0. Not part of this package.
public struct BadWords: Sendable {
  /// A trie of lower-case bytes: node n's children by byte, in `edges[starts[n]..<starts[n + 1]]`.
  private var starts: [Int32] = []
  private var edges: [(byte: UInt8, node: Int32)] = []
  private var ends: [Bool] = []
  private let bounded: Bool
  public let count: Int

  /// - Parameters:
  ///   - list: The bytes of the file.
  ///   - bounded: Words count only between non-word characters or the text's ends. C4 has it false
  ///     for the lists `ja`, `th` and `zh`, whose scripts put no spaces.
  public init(_ list: [UInt8], bounded: Bool = true) {
    self.bounded = bounded
    var words: [[UInt8]] = []
    for line in list.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) {
      let span = line.span
      let word = lowercased(span.extracting(span.stripped(0..<span.count)))
      if !word.isEmpty { words.append(word) }
    }
    words.sort { $0.lexicographicallyPrecedes($1) }
    var distinct: [[UInt8]] = []
    for word in words where word != distinct.last { distinct.append(word) }
    count = distinct.count
    build(distinct)
  }

  /// Reads a list from a file.
  public init(path: String, bounded: Bool = true) throws(Fault) {
    self.init(try openDecoded(path).readToEnd(), bounded: bounded)
  }

  /// Builds the trie breadth first, so that a node's edges lie together.
  private mutating func build(_ words: [[UInt8]]) {
    var groups = [(words: words.indices, depth: 0)]
    var node = 0
    while node < groups.count {
      let (range, depth) = groups[node]
      starts.append(Int32(edges.count))
      ends.append(range.first.map { words[$0].count == depth } ?? false)
      var first = range.lowerBound + (ends[node] ? 1 : 0)
      while first < range.upperBound {
        let byte = words[first][depth]
        var last = first
        while last < range.upperBound, words[last][depth] == byte { last += 1 }
        edges.append((byte, Int32(groups.count)))
        groups.append((first..<last, depth + 1))
        first = last
      }
      node += 1
    }
    starts.append(Int32(edges.count))
  }

  /// How many places of `text` say a word of the list, in any case.
  func count(in text: Span<UInt8>) -> Int {
    let lower = lowercased(text)
    let span = lower.span
    let table = Traits.table
    let traits = table.span
    var roots = [Int32](repeating: -1, count: 256)
    for edge in edges[..<Int(starts[1])] { roots[Int(edge.byte)] = edge.node }
    var (found, index, isInside) = (0, 0, false)
    while index < span.count {
      if !(bounded && isInside), roots[Int(span[index])] >= 0,
        says(span, at: index, from: roots[Int(span[index])])
      {
        found += 1
      }
      let scalar = span.scalar(at: index)
      isInside = isWord(scalar.value, traits)
      index &+= scalar.length
    }
    return found
  }

  private func says(_ text: Span<UInt8>, at start: Int, from root: Int32) -> Bool {
    let table = Traits.table
    let traits = table.span
    var (node, index) = (Int(root), start + 1)
    while true {
      if ends[node] {
        if !bounded || index == text.count { return true }
        if !isWord(text.scalar(at: index).value, traits) { return true }
      }
      guard index < text.count,
        let edge = edges[Int(starts[node])..<Int(starts[node + 1])].first(where: {
          $0.byte == text[index]
        })
      else { return false }
      node = Int(edge.node)
      index += 1
    }
  }
}

/// True for Python's `\w`.
@inline(__always)
private func isWord(_ value: UInt32, _ traits: Span<Traits>) -> Bool {
  value == 0x5f || traits.traits(of: value).contains(.alphanumeric)
}

/// A text in lower case; capitals beyond ASCII by their simple mappings.
func lowercased(_ text: Span<UInt8>) -> [UInt8] {
  // No capital grows by more than from two bytes to three.
  unsafe [UInt8](unsafeUninitializedCapacity: 3 * text.count) { output, made in
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte < 0x80 {
        unsafe output[made] = byte &- 0x41 < 26 ? byte | 0x20 : byte
        made &+= 1
        index &+= 1
        continue
      }
      let scalar = text.scalar(at: index)
      index &+= scalar.length
      let value = Unicode.Scalar(scalar.value) ?? "\u{fffd}"
      for byte in value.properties.lowercaseMapping.utf8 {
        unsafe output[made] = byte
        made &+= 1
      }
    }
  }
}
