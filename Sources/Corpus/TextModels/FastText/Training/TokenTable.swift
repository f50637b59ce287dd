internal import CTextModels
internal import Ground

/// The different tokens of a text, numbered as they first appear, with how often each came.
///
/// An open-addressing table over one arena of bytes; a token is at most 4 GiB long.
struct TokenTable: ~Copyable {
  private(set) var count = 0
  /// Tokens seen, each as often as it came.
  private(set) var total = 0
  private var bytes = Room<UInt8>(1 << 16)
  private var ends = Room<Int>(1 << 10)  // of each token in `bytes`
  private var counts = Room<Int>(1 << 10)
  private var hashes = Room<UInt32>(1 << 10)
  /// Half a token's hash above, its number and 1 below; 0 for an empty place.
  private var slots = Room<UInt64>(1 << 12)
  private var mask = (1 << 12) - 1

  init() { slots.fill(0, 0..<mask + 1) }

  var memoryInUse: Int {
    bytes.capacity + 16 * ends.capacity + 4 * hashes.capacity + 8 * slots.capacity
  }

  /// The number of a token, which is new or known; it has just come `times` times.
  @inline(__always)
  mutating func number(of token: UnsafeBufferPointer<UInt8>, times: Int = 1) -> Int {
    let hash = unsafe quipu_training_hash(token.baseAddress, token.count)
    total &+= times
    var place = Int(truncatingIfNeeded: hash) & mask
    while true {
      let slot = slots[place]
      if slot == 0 { return unsafe add(token, hash, times, at: place) }
      let number = Int(slot & 0xffff_ffff) &- 1
      if (slot ^ hash) >> 32 == 0, unsafe isEqual(number, token) {
        counts[number] &+= times
        return number
      }
      place = (place &+ 1) & mask
    }
  }

  /// Counts a known token once more.
  @inline(__always)
  mutating func countAgain(_ number: Int) {
    total &+= 1
    counts[number] &+= 1
  }

  /// The number of a token, or nil where it never came.
  func find(_ token: UnsafeBufferPointer<UInt8>) -> Int? {
    let hash = unsafe quipu_training_hash(token.baseAddress, token.count)
    var place = Int(truncatingIfNeeded: hash) & mask
    while slots[place] != 0 {
      let number = Int(slots[place] & 0xffff_ffff) - 1
      if (slots[place] ^ hash) >> 32 == 0, unsafe isEqual(number, token) { return number }
      place = (place + 1) & mask
    }
    return nil
  }

  /// The bytes of a token, until the table changes.
  @inline(__always)
  subscript(number: Int) -> UnsafeBufferPointer<UInt8> {
    let start = number == 0 ? 0 : ends[number &- 1]
    return unsafe UnsafeBufferPointer(
      start: bytes.start + start, count: ends[number] &- start)
  }

  func occurrences(of number: Int) -> Int { counts[number] }

  /// fastText's hash of a token.
  @inline(__always)
  func hash(of number: Int) -> UInt32 { hashes[number] }

  @inline(__always)
  private func isEqual(_ number: Int, _ token: UnsafeBufferPointer<UInt8>) -> Bool {
    let other = unsafe self[number]
    guard other.count == token.count else { return false }
    return unsafe quipu_training_equal(other.baseAddress, token.baseAddress, token.count) != 0
  }

  @inline(never)
  private mutating func add(
    _ token: UnsafeBufferPointer<UInt8>, _ hash: UInt64, _ times: Int, at place: Int
  ) -> Int {
    let number = count
    let start = number == 0 ? 0 : ends[number - 1]
    bytes.reserve(start + token.count, keeping: start)
    if let base = token.baseAddress {
      unsafe (bytes.start + start).update(from: base, count: token.count)
    }
    ends.reserve(number + 1, keeping: number)
    counts.reserve(number + 1, keeping: number)
    hashes.reserve(number + 1, keeping: number)
    ends[number] = start + token.count
    counts[number] = times
    hashes[number] = unsafe FastTextHashing.hash(token)
    slots[place] = hash & ~0xffff_ffff | UInt64(number + 1)
    count += 1
    if 2 * count > mask { grow() }
    return number
  }

  private mutating func grow() {
    let size = 4 * (mask + 1)
    slots = Room(size)
    slots.fill(0, 0..<size)
    mask = size - 1
    for number in 0..<count {
      let token = unsafe self[number]
      let hash = unsafe quipu_training_hash(token.baseAddress, token.count)
      var place = Int(truncatingIfNeeded: hash) & mask
      while slots[place] != 0 { place = (place + 1) & mask }
      slots[place] = hash & ~0xffff_ffff | UInt64(number + 1)
    }
  }
}
