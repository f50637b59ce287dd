import CTextModels
import Glibc
import Ground

/// The words of a text, numbered as they come: 0 `<unk>`, 1 `<s>`, 2 `</s>`, then the rest.
///
/// Open addressing over half of a hash and the number; equal words are compared byte by byte.
@safe struct TextVocabulary: ~Copyable {
  /// The upper half of the hash, and the number plus 1; 0 where empty.
  private var slots: Room<UInt64>
  private var shift: UInt64
  /// Where each word begins in `bytes`, and where the last ends.
  private(set) var starts = Room<UInt64>(1 << 10)
  private(set) var bytes = Room<UInt8>(1 << 14)
  private(set) var count = 0
  private var size = 0

  /// The most words: two bits of a number are used for marks.
  static let most = 1 << 30
  static let specials = ["<unk>", "<s>", "</s>"]
  static let beginning: UInt32 = 1
  static let end: UInt32 = 2

  init(expecting words: Int) {
    var capacity = 1 << 10
    while capacity < 2 * min(words, Self.most) { capacity *= 2 }
    slots = Room(capacity)
    slots.fill(0, 0..<capacity)
    shift = UInt64(64 - capacity.trailingZeroBitCount)
    starts[0] = 0
    for word in Self.specials { _ = id(of: Array(word.utf8)) }
  }

  /// Bytes in use.
  var memory: Int { 8 * slots.capacity + 8 * starts.capacity + bytes.capacity }

  /// Gives up what finds words by their bytes, once all are there.
  mutating func forgetSlots() { slots = Room(1) }

  private mutating func id(of word: [UInt8]) -> UInt32 {
    let padded = word + [UInt8](repeating: 0, count: 8)
    return unsafe padded.withUnsafeBufferPointer { room in
      guard let base = room.baseAddress else { return 0 }
      let hash = unsafe quipu_word_hash(base, word.count)
      return unsafe id(of: base, word.count, hash)
    }
  }

  @inline(__always)
  func prefetch(_ hash: UInt64) {
    unsafe quipu_ngram_prefetch(slots.start + Int(truncatingIfNeeded: hash &>> shift))
  }

  /// The number of a word, a new one where it is new.
  mutating func id(of word: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt64) -> UInt32 {
    let place = unsafe place(of: word, length, hash)
    let slot = slots[place]
    if slot != 0 { return UInt32(truncatingIfNeeded: slot) &- 1 }
    return unsafe insert(word, length, hash, at: place)
  }

  /// The number of a word, 0 where it is not there.
  func known(_ word: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt64) -> UInt32 {
    let slot = slots[unsafe place(of: word, length, hash)]
    return slot == 0 ? 0 : UInt32(truncatingIfNeeded: slot) &- 1
  }

  @inline(__always)
  private func place(of word: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt64) -> Int {
    let mask = slots.capacity &- 1
    var place = Int(truncatingIfNeeded: hash &>> shift)
    while true {
      let slot = slots[place]
      if slot == 0 { return place }
      if UInt32(truncatingIfNeeded: slot &>> 32) == UInt32(truncatingIfNeeded: hash) {
        let number = Int(UInt32(truncatingIfNeeded: slot) &- 1)
        let start = Int(truncatingIfNeeded: starts[number])
        let end = Int(truncatingIfNeeded: starts[number &+ 1])
        if unsafe end &- start == length && memcmp(bytes.start + start, word, length) == 0 {
          return place
        }
      }
      place = (place &+ 1) & mask
    }
  }

  @inline(never)
  private mutating func insert(
    _ word: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt64, at place: Int
  ) -> UInt32 {
    let number = count
    // Thirty-two bytes behind the last word can be read.
    bytes.reserve(size + length + 32, keeping: size)
    unsafe (bytes.start + size).update(from: word, count: length)
    size += length
    starts.reserve(number + 2, keeping: number + 1)
    starts[number + 1] = UInt64(size)
    slots[place] = hash << 32 | UInt64(number + 1)
    count += 1
    if 2 * count > slots.capacity { grow() }
    return UInt32(number)
  }

  private mutating func grow() {
    let capacity = 2 * slots.capacity
    slots = Room(capacity)
    slots.fill(0, 0..<capacity)
    shift -= 1
    for number in 0..<count {
      let start = Int(starts[number])
      let length = Int(starts[number + 1]) - start
      let hash = unsafe quipu_word_hash(bytes.start + start, length)
      var place = Int(truncatingIfNeeded: hash &>> shift)
      while slots[place] != 0 { place = (place + 1) & (capacity - 1) }
      slots[place] = hash << 32 | UInt64(number + 1)
    }
  }

  func word(_ number: Int) -> [UInt8] {
    (Int(starts[number])..<Int(starts[number + 1])).map { bytes[$0] }
  }
}
