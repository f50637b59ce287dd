/// One text on its way through a unigram model, unit by unit.
///
/// Its pointers live as long as the call that makes it.
@unsafe
struct UnigramRun {
  let vocabulary: UnigramVocabulary
  let text: UnsafePointer<UInt8>
  let end: Int
  private let cache: UnsafeMutablePointer<UnigramScratch.Slot>
  private let starts: UnsafeMutablePointer<Int>
  private let places: UnsafeMutablePointer<Int32>
  /// Where the next id goes.
  private(set) var ids: UnsafeMutablePointer<Int32>
  /// The score of the best way so far.
  private var score: Float = 0
  /// True where the last character was no piece.
  private var isUnknown = false
  /// Where the text lies that became the unknown piece.
  private(set) var unknowns: [Range<Int>] = []
  /// Keeps what is read ahead of use from being left out.
  private var warmth: UInt64 = 0

  init(
    vocabulary: UnigramVocabulary, text: UnsafePointer<UInt8>, end: Int,
    _ buffers: UnigramScratch.Buffers
  ) {
    unsafe self.vocabulary = vocabulary
    unsafe self.text = text
    unsafe self.end = end
    unsafe cache = buffers.cache
    unsafe starts = buffers.starts
    unsafe places = buffers.places
    unsafe ids = buffers.ids
  }

  /// Writes the ids of the whole text.
  mutating func encode(nodes: inout [UnigramNode]) {
    guard unsafe vocabulary.marksSpaces else {
      unsafe encodeUnit(0, end, &nodes)
      return
    }
    var place = 0
    while unsafe place < end {
      let count = unsafe cut(from: place)
      unsafe lookAhead(count)
      for unit in 0..<count {
        let start = unsafe starts[unit]
        unsafe encodeOrRecall(
          start, starts[unit + 1] - start, slot: Int(places[unit]), &nodes)
      }
      place = unsafe starts[count]
    }
  }

  /// Notes where the next units begin, and how many they are.
  ///
  /// Nothing depends here on whether a unit ends, which no processor can foresee.
  private mutating func cut(from start: Int) -> Int {
    unsafe vocabulary.joinsASCII.withUnsafeBufferPointer { joins in
      var count = 0
      var place = start
      unsafe starts[0] = start
      var previous = unsafe decode(&place)
      while unsafe place < end {
        unsafe starts[count + 1] = place
        let first = unsafe UInt32(text[place])
        if previous | first < 128 {
          let word = unsafe joins[UnigramVocabulary.word(previous, first)]
          count &+= 1 &- Int(truncatingIfNeeded: word >> UInt64(first & 63) & 1)
          previous = first
          place += 1
        } else {
          let next = unsafe decode(&place)
          count &+= unsafe vocabulary.isJoined(previous, next) ? 0 : 1
          previous = next
        }
        if count == UnigramScratch.batch { return count }
      }
      unsafe starts[count + 1] = end
      return count + 1
    }
  }

  /// Finds the slots of short units, and reads a word of each, so that they come from memory side by
  /// side and not one after the other.
  private mutating func lookAhead(_ count: Int) {
    var warmth: UInt64 = 0
    for unit in 0..<count {
      let start = unsafe starts[unit]
      let length = unsafe starts[unit + 1] - start
      guard length <= UnitKey.limit else { continue }
      let place = unsafe Int(
        truncatingIfNeeded: key(start, length).hash >> (64 - UnigramScratch.cacheBits))
      unsafe places[unit] = Int32(truncatingIfNeeded: place)
      unsafe warmth ^= cache[place].key.first
    }
    unsafe self.warmth = warmth
  }

  @inline(__always)
  private func key(_ start: Int, _ count: Int) -> UnitKey {
    unsafe UnitKey(text + start, count: count)
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
    _ start: Int, _ count: Int, slot place: Int, _ nodes: inout [UnigramNode]
  ) {
    guard count <= UnitKey.limit else {
      unsafe encodeUnit(start, count, &nodes)
      return
    }
    let key = unsafe key(start, count)
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
    unsafe UnsafeMutableRawPointer(ids).storeBytes(
      of: known, as: (Int32, Int32, Int32, Int32, Int32, Int32).self)
    let count = unsafe Int(slot.pointee.count)
    for index in 0..<count { unsafe score += vocabulary.scores[Int(ids[index])] }
    unsafe ids += count
    unsafe isUnknown = false
  }

  private mutating func encodeAndRemember(
    _ start: Int, _ count: Int, _ key: UnitKey,
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
        let (id, length) = unsafe (nodes[place].piece, Int(nodes[place].length))
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
    if unsafe isUnknown, let last = unsafe unknowns.popLast() {
      unsafe unknowns.append(last.lowerBound..<start + count)
    } else {
      unsafe unknowns.append(start..<start + count)
    }
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
  /// A sum in 32 bits is wrong by at most 2⁻²⁴ of itself. With a score B before the unit and best
  /// scores of at most D at its places, the score of a place n bytes into it is off by at most
  /// n · 2⁻²⁴ · (|B| + D), here as well (for B = 0). So where the best way leads at each of its places
  /// by more than 2n · 2⁻²⁴ · (|B| + 2D), it does so with B before it. (A loser may be further off,
  /// but only as it is further behind.)
  @inline(__always)
  fileprivate func slot(
    _ text: UnsafePointer<UInt8>, _ count: Int, _ key: UnitKey, _ nodes: inout [UnigramNode]
  ) -> UnigramScratch.Slot {
    var slot = UnigramScratch.Slot(key: key)
    unsafe nodes.withUnsafeMutableBufferPointer { nodes in
      guard let nodes = nodes.baseAddress else { return }
      let before = unsafe findBest(text, count, from: 0, nodes, measures: true)
      let most = unsafe max(before, abs(nodes[count].score))
      // So that the sums do not start again within the unit.
      var limit = UnigramNode.scoreLimit - 4 * most - 1
      var place = 0
      var pieces = 0
      unsafe withUnsafeMutableBytes(of: &slot.ids) { ids in
        unsafe ids.withMemoryRebound(to: Int32.self) { ids in
          while place < count {
            let (id, length) = unsafe (nodes[place].piece, Int(nodes[place].length))
            guard id >= 0, pieces < UnigramScratch.Slot.idLimit else { return }
            unsafe ids[pieces] = id
            pieces += 1
            place += length
            let lead = unsafe nodes[place].score - nodes[place].second
            // A little less than 2²³, for the rounding here.
            limit = min(limit, lead * 8_300_000 / Float(place) - 2.1 * most)
          }
        }
      }
      guard place == count else { return }
      slot.count = Int32(pieces)
      slot.limit = limit.isNaN ? -1 : limit
    }
    return slot
  }
}
