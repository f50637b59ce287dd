/// A place between two bytes of a unit, with the best way there that is known.
struct UnigramNode: Sendable {
  /// The sum of the scores of the pieces on that way, and of those before the unit.
  var score: Float = 0
  /// The sum on the second-best way, where it is asked for.
  var second: Float = 0
  /// The last piece on the way; -1 for a character that is none.
  ///
  /// It is its unit in the trie while ways are sought, and then its id.
  var piece: Int32 = -1
  /// Its length in bytes; 0 where no way is known yet.
  var length: Int32 = 0

  /// Beyond this, sums start again from zero, so that what follows keeps its precision.
  static let scoreLimit: Float = 100_000

  /// Takes a way here if it is the first, or better than all before it.
  @inline(__always)
  mutating func offer(_ sum: Float, _ piece: Int, _ length: Int, measures: Bool) {
    if self.length == 0 || sum > score {
      if measures { second = self.length == 0 ? -.infinity : score }
      score = sum
      self.piece = Int32(truncatingIfNeeded: piece)
      self.length = Int32(truncatingIfNeeded: length)
    } else if measures {
      second = max(second, sum)
    }
  }
}

extension UnigramVocabulary {
  /// Finds the best way through a unit of `count` bytes by Viterbi's algorithm.
  ///
  /// Afterwards `nodes[0]` has the first piece of that way, the node behind it the second, and so
  /// on; the last node has none, but the score of the whole way.
  ///
  /// If it `measures`, second-best ways are noted as well.
  ///
  /// - Returns: The greatest absolute score of any place but the last, if it `measures`.
  /// - Precondition: `nodes` has `count` + 1 nodes, and the unit is well-formed UTF-8.
  /// - SeeAlso: google/sentencepiece `src/unigram_model.cc`, `EncodeOptimized`.
  @inline(__always)
  func findBest(
    _ text: UnsafePointer<UInt8>, _ count: Int, from score: Float,
    _ nodes: UnsafeMutablePointer<UnigramNode>, measures: Bool
  ) -> Float {
    for place in 1...count { unsafe nodes[place].length = 0 }
    unsafe nodes[0].score = score
    var most: Float = 0
    var frontier = 0
    var place = 0
    unsafe trie.withUnsafeBufferPointer { units in
      while place < count {
        var here = unsafe nodes[place].score
        if measures { most = max(most, abs(here)) }
        if abs(here) > UnigramNode.scoreLimit {
          unsafe startAgain(nodes, place...max(place, frontier), less: here)
          here = 0
        }
        let length = unsafe scalarLength(startingWith: text[place])
        var isPiece = false
        var end = place
        var node = 0
        var unit = unsafe units[0]
        while end < count {
          let byte = unsafe text[end]
          node = Int(UInt32(truncatingIfNeeded: unit) >> 10) ^ Int(byte)
          unit = unsafe units[node]  // within bounds, as in all double arrays
          guard unit & 0x1ff == UInt64(byte) else { break }
          end += 1
          guard unit & 0x200 != 0 else { continue }
          let sum = Float(bitPattern: UInt32(truncatingIfNeeded: unit >> 32)) + here
          unsafe nodes[end].offer(sum, node, end - place, measures: measures)
          frontier = max(frontier, end)
          if end - place == length { isPiece = true }
        }
        if !isPiece {
          end = place + length
          let sum = unknownScore + here
          unsafe nodes[end].offer(sum, -1, length, measures: measures)
          frontier = max(frontier, end)
        }
        place += length
      }
      unsafe turn(nodes, count, units)
    }
    return most
  }

  /// Takes `score` off all ways to some places, so that the first is left with none.
  private func startAgain(
    _ nodes: UnsafeMutablePointer<UnigramNode>, _ places: ClosedRange<Int>, less score: Float
  ) {
    for place in places where unsafe place == places.lowerBound || nodes[place].length > 0 {
      unsafe nodes[place].score -= score
    }
  }

  /// Turns the best way round: each piece on it moves, as an id, from the place where it ends to that
  /// where it begins.
  @inline(__always)
  private func turn(
    _ nodes: UnsafeMutablePointer<UnigramNode>, _ count: Int, _ units: UnsafeBufferPointer<UInt64>
  ) {
    var place = count
    var (piece, length) = unsafe (nodes[count].piece, nodes[count].length)
    while place > 0 {
      place -= Int(length)
      let before = unsafe (nodes[place].piece, nodes[place].length)
      if piece >= 0 {
        let base = unsafe Int(UInt32(truncatingIfNeeded: units[Int(piece)]) >> 10)
        piece = unsafe Int32(truncatingIfNeeded: (units[base] >> 32) & 0x7fff_ffff)
      }
      unsafe nodes[place].piece = piece
      unsafe nodes[place].length = length
      (piece, length) = before
    }
  }
}

/// How many bytes a scalar of well-formed UTF-8 takes that begins with `first`.
@inline(__always)
private func scalarLength(startingWith first: UInt8) -> Int {
  first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
}
