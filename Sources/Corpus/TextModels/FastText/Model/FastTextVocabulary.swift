import CTextModels
import Ground

/// The words and labels of a model, which stay in its file; only where they lie is remembered.
///
/// Open addressing with two thirds of the slots taken: twelve bytes a word, four more a label.
final class FastTextVocabulary: Sendable {
  let words: Int
  let labels: Int
  /// Tokens of the text that the model was trained on.
  let tokens: Int64
  /// Where the entries begin in the file, and their bytes.
  let start: Int
  let byteCount: Int
  /// Where each label begins, from `start`; one more at the end.
  private let labelPlaces: Room<UInt32>
  /// By slot: in the high half where an entry begins, from `start`; in the low half its number in the
  /// lower bits, and in the others those of its hash, which tell most other words from it.
  private let slots: Room<UInt64>
  private let slotCount: UInt64
  private let numberMask: UInt32

  private static let empty = UInt64.max
  /// What an entry has besides its bytes: the NUL at their end, a count and a kind.
  private static let tail = 10

  var count: Int { words + labels }
  /// Bytes that the index takes, beside the file.
  var indexBytes: Int { 4 * (labels + 1) + 8 * Int(slotCount) }

  /// Reads the entries of which the header has told.
  ///
  /// - Throws: a `Fault` where they are fewer than told, or labels are not behind all words.
  init(
    words: Int32, labels: Int32, tokens: Int64, from reader: inout FastTextReader,
    in file: UnsafeRawBufferPointer
  ) throws(Fault) {
    self.words = Int(words)
    self.labels = Int(labels)
    self.tokens = tokens
    let start = unsafe reader.place
    self.start = start
    let count = Int(words) + Int(labels)
    guard unsafe count * Self.tail <= reader.remaining else {
      let expected = count * Self.tail
      throw unsafe Fault(
        reader.path, at: UInt64(start), .truncated(expected: expected, found: reader.remaining))
    }
    slotCount = UInt64(count + count / 2 + 1)
    slots = Room(Int(slotCount))
    slots.fill(Self.empty, 0..<Int(slotCount))
    // The largest number is no entry's, so that no slot in use looks empty.
    numberMask = UInt32.max >> UInt32((UInt32(count) + 1).leadingZeroBitCount)
    labelPlaces = Room(Int(labels) + 1)
    var again = unsafe reader
    for index in 0..<count {
      let place = unsafe reader.place - start
      unsafe _ = try reader.string()
      unsafe _ = try reader.number(Int64.self)
      let kind = unsafe try reader.number(UInt8.self)
      guard kind == (index < Int(words) ? 0 : 1) else {
        throw unsafe reader.malformed(
          "entry \(index) of the vocabulary is of kind \(kind), and \(words) words come first",
          before: 1)
      }
      guard unsafe reader.place - start < Int(UInt32.max) else {
        throw unsafe reader.malformed("a vocabulary of more than 4 GiB", before: 0)
      }
      if index >= Int(words) { labelPlaces[index - Int(words)] = UInt32(place) }
    }
    unsafe byteCount = reader.place - start
    labelPlaces[Int(labels)] = UInt32(byteCount)
    for index in 0..<count {
      let place = unsafe UInt32(again.place - start)
      let range = unsafe try again.string()
      unsafe _ = try again.skip(Self.tail - 1)
      let word = unsafe UnsafeRawBufferPointer(rebasing: file[range])
      unsafe enter(index, at: place, word.assumingMemoryBound(to: UInt8.self), in: file)
    }
  }

  /// Enters a word; where it is there already, the later number counts.
  private func enter(
    _ number: Int, at place: UInt32, _ word: UnsafeBufferPointer<UInt8>,
    in file: UnsafeRawBufferPointer
  ) {
    let spread = unsafe Self.spread(FastTextHashing.hash(word))
    let slot = unsafe self.slot(of: word, spread, in: file)
    let low = UInt32(truncatingIfNeeded: spread) & ~numberMask | UInt32(number)
    slots[slot] = UInt64(place) << 32 | UInt64(low)
  }

  /// The number of a word, or of a label where it is not below `words`; -1 where it is unknown.
  @inline(__always)
  func entry(
    of token: UnsafeBufferPointer<UInt8>, _ hash: UInt32, in file: UnsafeRawBufferPointer
  ) -> Int {
    let slot = unsafe self.slot(of: token, Self.spread(hash), in: file)
    let found = slots[slot]
    return found == Self.empty ? -1 : Int(UInt32(truncatingIfNeeded: found) & numberMask)
  }

  /// Asks for the slot of a word that will be looked up.
  @inline(__always)
  func prefetch(_ hash: UInt32) {
    unsafe quipu_fasttext_prefetch(slots.start + first(Self.spread(hash)))
  }

  /// Asks for the bytes of a word that will be looked up.
  @inline(__always)
  func prefetchBytes(_ hash: UInt32, in file: UnsafeRawBufferPointer) {
    let spread = Self.spread(hash)
    let found = slots[first(spread)]
    guard found != Self.empty, isLike(found, spread) else { return }
    let place = start + Int(truncatingIfNeeded: found >> 32)
    unsafe quipu_fasttext_prefetch(file.baseAddress.unsafelyUnwrapped + place)
  }

  /// The bytes of a label.
  func bytes(ofLabel label: Int, in file: UnsafeRawBufferPointer) -> UnsafeBufferPointer<UInt8> {
    let first = start + Int(labelPlaces[label])
    let end = start + Int(labelPlaces[label + 1]) - Self.tail
    return unsafe UnsafeRawBufferPointer(rebasing: file[first..<end])
      .assumingMemoryBound(to: UInt8.self)
  }

  /// How often a label was seen in training.
  func occurrences(ofLabel label: Int, in file: UnsafeRawBufferPointer) -> Int64 {
    let end = start + Int(labelPlaces[label + 1])
    return unsafe file.loadUnaligned(fromByteOffset: end - 9, as: Int64.self)
  }

  /// A hash whose high half chooses a slot and whose low half tells words apart.
  @inline(__always)
  private static func spread(_ hash: UInt32) -> UInt64 { UInt64(hash) &* 0x9e37_79b9_7f4a_7c15 }

  @inline(__always)
  private func first(_ spread: UInt64) -> Int {
    Int(truncatingIfNeeded: ((spread >> 32) &* slotCount) >> 32)
  }

  /// Whether what is in a slot may be the word with that hash.
  @inline(__always)
  private func isLike(_ found: UInt64, _ spread: UInt64) -> Bool {
    UInt32(truncatingIfNeeded: found ^ spread) & ~numberMask == 0
  }

  /// Where a word is or would be.
  @inline(__always)
  private func slot(
    of token: UnsafeBufferPointer<UInt8>, _ spread: UInt64, in file: UnsafeRawBufferPointer
  ) -> Int {
    let base = unsafe file.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self) + start
    var slot = first(spread)
    while true {
      let found = slots[slot]
      if found == Self.empty { return slot }
      let place = Int(truncatingIfNeeded: found >> 32)
      // Neither has a NUL inside, so that the one behind the word says that it is as long.
      if isLike(found, spread), place + token.count < byteCount {
        let word = unsafe base + place
        if unsafe word[token.count] == 0, unsafe equal(word, token) { return slot }
      }
      slot += 1
      if slot == Int(slotCount) { slot = 0 }
    }
  }

  @inline(__always)
  private func equal(_ word: UnsafePointer<UInt8>, _ token: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let start = token.baseAddress else { return true }
    return unsafe quipu_fasttext_equal(word, start, token.count) != 0
  }
}
