import Ground
import TestSupport
import Testing
import Tokenizer

@Suite struct UnigramTests {
  /// Answers of sentencepiece 0.2.3 for `golden`.
  static let goldens: [(text: String, ids: [Int32])] = [
    ("", []),
    (" ", [3, 3]),
    ("  ", [3, 3, 3]),
    ("ab", [7]),
    ("abab", [7, 6]),
    ("aba aba", [7, 4, 7, 4]),
    ("the the", [11, 11]),
    ("bathe", [3, 8, 12]),
    ("a[x]b", [3, 4, 17, 5]),
    ("[x]", [3, 17]),
    ("café", [3, 0, 4, 0, 10]),
    ("ccc the xyz", [3, 0, 11, 3, 0]),
    ("zz", [3, 0]),
    ("é🦙é🦙🦙", [3, 10, 0, 10, 0]),
    ("abababababababababababab", [7, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6]),
    ("the the the the the the ", [11, 11, 11, 11, 11, 11, 3]),
  ]

  static let golden: TokenizerModel = unigramModel(
    [
      ("▁", -2), ("a", -3), ("b", -3), ("ab", -4.5), ("▁ab", -5), ("ba", -4.5), ("aba", -7.5),
      ("é", -6), ("▁the", -4), ("the", -5.25), ("t", -3.5), ("h", -3.5), ("e", -3.25), ("he", -4),
      ("[x]", 0), ("c", -9),
    ], kinds: ["[x]": .userDefined, "c": .unused]
  ) { $0.byteFallback = false }

  @Test func givesTheKnownIds() throws {
    let encoder = try UnigramEncoder(Self.golden)
    var scratch = UnigramScratch()
    for _ in 0..<2 {  // with a cold and with a warm cache
      for (text, expected) in Self.goldens {
        var ids: [Int32] = [7]
        encoder.encode(Array(text.utf8).span, into: &ids, scratch: &scratch)
        #expect(ids == [7] + expected, "|\(text)|")
      }
    }
  }

  @Test func unknownTextIsToldPieceByPiece() throws {
    let encoder = try TokenEncoder(Self.golden)
    let normalizer = try Normalizer(Self.golden)
    var scratch = EncoderScratch()
    for (text, expected) in Self.goldens {
      var ids: [Int32] = []
      var unknown: [[UInt8]] = []
      encoder.encode(Array(text.utf8).span, into: &ids, unknown: &unknown, scratch: &scratch)
      #expect(unknown.count == expected.count { $0 == encoder.unknownID })
      var texts = unknown.makeIterator()
      let shown = ids.flatMap { id in
        id == encoder.unknownID ? texts.next() ?? [] : Self.golden.pieces[Int(id)].bytes
      }
      #expect(shown == normalizer.normalized(Array(text.utf8)), "|\(text)|")
    }
  }

  @Test func whatIsNoPieceComesOutAsBytes() throws {
    let encoder = try UnigramEncoder(unigramModel([("a", -1)]))
    #expect(
      encoder.encode(Array("aé\0".utf8))
        == [0xe2, 0x96, 0x81].map { 3 + $0 } + [259, 198, 172, 3])
  }

  /// Scores with ties and of all sizes, user-defined and unused pieces, pieces across spaces, and
  /// texts so long that sums start again.
  @Test func givesWhatTheDefinitionSaysForAnyVocabulary() throws {
    var chance = SeededGenerator(seed: 21)
    let letters = ["a", "b", "c", "▁", "é", "1"]
    let scores: [Float] = [-1, -2, -3, -0.5, -2.5, -0.1, -0.3, -1.7, -9.25, -40_000, -5000, 3]
    for round in 0..<120 {
      var pieces: [(String, Float)] = []
      let choice = round % 3 == 0 ? scores[...] : scores[..<9]
      for _ in 0..<40 {
        let piece = (0..<Int.random(in: 1...4, using: &chance)).map { _ in
          letters.randomElement(using: &chance) ?? "a"
        }.joined()
        guard !pieces.contains(where: { $0.0 == piece }) else { continue }
        let score = choice.randomElement(using: &chance) ?? -1
        pieces.append((piece, round % 4 == 1 ? score - Float(pieces.count) / 64 : score))
      }
      var kinds: [String: TokenizerModel.Piece.Kind] = [:]
      if round % 3 > 0 { for piece in pieces.prefix(3) { kinds[piece.0] = .userDefined } }
      if round % 3 > 1 { for piece in pieces.suffix(8) { kinds[piece.0] = .unused } }
      let model = unigramModel(pieces, kinds: kinds) {
        $0.byteFallback = round % 2 == 0
        $0.addDummyPrefix = round % 5 > 0
      }
      let encoder = try UnigramEncoder(model)
      let reference = ReferenceUnigram(model)
      var scratch = UnigramScratch()
      for turn in 0..<12 {
        let count = Int.random(in: 0...(turn == 0 ? 6000 : 200), using: &chance)
        let text = (0..<count).map { _ in
          ["a", "b", "c", " ", "é", "1", "▁", "z", "🦙"].randomElement(using: &chance) ?? "a"
        }.joined()
        var ids: [Int32] = []
        encoder.encode(Array(text.utf8).span, into: &ids, scratch: &scratch)
        #expect(ids == reference.encode(text), "round \(round): \(text)")
      }
    }
  }

  @Test func aScratchServesOneModelAfterAnother() throws {
    var scratch = UnigramScratch()
    var ids: [Int32] = []
    for pieces in [[("▁ab", -1), ("▁", -2), ("a", -3), ("b", -4)], [("ab", -1), ("▁", -2)]] {
      let encoder = try UnigramEncoder(unigramModel(pieces.map { ($0.0, Float($0.1)) }))
      encoder.encode(Array("ab".utf8).span, into: &ids, scratch: &scratch)
    }
    #expect(ids == [259, 260, 259])
  }

  @Test func longTextsAreNotQuadratic() throws {
    let encoder = try UnigramEncoder(
      unigramModel([("a", -2), ("aa", -3), ("aaaa", -5), ("▁", -1)]))
    var scratch = UnigramScratch()
    let clock = ContinuousClock()
    for byte in [UInt8(ascii: "a"), 0x20, 0xff] {
      let time = clock.measure {
        var ids: [Int32] = []
        encoder.encode(
          [UInt8](repeating: byte, count: 300_000).span, into: &ids, scratch: &scratch)
        #expect(ids.count > 70_000)
      }
      #expect(time < .seconds(30))
    }
  }

  @Test func otherModelsAreRefused() throws {
    let model = unigramModel([("a", -1)])
    var doubled = model
    doubled.pieces.append(.init("a"))
    var twoUnknown = model
    twoUnknown.pieces.append(.init("<unk2>", kind: .unknown))
    var fewBytes = model
    fewBytes.pieces.remove(at: 100)
    var noNumber = model
    noNumber.pieces[259].score = .nan
    var endless = model
    endless.pieces[259].score = -.infinity
    var empty = model
    empty.pieces.removeLast()
    var zero = model
    zero.pieces.append(.init("a\0"))
    let bpe = smallModel(["a"])
    for other in [doubled, twoUnknown, fewBytes, noNumber, endless, empty, zero, bpe] {
      #expect(throws: Fault.self) { try UnigramEncoder(other) }
    }
    #expect(throws: Fault.self) { try SplitEncoder(model) }
  }

  @Test func wordsAndCharactersAreLookedUp() throws {
    var model = unigramModel(
      [("▁ab", -1), ("▁b", -1), ("a", -1), ("b", -2), ("▁", -3), ("[x]", 0)],
      kinds: ["[x]": .userDefined, "▁b": .unused]
    ) { $0.byteFallback = false }
    model.trainer.modelType = .word
    #expect(try SplitEncoder(model).encode(Array("ab b  ab".utf8)) == [3, 0, 7, 3])
    model.trainer.modelType = .character
    #expect(try SplitEncoder(model).encode(Array("ab[x]xxb".utf8)) == [7, 5, 6, 8, 0, 6])
  }
}

/// A unigram model with these pieces behind the control pieces, and the byte pieces if there are.
func unigramModel(
  _ pieces: [(String, Float)], kinds: [String: TokenizerModel.Piece.Kind] = [:],
  change: (inout TrainerSettings) -> Void = { _ in }
) -> TokenizerModel {
  var model = smallModel(pieces.map(\.0), kinds: kinds, change: change)
  model.trainer.modelType = .unigram
  let start = model.pieces.count - pieces.count
  for (index, piece) in pieces.enumerated() { model.pieces[start + index].score = piece.1 }
  return model
}

/// Encodes as the definition says: all of the text at once, and every piece tried at every place.
struct ReferenceUnigram {
  private var ids: [[UInt8]: Int] = [:]
  private let model: TokenizerModel
  private var worst = Float.greatestFiniteMagnitude
  private var longest = 0

  init(_ model: TokenizerModel) {
    self.model = model
    for (id, piece) in model.pieces.enumerated() {
      if piece.kind == .normal { worst = min(worst, piece.score) }
      guard piece.kind == .normal || piece.kind == .userDefined else { continue }
      ids[piece.bytes] = id
      longest = max(longest, piece.bytes.count)
    }
  }

  private struct Node {
    var score: Float = 0
    var start = -1
    var id = -1
  }

  func encode(_ text: String) -> [Int32] {
    if text.isEmpty { return [] }
    let prefix = model.normalizer.addDummyPrefix ? "▁" : ""
    let bytes = Array(
      (prefix + text.split(separator: " ", omittingEmptySubsequences: false).joined(separator: "▁"))
        .utf8)
    var nodes = [Node](repeating: Node(), count: bytes.count + 1)
    var frontier = 0
    var place = 0
    while place < bytes.count {
      let here = nodes[place].score
      if abs(here) > 100_000 {
        for other in place...max(frontier, place) where other == place || nodes[other].start >= 0 {
          nodes[other].score -= here
        }
      }
      let length = bytes[place] < 0x80 ? 1 : bytes[place] < 0xe0 ? 2 : bytes[place] < 0xf0 ? 3 : 4
      var isPiece = false
      func offer(_ end: Int, _ score: Float, _ id: Int) {
        frontier = max(frontier, end)
        let sum = score + nodes[place].score
        if nodes[end].start < 0 || sum > nodes[end].score {
          nodes[end] = Node(score: sum, start: place, id: id)
        }
      }
      for count in 1...max(1, min(longest, bytes.count - place)) {
        guard let id = ids[Array(bytes[place..<place + count])] else { continue }
        let piece = model.pieces[id]
        let bonus = Float(0.1 * Double(count - 1))
        offer(place + count, piece.kind == .userDefined ? bonus : piece.score, id)
        if count == length { isPiece = true }
      }
      if !isPiece { offer(place + length, worst - 10, -1) }
      place += length
    }
    var steps: [(start: Int, end: Int, id: Int)] = []
    while place > 0 {
      steps.append((nodes[place].start, place, nodes[place].id))
      place = nodes[place].start
    }
    var result: [Int32] = []
    var wasUnknown = false
    for step in steps.reversed() {
      if step.id >= 0 {
        result.append(Int32(step.id))
      } else if model.trainer.byteFallback {
        result += bytes[step.start..<step.end].map { 3 + Int32($0) }
      } else if !wasUnknown {
        result.append(0)
      }
      wasUnknown = step.id < 0
    }
    return result
  }
}
