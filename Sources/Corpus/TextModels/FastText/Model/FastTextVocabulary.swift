import Ground

/// The words and labels of a model, which stay in its file; only where they lie is remembered.
///
/// Open addressing, ten bytes a word.
final class FastTextVocabulary: Sendable {
  let words: Int
  let labels: Int
  /// Tokens of the text that the model was trained on.
  let tokens: Int64
  /// Where the entries begin in the file, and their bytes.
  let start: Int
  let byteCount: Int
  /// Where each entry begins, from `start`; one more at the end.
  private let places: Room<UInt32>
  /// Numbers of entries, or `none`.
  private let slots: Room<UInt32>
  private let slotCount: UInt64

  private static let none = UInt32.max
  /// What an entry has besides its bytes: the NUL at their end, a count and a kind.
  private static let tail = 10

  var count: Int { words + labels }
  /// Bytes that the index takes, beside the file.
  var indexBytes: Int { 4 * (count + 1) + 4 * Int(slotCount) }

  /// Reads the entries of which the header has told.
  ///
  /// - Throws: a `Fault` where they are fewer than told, or of other kinds, or labels come before
  ///   words.
  init(
    words: Int32, labels: Int32, tokens: Int64, from reader: inout FastTextReader
  ) throws(Fault) {
    self.words = Int(words)
    self.labels = Int(labels)
    self.tokens = tokens
    unsafe start = reader.place
    let count = Int(words) + Int(labels)
    guard unsafe count * Self.tail <= reader.remaining else {
      let expected = count * Self.tail
      throw unsafe Fault(
        reader.path, at: UInt64(start), .truncated(expected: expected, found: reader.remaining))
    }
    places = Room(count + 1)
    for index in 0..<count {
      unsafe places[index] = UInt32(truncatingIfNeeded: reader.place - start)
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
    }
    unsafe places[count] = UInt32(reader.place - start)
    unsafe byteCount = reader.place - start
    slotCount = UInt64(count + count / 2 + 1)
    slots = Room(Int(slotCount))
    slots.fill(Self.none, 0..<Int(slotCount))
  }

  /// Enters all words, of which the last counts where one is there twice.
  func index(_ file: UnsafeRawBufferPointer) {
    for entry in 0..<count {
      let bytes = unsafe self.bytes(of: entry, in: file)
      unsafe slots[slot(of: bytes, FastTextHashing.hash(bytes), in: file)] = UInt32(entry)
    }
  }

  /// The number of a word, or of a label where it is not below `words`; -1 where it is unknown.
  @inline(__always)
  func entry(
    of token: UnsafeBufferPointer<UInt8>, _ hash: UInt32, in file: UnsafeRawBufferPointer
  ) -> Int {
    let entry = unsafe slots[slot(of: token, hash, in: file)]
    return entry == Self.none ? -1 : Int(entry)
  }

  /// Bytes of an entry, in the file.
  @inline(__always)
  func bytes(of entry: Int, in file: UnsafeRawBufferPointer) -> UnsafeBufferPointer<UInt8> {
    let place = Int(places[entry])
    let count = Int(places[entry + 1]) - place - Self.tail
    let base = unsafe file.baseAddress.unsafelyUnwrapped + start + place
    return unsafe UnsafeBufferPointer(
      start: base.assumingMemoryBound(to: UInt8.self), count: count)
  }

  /// How often an entry was seen in training.
  func occurrences(of entry: Int, in file: UnsafeRawBufferPointer) -> Int64 {
    let end = start + Int(places[entry + 1])
    return unsafe file.loadUnaligned(fromByteOffset: end - 9, as: Int64.self)
  }

  /// Where a word is or would be.
  @inline(__always)
  private func slot(
    of token: UnsafeBufferPointer<UInt8>, _ hash: UInt32, in file: UnsafeRawBufferPointer
  ) -> Int {
    // FNV leaves the high bits of short words alike, and it is those that count here.
    let spread = UInt64(hash &* 0x9e37_79b1)
    var slot = Int(truncatingIfNeeded: (spread &* slotCount) >> 32)
    while true {
      let entry = slots[slot]
      if entry == Self.none { return slot }
      let bytes = unsafe self.bytes(of: Int(entry), in: file)
      if unsafe bytes.count == token.count && equal(bytes, token) { return slot }
      slot += 1
      if slot == Int(slotCount) { slot = 0 }
    }
  }
}
