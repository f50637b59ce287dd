package import Ground

/// Cuts text into the pieces of a unigram model with the greatest sum of scores, exactly as
/// SentencePiece 0.2.3 does.
///
/// Viterbi's algorithm goes over the text once and keeps for each place the best way there. Scores
/// add up in 32 bits, so that between nearly equal ways the text before decides; of equal ways the
/// one with the longer last piece is taken. What no piece crosses is a border between units, and
/// short units are remembered, with how much text before them their answer can bear.
///
/// - SeeAlso: google/sentencepiece `src/unigram_model.cc`, `EncodeOptimized`.
package struct UnigramEncoder: Sendable {
  package let normalizer: Normalizer
  private let vocabulary: UnigramVocabulary
  /// Tells models apart, for what a scratch remembers is of one.
  private let identity: UInt64
  /// The most ids that one byte of normalised text can give.
  private let idsPerByte: Int

  /// Beyond this the sum starts again from zero, so that what follows keeps its precision.
  private static let scoreLimit: Float = 100_000

  /// - Throws: `Fault` naming `file` where the model is of another kind or contradicts itself.
  package init(_ model: TokenizerModel, file: String = "tokenizer.model") throws(Fault) {
    guard model.trainer.modelType == .unigram else {
      throw Fault(file, at: 0, .unusable("the model is not a unigram model"))
    }
    normalizer = try Normalizer(model, file: file)
    vocabulary = try UnigramVocabulary(model, normalizer, file: file)
    identity = xxh3(model.serialized())
    idsPerByte = vocabulary.unknown.byteIDs.isEmpty ? 1 : 3
  }

  /// The ids of `text`; for many texts, use the other form.
  package func encode(_ text: [UInt8]) -> [Int32] {
    var ids: [Int32] = []
    var scratch = UnigramScratch()
    encode(text.span, into: &ids, scratch: &scratch)
    return ids
  }

  /// Appends the ids of `text` to `ids`.
  ///
  /// - Precondition: `text` has less than 2³⁰ bytes.
  /// - Complexity: O(n) time in the bytes of `text`, times at most the longest piece; O(n) memory,
  ///   which `scratch` keeps.
  package func encode(
    _ text: Span<UInt8>, into ids: inout [Int32], scratch: inout UnigramScratch
  ) {
    var normalized: [UInt8] = []
    swap(&normalized, &scratch.text)  // taken out, so that `scratch` can change while it is read
    normalized.removeAll(keepingCapacity: true)
    normalizer.normalize(text, into: &normalized)
    encode(&normalized, into: &ids, scratch: &scratch)
    swap(&normalized, &scratch.text)
  }

  /// Appends the ids of text that the normalizer has made, and a few zeros to the text.
  private func encode(
    _ normalized: inout [UInt8], into ids: inout [Int32], scratch: inout UnigramScratch
  ) {
    let end = normalized.count
    if end == 0 { return }
    scratch.prepare(for: identity)
    for _ in 0..<ShortKey.window { normalized.append(0) }
    ids.reserve(idsPerByte * end)
    let text = normalized.span
    var state = State()
    guard vocabulary.marksSpaces else {
      encodeUnit(text, 0..<end, &state, into: &ids, scratch: &scratch)
      return
    }
    var start = 0
    var (previous, place) = decodeScalar(text, at: 0)
    while place < end {
      let (next, length) = decodeScalar(text, at: place)
      if !vocabulary.boundaries.isJoined(previous, next) {
        encodeOrRecall(text, start..<place, &state, into: &ids, scratch: &scratch)
        start = place
      }
      previous = next
      place += length
    }
    encodeOrRecall(text, start..<end, &state, into: &ids, scratch: &scratch)
  }

  /// What goes from one unit to the next.
  private struct State {
    /// The score of the best way so far.
    var score: Float = 0
    /// True where the last character was no piece.
    var isUnknown = false
  }

  // MARK: Units

  @inline(__always)
  private func encodeOrRecall(
    _ text: Span<UInt8>, _ unit: Range<Int>, _ state: inout State, into ids: inout [Int32],
    scratch: inout UnigramScratch
  ) {
    guard unit.count <= ShortKey.limit else {
      encodeUnit(text, unit, &state, into: &ids, scratch: &scratch)
      return
    }
    let key = unsafe ShortKey(text.bytes, start: unit.lowerBound, count: unit.count)
    let place = Int(truncatingIfNeeded: key.hash >> (64 - UnigramScratch.cacheBits))
    let slot = scratch.cache[place]
    if slot.key == key && abs(state.score) <= slot.limit {
      take(slot, &state, into: &ids)
      return
    }
    if slot.key != key {
      let fresh = makeSlot(text, unit, key, scratch: &scratch)
      scratch.cache[place] = fresh
      if abs(state.score) <= fresh.limit {
        take(fresh, &state, into: &ids)
        return
      }
    }
    encodeUnit(text, unit, &state, into: &ids, scratch: &scratch)
  }

  @inline(__always)
  private func take(
    _ slot: UnigramScratch.Slot, _ state: inout State, into ids: inout [Int32]
  ) {
    for index in 0..<Int(slot.count) {
      let id = slot.ids[index]
      ids.append(id)
      state.score += vocabulary.scores[Int(id)]
    }
    state.isUnknown = false
  }

  private func encodeUnit(
    _ text: Span<UInt8>, _ unit: Range<Int>, _ state: inout State, into ids: inout [Int32],
    scratch: inout UnigramScratch
  ) {
    _ = findBest(text, unit, from: state.score, scratch: &scratch, measures: false)
    state.score = scratch.nodes[unit.count].score
    var place = unit.lowerBound
    for (id, length) in scratch.path.reversed() {
      let end = place + Int(length)
      if id >= 0 {
        ids.append(id)
        state.isUnknown = false
      } else {
        vocabulary.unknown.append(
          text.extracting(place..<end), marksSpaces: vocabulary.marksSpaces,
          follows: state.isUnknown, into: &ids)
        state.isUnknown = true
      }
      place = end
    }
  }

  /// The ids of a unit as they are with nothing before it, and how much before it they can bear.
  ///
  /// A sum in 32 bits is wrong by at most 2⁻²⁴ of itself. With a score B before the unit, scores of
  /// up to D within it and n pieces at most, ways are off by n · 2⁻²⁴ · (|B| + D), here as well (for
  /// B = 0). So a lead of more than 2 · n · 2⁻²⁴ · (|B| + 2D) stays one; twice that is asked for.
  private func makeSlot(
    _ text: Span<UInt8>, _ unit: Range<Int>, _ key: ShortKey, scratch: inout UnigramScratch
  ) -> UnigramScratch.Slot {
    let most = findBest(text, unit, from: 0, scratch: &scratch, measures: true)
    var slot = UnigramScratch.Slot(key: key)
    guard scratch.path.count <= 8 else { return slot }
    var lead = Float.infinity
    var end = unit.count
    for (id, length) in scratch.path {
      guard id >= 0 else { return slot }
      lead = min(lead, scratch.nodes[end].score - scratch.nodes[end].second)
      end -= Int(length)
    }
    let bearable = lead * Float(1 << 22) / Float(unit.count) - 4 * most
    slot.limit = min(bearable, Self.scoreLimit - 4 * most - 1)  // and no new start within the unit
    if slot.limit.isNaN { slot.limit = -1 }
    slot.count = Int32(scratch.path.count)
    for (index, step) in scratch.path.reversed().enumerated() { slot.ids[index] = step.id }
    return slot
  }

  // MARK: Viterbi

  /// Finds the best way through a unit and leaves it in `scratch.path`, last piece first.
  ///
  /// - Returns: The greatest absolute score of any way, if `measures`; then second-best ways are
  ///   noted as well.
  @inline(__always)
  private func findBest(
    _ text: Span<UInt8>, _ unit: Range<Int>, from score: Float, scratch: inout UnigramScratch,
    measures: Bool
  ) -> Float {
    let count = unit.count
    scratch.clearNodes(count + 1)
    scratch.nodes[0].score = score
    var most: Float = 0
    var frontier = 0
    var place = 0
    while place < count {
      var here = scratch.nodes[place].score
      if abs(here) > Self.scoreLimit {
        scratch.startAgain(place...max(place, frontier), less: here)
        here = 0
      }
      let length = scalarLength(startingWith: text[unit.lowerBound + place])
      var isPiece = false
      var node = DoubleArray.root
      var end = place
      while end < count,
        let child = vocabulary.trie.child(of: node, text[unit.lowerBound + end])
      {
        node = child
        end += 1
        guard let id = vocabulary.trie.value(at: node) else { continue }
        let sum = vocabulary.scores[id] + here
        scratch.nodes[end].offer(sum, Int32(id), end - place, measures: measures)
        if measures { most = max(most, abs(sum)) }
        frontier = max(frontier, end)
        if end - place == length { isPiece = true }
      }
      if !isPiece {
        end = place + length
        let sum = vocabulary.unknownScore + here
        scratch.nodes[end].offer(sum, -1, length, measures: measures)
        if measures { most = max(most, abs(sum)) }
        frontier = max(frontier, end)
      }
      place += length
    }
    scratch.path.removeAll(keepingCapacity: true)
    while place > 0 {
      let node = scratch.nodes[place]
      scratch.path.append((node.id, node.length))
      place -= Int(node.length)
    }
    return most
  }
}

extension UnigramScratch {
  /// Forgets all ways to the first places.
  fileprivate mutating func clearNodes(_ count: Int) {
    if nodes.count < count {
      nodes = Array(repeating: Node(), count: Swift.max(count, 2 * nodes.count))
    } else {
      for place in 0..<count { nodes[place] = Node() }
    }
  }

  /// Takes `score` off all ways to some places, so that the first is left with none.
  fileprivate mutating func startAgain(_ places: ClosedRange<Int>, less score: Float) {
    for place in places where place == places.lowerBound || nodes[place].length > 0 {
      nodes[place].score -= score
    }
  }
}

extension UnigramScratch.Node {
  /// Takes a way here if it is the first or better than all before it.
  @inline(__always)
  fileprivate mutating func offer(_ sum: Float, _ id: Int32, _ length: Int, measures: Bool) {
    if self.length == 0 || sum > score {
      if measures { second = self.length == 0 ? -.infinity : score }
      score = sum
      self.id = id
      self.length = Int32(length)
    } else if measures {
      second = max(second, sum)
    }
  }
}

/// How many bytes a scalar of well-formed UTF-8 takes that begins with `first`.
@inline(__always)
private func scalarLength(startingWith first: UInt8) -> Int {
  first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
}

extension [Int32] {
  /// Makes room for `more` without giving up that the array doubles when it grows.
  fileprivate mutating func reserve(_ more: Int) {
    if count + more > capacity { reserveCapacity(Swift.max(count + more, 2 * capacity)) }
  }
}
