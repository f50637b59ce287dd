import Dedup
import Ground
import TestSupport

func id(_ number: Int) -> Hash128 { Hash128(high: 0, low: UInt64(number)) }

/// Budgets in bytes that must all give the same: all in memory, and runs of a few records.
let budgets = [1 << 24, 700]

extension DuplicateFile {
  /// All of its entries.
  var all: [Duplicate] { (0..<count).map { self[$0] } }
}

func keys(of text: [UInt8]) -> [UInt64] {
  var keys = LineKeys()
  return keys.keys(of: text)
}

/// The signature of a text; empty where it has no words.
func signature(of text: [UInt8]) -> [UInt32] {
  var signer = MinHashSigner()
  return signer.signature(of: text) ?? []
}

/// Words of letters only, as numbers fold to one: `count` of them out of `kinds`.
func prose(_ count: Int, kinds: Int = 5000, using random: inout SeededGenerator) -> [String] {
  (0..<count).map { _ in letters(Int.random(in: 0..<kinds, using: &random)) }
}

private func letters(_ number: Int) -> String {
  String(number, radix: 16).map { "abcdefghijklmnop"[Int($0.hexDigitValue ?? 0)] }.joined()
}

extension String {
  fileprivate subscript(index: Int) -> String {
    String(self[self.index(startIndex, offsetBy: index)])
  }
}

func bytes(_ words: [String]) -> [UInt8] { Array(words.joined(separator: " ").utf8) }
