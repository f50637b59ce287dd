/// One text on its way through a unigram model, unit by unit.
///
/// Its pointers live as long as the call that makes it.
@unsafe
struct UnigramRun {
  let vocabulary: UnigramVocabulary
  let text: UnsafePointer<UInt8>
  let end: Int
  let cache: UnsafeMutablePointer<UnigramScratch.Slot>
  /// Where the next id goes.
  var ids: UnsafeMutablePointer<Int32>
  /// The score of the best way so far.
  var score: Float = 0
  /// True where the last character was no piece.
  var isUnknown = false

  /// Writes the ids of the whole text.
  mutating func encode(nodes: inout [UnigramNode]) {
    guard unsafe vocabulary.marksSpaces else {
      unsafe encodeUnit(0, end, &nodes)
      return
    }
    var start = 0
    var place = 0
    var previous = unsafe decode(&place)
    while unsafe place < end {
      let here = place
      let next = unsafe decode(&place)
      if unsafe !vocabulary.isJoined(previous, next) {
        unsafe encodeOrRecall(start, here - start, &nodes)
        start = here
      }
      previous = next
    }
    unsafe encodeOrRecall(start, end - start, &nodes)
  }

  /// Reads a scalar of well-formed UTF-8 and goes past it.
  @inline(__always)
  private func decode(_ place: inout Int) -> UInt32 {
    let first = unsafe UInt32(text[place])
    func rest(_ offset: Int) -> UInt32 { unsafe UInt32(text[place + offset]) & 0x3f }
    if first < 0x80 {
      place += 1
      return first
    }
    if first < 0xe0 {
      let scalar = (first & 0x1f) << 6 | rest(1)
      place += 2
      return scalar
    }
    if first < 0xf0 {
      let scalar = (first & 0x0f) << 12 | rest(1) << 6 | rest(2)
      place += 3
      return scalar
    }
    let scalar = (first & 0x07) << 18 | rest(1) << 12 | rest(2) << 6 | rest(3)
    place += 4
    return scalar
  }

  @inline(__always)
  private mutating func encodeOrRecall(
    _ start: Int, _ count: Int, _ nodes: inout [UnigramNode]
  ) {
    guard count <= ShortKey.limit else {
      unsafe encodeUnit(start, count, &nodes)
      return
    }
    let key = unsafe ShortKey(
      RawSpan(_unsafeStart: text + start, byteCount: ShortKey.window), start: 0, count: count)
    let place = Int(truncatingIfNeeded: key.hash >> (64 - UnigramScratch.cacheBits))
    let slot = unsafe cache + place
    if unsafe slot.pointee.key == key && abs(score) <= slot.pointee.limit {
      unsafe take(slot)
    } else {
      unsafe encodeAndRemember(start, count, key, slot, &nodes)
    }
  }

  @inline(__always)
  private mutating func take(_ slot: UnsafeMutablePointer<UnigramScratch.Slot>) {
    let known = unsafe slot.pointee.ids
    unsafe UnsafeMutableRawPointer(ids).storeBytes(of: known, as: SIMD8<Int32>.self)
    let count = unsafe Int(slot.pointee.count)
    for index in 0..<count { unsafe score += vocabulary.scores[Int(ids[index])] }
    unsafe ids += count
    unsafe isUnknown = false
  }

  private mutating func encodeAndRemember(
    _ start: Int, _ count: Int, _ key: ShortKey,
    _ slot: UnsafeMutablePointer<UnigramScratch.Slot>, _ nodes: inout [UnigramNode]
  ) {
    if unsafe slot.pointee.key != key {
      let fresh = unsafe vocabulary.slot(text + start, count, key, &nodes)
      unsafe slot.pointee = fresh
      if unsafe abs(score) <= fresh.limit {
        unsafe take(slot)
        return
      }
    }
    unsafe encodeUnit(start, count, &nodes)
  }

  private mutating func encodeUnit(_ start: Int, _ count: Int, _ nodes: inout [UnigramNode]) {
    if nodes.count <= count {
      nodes = Array(repeating: UnigramNode(), count: max(count + 1, 2 * nodes.count))
    }
    unsafe nodes.withUnsafeMutableBufferPointer { nodes in
      guard let nodes = nodes.baseAddress else { return }
      _ = unsafe vocabulary.findBest(text + start, count, from: score, nodes, measures: false)
      unsafe score = nodes[count].score
      var place = 0
      while place < count {
        let (id, length) = unsafe (nodes[place].id, Int(nodes[place].length))
        if id >= 0 {
          unsafe ids.pointee = id
          unsafe ids += 1
        } else {
          unsafe writeUnknown(start + place, length)
        }
        unsafe isUnknown = id < 0
        place += length
      }
    }
  }

  /// Writes the ids of a character that is no piece.
  private mutating func writeUnknown(_ start: Int, _ count: Int) {
    let part = unsafe UnsafeBufferPointer(start: text + start, count: count)
    var list: [Int32] = []
    unsafe vocabulary.unknown.append(
      part.span, marksSpaces: vocabulary.marksSpaces, follows: isUnknown, into: &list)
    for id in list {
      unsafe ids.pointee = id
      unsafe ids += 1
    }
  }
}

extension UnigramVocabulary {
  /// The ids of a unit as they are with nothing before it, and how much before it they can bear.
  ///
  /// A sum in 32 bits is wrong by at most 2⁻²⁴ of itself. With a score B before the unit and scores
  /// of at most D within it, a way over n bytes is off by n · 2⁻²⁴ · (|B| + D) at most, here as well
  /// (for B = 0). So a lead of more than 2n · 2⁻²⁴ · (|B| + 2D) at a place of the best way stays one.
  @inline(__always)
  fileprivate func slot(
    _ text: UnsafePointer<UInt8>, _ count: Int, _ key: ShortKey, _ nodes: inout [UnigramNode]
  ) -> UnigramScratch.Slot {
    var slot = UnigramScratch.Slot(key: key)
    unsafe nodes.withUnsafeMutableBufferPointer { nodes in
      guard let nodes = nodes.baseAddress else { return }
      let most = unsafe findBest(text, count, from: 0, nodes, measures: true)
      // So that the sums do not start again within the unit.
      var limit = UnigramNode.scoreLimit - 4 * most - 1
      var place = 0
      var pieces = 0
      while place < count {
        let (id, length) = unsafe (nodes[place].id, Int(nodes[place].length))
        guard id >= 0, pieces < UnigramScratch.Slot.idLimit else { return }
        slot.ids[pieces] = id
        pieces += 1
        place += length
        let lead = unsafe nodes[place].score - nodes[place].second
        // A little less than 2²³, for the rounding here.
        limit = min(limit, lead * 8_300_000 / Float(place) - 2.1 * most)
      }
      slot.count = Int32(pieces)
      slot.limit = limit.isNaN ? -1 : limit
    }
    return slot
  }
}
