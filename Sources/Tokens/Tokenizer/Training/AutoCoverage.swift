/// Which merges and characters make the best vocabulary where characters may be spelled in bytes.
///
/// Takes the first merges with all their characters, and fills up with further characters. A merge
/// is worth the count at which it was made, for so many tokens it saves; a character of n bytes
/// n - 1 times its own count. Among the numbers of merges that fit, the one with the greatest worth
/// is taken, and of equals the largest.
///
/// - SeeAlso: google/sentencepiece `src/bpe_model_trainer.cc`, `PrunePiecesWithGlobalSearch`.
struct AutoCoverage {
  /// How many merges are taken, from the first on.
  private(set) var merges = 0
  /// The characters that are taken, by number: those in merges by scalar, then others by their worth.
  private(set) var characters: [Int] = []

  private struct Character {
    var worth: Int
    /// The place among those with a worth, the most valuable first; -1 for one of one byte.
    var rank = -1
  }

  /// Chooses among the merges, made with these counts, and the alphabet at most `budget` pieces;
  /// `spelling` gives the characters of a merge, by number.
  ///
  /// - Complexity: O(merges + alphabet · log(alphabet)).
  init(
    budget: Int, counts: [Int], alphabet: borrowing Alphabet, spelling: (_ merge: Int) -> [Int]
  ) {
    let scalars = alphabet.scalars
    let frequencies = alphabet.counts
    var all = scalars.indices.map { number in
      Character(
        worth: frequencies[number] * (UTF8.width(Unicode.Scalar(scalars[number]) ?? " ") - 1))
    }
    // The alphabet goes by count and scalar already, which is what decides between equals.
    let order = all.indices.filter { all[$0].worth > 0 }
      .sorted { (all[$1].worth, $0) < (all[$0].worth, $1) }
    for (rank, number) in order.enumerated() { all[number].rank = rank }

    var inMerges = [Bool](repeating: false, count: all.count)
    var needed = 0  // characters in merges
    var worth = 0  // of the merges and of the characters in them
    // Of the others the most valuable ones fill the room that is left, which only shrinks.
    var limit = order.count
    var others = order.count
    var othersWorth = order.reduce(0) { $0 + all[$1].worth }
    var best = Int.min
    for taken in 0...counts.count {
      let room = budget - taken - needed
      if room < 0 { break }
      while others > room {
        limit -= 1
        if inMerges[order[limit]] { continue }
        others -= 1
        othersWorth -= all[order[limit]].worth
      }
      if worth + othersWorth >= best {
        best = worth + othersWorth
        merges = taken
      }
      if taken == counts.count { break }
      worth += counts[taken]
      for number in spelling(taken) where !inMerges[number] {
        inMerges[number] = true
        needed += 1
        let character = all[number]
        guard character.rank >= 0 else { continue }
        worth += character.worth
        if character.rank < limit {
          others -= 1
          othersWorth -= character.worth
        }
      }
    }
    choose(budget, scalars, order, spelling)
  }

  private mutating func choose(
    _ budget: Int, _ scalars: [UInt32], _ order: [Int], _ spelling: (Int) -> [Int]
  ) {
    let inMerges = Set((0..<merges).flatMap(spelling))
    let others = order.lazy.filter { !inMerges.contains($0) }
    characters = inMerges.sorted { scalars[$0] < scalars[$1] }
    characters += others.prefix(budget - merges - inMerges.count)
  }
}
