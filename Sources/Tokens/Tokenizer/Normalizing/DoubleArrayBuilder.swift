/// Lays keys out as a `DoubleArray`, with like endings of keys in one place.
///
/// First the trie is made and its nodes numbered so that those with the same descendants are one
/// (the keys become a word graph, as in Darts-clone); then the children of each are put where they
/// fit. The same keys give the same units.
struct DoubleArrayBuilder {
  /// A node of the word graph: its children, each with the label of the way there.
  private struct Node {
    /// The value of the key that ends here; -1 for none.
    var value: Int32 = -1
    var firstEdge = 0
    var edgeCount = 0
  }

  private var nodes: [Node] = []
  private var labels: [UInt8] = []
  private var targets: [Int32] = []
  /// Nodes by what they hold: key bytes of value and edges.
  private var known = ByteStrings()

  private var units: [UInt32] = []
  /// Units that hold something.
  private var isTaken: [Bool] = []
  /// The free units as a ring through unit 0, which is never free.
  private var nextFree: [Int32] = [0]
  private var previousFree: [Int32] = [0]
  /// Bases in use: no two nodes may share one, for a child is told by its label alone.
  private var isBase: [Bool] = []
  /// Where the children of a node of the graph were put; 0 for not yet.
  private var bases: [Int] = []

  /// How many free units are looked at before a node gets a block of its own.
  private static let tries = 128

  /// Values are smaller.
  static let valueLimit = 1 << 31

  /// - Parameter keys: Distinct, not empty, ascending by their bytes, without a byte of value 0;
  ///   with values from 0.
  /// - Returns: Nil where they are not so, or so many that offsets overflow.
  /// - Complexity: O(n) time and memory in the total length of the keys, nearly.
  static func build(_ keys: [(bytes: [UInt8], value: Int)]) -> DoubleArray? {
    var builder = DoubleArrayBuilder()
    guard builder.check(keys), let root = builder.addGraph(keys) else { return nil }
    return builder.layOut(root)
  }

  private func check(_ keys: [(bytes: [UInt8], value: Int)]) -> Bool {
    for (index, key) in keys.enumerated() {
      guard !key.bytes.isEmpty, !key.bytes.contains(0), 0..<Self.valueLimit ~= key.value
      else { return false }
      if index > 0 && !keys[index - 1].bytes.lexicographicallyPrecedes(key.bytes) { return false }
    }
    return true
  }

  // MARK: The word graph

  /// A node whose descendants are still coming.
  private struct Open {
    var value: Int32 = -1
    var edges: [(label: UInt8, target: Int32)] = []
  }

  /// Adds sorted keys one by one; what lies beyond the part shared with the next key is complete.
  private mutating func addGraph(_ keys: [(bytes: [UInt8], value: Int)]) -> Int32? {
    var path = [Open()]
    var previous: [UInt8] = []
    for (bytes, value) in keys {
      var shared = 0
      while shared < previous.count, shared < bytes.count, previous[shared] == bytes[shared] {
        shared += 1
      }
      close(&path, previous, downTo: shared)
      for _ in shared..<bytes.count { path.append(Open()) }
      path[bytes.count].value = Int32(value)
      previous = bytes
    }
    close(&path, previous, downTo: 0)
    return node(for: path[0])
  }

  private mutating func close(_ path: inout [Open], _ key: [UInt8], downTo depth: Int) {
    while path.count > depth + 1 {
      let done = path.removeLast()
      path[path.count - 1].edges.append((key[path.count - 1], node(for: done)))
    }
  }

  /// The number of the node that holds this, new or known.
  private mutating func node(for open: Open) -> Int32 {
    var name: [UInt8] = []
    func add(_ number: Int32) {
      for shift in stride(from: Int32(0), to: 32, by: 8) {
        name.append(UInt8(truncatingIfNeeded: number >> shift))
      }
    }
    add(open.value)
    for (label, target) in open.edges {
      name.append(label)
      add(target)
    }
    let (number, isNew) = known.insert(name.span)
    if isNew {
      nodes.append(
        Node(value: open.value, firstEdge: labels.count, edgeCount: open.edges.count))
      for (label, target) in open.edges {
        labels.append(label)
        targets.append(target)
      }
    }
    return Int32(number)
  }

  // MARK: Places

  private mutating func layOut(_ root: Int32) -> DoubleArray? {
    bases = Array(repeating: 0, count: nodes.count)
    grow()
    isTaken[0] = true
    guard let base = place(root, below: 0), let unit = Self.unit(at: 0, base: base)
    else { return nil }
    units[0] = unit
    // Level by level, so that what is looked at most lies side by side.
    var waiting = [(node: root, base: base)]
    var done = 0
    while done < waiting.count {
      let (number, base) = waiting[done]
      done += 1
      let node = nodes[Int(number)]
      if node.value >= 0 { units[base] = UInt32(node.value) | 1 << 31 }
      for edge in node.firstEdge..<node.firstEdge + node.edgeCount {
        let child = base ^ Int(labels[edge])
        let target = targets[edge]
        var targetBase = bases[Int(target)]
        if targetBase == 0 || Self.unit(at: child, base: targetBase) == nil {
          guard let fresh = place(target, below: child) else { return nil }
          targetBase = fresh
          waiting.append((target, fresh))
        }
        guard let unit = Self.unit(at: child, base: targetBase) else { return nil }
        let ends: UInt32 = nodes[Int(target)].value >= 0 ? 1 << 8 : 0
        units[child] = unit | ends | UInt32(labels[edge])
      }
    }
    fillGaps()
    return DoubleArray(built: units)
  }

  /// The part of a unit at `place` that leads to `base`; nil where the way is too long.
  private static func unit(at place: Int, base: Int) -> UInt32? {
    let offset = place ^ base
    if offset < 1 << 21 { return UInt32(offset) << 10 }
    guard offset < 1 << 29, offset & 0xff == 0 else { return nil }
    return UInt32(offset << 2) | 1 << 9
  }

  /// Finds and takes places for the children and the value of a node that itself stands at `parent`.
  private mutating func place(_ number: Int32, below parent: Int) -> Int? {
    let node = nodes[Int(number)]
    let labels = self.labels[node.firstEdge..<node.firstEdge + node.edgeCount]
    // The value stands where the child of byte 0 would.
    let first = Int(node.value >= 0 ? 0 : labels.first ?? 0)
    var tries = 0
    var start = Int(nextFree[0])
    while true {
      if start == 0 || tries == Self.tries {
        // What has not fitted so often will not soon: the first of them is given up.
        if start != 0 { drop(Int(nextFree[0])) }
        start = units.count
        grow()
      }
      let base = start ^ first
      guard base < 1 << 29 else { return nil }
      if base != 0, !isBase[base], labels.allSatisfy({ !isTaken[base ^ Int($0)] }),
        Self.unit(at: parent, base: base) != nil
      {
        isBase[base] = true
        if node.value >= 0 { take(base) }
        for label in labels { take(base ^ Int(label)) }
        bases[Int(number)] = base
        return base
      }
      start = Int(nextFree[start])
      tries += 1
    }
  }

  private mutating func take(_ unit: Int) {
    isTaken[unit] = true
    drop(unit)
  }

  /// Takes a unit out of the ring, if it is there.
  private mutating func drop(_ unit: Int) {
    let (previous, next) = (previousFree[unit], nextFree[unit])
    guard unit != 0, Int(nextFree[Int(previous)]) == unit else { return }
    nextFree[Int(previous)] = next
    previousFree[Int(next)] = previous
  }

  private mutating func grow() {
    let start = units.count
    units += Array(repeating: 0, count: DoubleArray.blockSize)
    isTaken += Array(repeating: false, count: DoubleArray.blockSize)
    isBase += Array(repeating: false, count: DoubleArray.blockSize)
    for unit in max(start, 1)..<units.count {
      let last = previousFree[0]
      nextFree.append(0)
      previousFree.append(last)
      nextFree[Int(last)] = Int32(unit)
      previousFree[0] = Int32(unit)
    }
  }

  /// Labels the empty units so that no node has them as a child: each as the child of a base in its
  /// block that is none.
  private mutating func fillGaps() {
    for start in stride(from: 0, to: units.count, by: DoubleArray.blockSize) {
      let block = start..<start + DoubleArray.blockSize
      // Never without one: every base takes a unit, and so a block without a free base has no gap.
      guard let unused = block.first(where: { $0 != 0 && !isBase[$0] }) else { continue }
      for place in block where !isTaken[place] {
        units[place] = UInt32((place ^ unused) & 0xff)
      }
    }
  }
}
