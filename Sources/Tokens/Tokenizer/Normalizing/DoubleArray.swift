/// A trie over bytes with one 32-bit unit a node, as Darts-clone lays it out.
///
/// The child of `node` for `byte` stands at `node ^ offset ^ byte`, and is one only if its label is
/// that byte. A node that ends a key says so, and the key's value then stands at `node ^ offset`:
///
///     bit 31   30 … 10   9          8         7 … 0
///     0        offset    × 256 ?    ends a    label     a node
///     1        value (31 bits)                          a value
///
/// - SeeAlso: s-yata/darts-clone `include/darts.h`, `DoubleArrayUnit`.
struct DoubleArray: Equatable, Sendable {
  private(set) var units: [UInt32]

  static let root = 0
  /// Children and values of one node never leave a block of so many units.
  static let blockSize = 256

  /// Takes units as they come from a file.
  ///
  /// Nil where following them could leave the array, or where a value is `valueLimit` or more.
  init?(checking units: [UInt32], valueLimit: Int) {
    self.units = units
    guard let root = units.first, Self.label(root) == 0, !Self.endsKey(root),
      Self.offset(root) != 0, Self.offset(root) | 0xff < units.count
    else { return nil }
    for (node, unit) in units.enumerated().dropFirst() {
      if unit >> 31 != 0 {
        guard unit & 0x7fff_ffff < valueLimit else { return nil }
      } else {
        let base = node ^ Self.offset(unit)
        guard base | 0xff < units.count else { return nil }
        guard !Self.endsKey(unit) || units[base] >> 31 != 0 else { return nil }
      }
    }
  }

  /// Takes units that `DoubleArrayBuilder` has made.
  init(built units: [UInt32]) { self.units = units }

  /// The node below `node` for `byte`, or nil.
  @inline(__always)
  func child(of node: Int, _ byte: UInt8) -> Int? {
    let child = node ^ Self.offset(units[node]) ^ Int(byte)
    return units[child] & 0x8000_00ff == UInt32(byte) ? child : nil
  }

  /// The value of the key that ends at `node`, or nil where none does.
  @inline(__always)
  func value(at node: Int) -> Int? {
    let unit = units[node]
    guard Self.endsKey(unit) else { return nil }
    return Int(units[node ^ Self.offset(unit)] & 0x7fff_ffff)
  }

  /// The longest key that `text` has at `place`, with the value that belongs to it.
  ///
  /// Only the `limit` shortest keys that match count, and `isOpen` tells whether a longer text could
  /// have had a longer one.
  @inline(__always)
  func longestMatch(
    _ text: Span<UInt8>, at place: Int, limit: Int
  ) -> (length: Int, value: Int, isOpen: Bool) {
    var node = Self.root
    var best = (length: 0, value: 0, isOpen: false)
    var count = 0
    var end = place
    while end < text.count {
      guard let child = child(of: node, text[end]) else { return best }
      node = child
      end += 1
      if let value = value(at: node) {
        best.length = end - place
        best.value = value
        count += 1
        if count == limit { return best }
      }
    }
    best.isOpen = true
    return best
  }

  /// The length of the longest key in bytes; nil where the array leads in circles.
  ///
  /// - Complexity: O(256 · n) time in the nodes that can be reached.
  func longestKey() -> Int? {
    let (isUnseen, isOpen) = (-1, -2)
    var lengths = [Int](repeating: isUnseen, count: units.count)
    lengths[Self.root] = isOpen
    // Nodes on the way from the root, the next byte to try there, and the longest way on so far.
    var path = [(node: Self.root, byte: 0, longest: 0)]
    while let (node, byte, longest) = path.last {
      if byte == 256 {
        path.removeLast()
        lengths[node] = longest
        if path.isEmpty { return longest }
        path[path.count - 1].longest = max(path[path.count - 1].longest, longest + 1)
        continue
      }
      path[path.count - 1].byte += 1
      guard let child = child(of: node, UInt8(byte)) else { continue }
      switch lengths[child] {
      case isOpen: return nil
      case isUnseen:
        lengths[child] = isOpen
        path.append((child, 0, 0))
      default: path[path.count - 1].longest = max(longest, lengths[child] + 1)
      }
    }
    return nil
  }

  @inline(__always)
  private static func label(_ unit: UInt32) -> UInt32 { unit & 0x8000_00ff }

  @inline(__always)
  static func endsKey(_ unit: UInt32) -> Bool { unit & 0x100 != 0 }

  @inline(__always)
  static func offset(_ unit: UInt32) -> Int {
    Int((unit >> 10) << ((unit & 0x200) >> 6))
  }
}

extension DoubleArray {
  /// Units in the order of bytes that Darts-clone writes: little-endian.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * units.count)
    for unit in units {
      for shift in stride(from: UInt32(0), to: 32, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: unit >> shift))
      }
    }
    return bytes
  }
}
