import Ground

/// A set of 64-bit hashes, or a count of each, with open addressing; its memory is used again.
@safe final class HashTable {
  private var keys: UnsafeMutablePointer<UInt64>
  private var tallies: UnsafeMutablePointer<(count: UInt32, first: UInt32)>
  private var capacity = 0
  private var shift: UInt64 = 0

  init() {
    unsafe keys = .allocate(capacity: 0)
    unsafe tallies = .allocate(capacity: 0)
  }

  deinit {
    unsafe keys.deallocate()
    unsafe tallies.deallocate()
  }

  /// Forgets everything and makes room for `count` hashes.
  func reset(_ count: Int) {
    var bits: UInt64 = 4
    while 1 << bits < 2 * count { bits += 1 }
    shift = 64 - bits
    if 1 << bits > capacity {
      unsafe keys.deallocate()
      unsafe tallies.deallocate()
      capacity = 1 << bits
      unsafe keys = .allocate(capacity: capacity)
      unsafe tallies = .allocate(capacity: capacity)
    }
    unsafe keys.initialize(repeating: 0, count: 1 << bits)
  }

  /// The slot of a hash, taken now where it has none.
  ///
  /// There is a free one, as no more hashes come than `reset` was told of, which is half.
  @inline(__always)
  private func slot(_ hash: UInt64) -> (index: Int, isNew: Bool) {
    let key = hash == 0 ? 1 : hash
    let mask = Int(truncatingIfNeeded: UInt64.max &>> shift)
    var index = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) &>> shift)
    while unsafe keys[index] != key {
      if unsafe keys[index] == 0 {
        unsafe keys[index] = key
        return (index, true)
      }
      index = (index &+ 1) & mask
    }
    return (index, false)
  }

  /// True where the hash was not there.
  @inline(__always)
  func insert(_ hash: UInt64) -> Bool { slot(hash).isNew }

  /// Counts the hash, met at `position`; gives its count and where it was met first.
  @inline(__always)
  func count(_ hash: UInt64, at position: Int) -> (count: Int, first: Int) {
    let (index, isNew) = slot(hash)
    if isNew { unsafe tallies[index] = (0, UInt32(truncatingIfNeeded: position)) }
    unsafe tallies[index].count &+= 1
    return unsafe (Int(tallies[index].count), Int(tallies[index].first))
  }
}

/// The parts of `range` between runs of at least `ends` newlines, as Python's `re.split`.
func pieces(_ text: Span<UInt8>, _ range: Range<Int>, _ ends: Int) -> [Range<Int>] {
  var pieces: [Range<Int>] = []
  var (start, index) = (range.lowerBound, range.lowerBound)
  while index < range.upperBound {
    guard text[index] == 0x0a else {
      index &+= 1
      continue
    }
    let run = index
    while index < range.upperBound, text[index] == 0x0a { index &+= 1 }
    if index - run >= ends {
      pieces.append(start..<run)
      start = index
    }
  }
  pieces.append(start..<range.upperBound)
  return pieces
}

/// The characters of pieces that were there before, and the share of such pieces.
func duplicates(
  _ text: Span<UInt8>, _ pieces: [Range<Int>], _ seen: HashTable
) -> (characters: Int, share: Double) {
  seen.reset(pieces.count)
  var (characters, count) = (0, 0)
  for piece in pieces where !seen.insert(xxh3(text.extracting(piece))) {
    characters += text.characters(in: piece)
    count += 1
  }
  return (characters, Double(count) / Double(max(1, pieces.count)))
}

/// The n-grams of a text's words, for n growing by one.
struct NGrams {
  private let words: Words
  /// The hash of the n-gram that begins at each word, and where each word begins in characters.
  private var hashes: [UInt64]
  private var starts: [Int]
  private var size = 1
  /// No n-gram of this size occurs twice, hence no larger one.
  private var allDiffer = false

  init(_ words: Words) {
    self.words = words
    hashes = words.keys
    starts = [0]
    starts.reserveCapacity(words.count + 1)
    var start = 0
    for length in words.lengths {
      start += Int(length)
      starts.append(start)
    }
  }

  /// Makes n-grams of `next` words; how many there are.
  private mutating func grow(to next: Int) -> Int {
    while size < next {
      size += 1
      let count = max(0, words.count - size + 1)
      for index in 0..<count {
        hashes[index] =
          hashes[index] &* 0x2545_f491_4f6c_dd1d &+ words.keys[index &+ size &- 1]
      }
    }
    return max(0, words.count - size + 1)
  }

  /// Characters of the most frequent n-gram, spaces between its words included, times its count; of
  /// several the one that comes first.
  mutating func top(_ size: Int, _ seen: HashTable) -> Int {
    let count = grow(to: size)
    if count == 0 { return 0 }
    var (most, first) = (1, 0)
    if !allDiffer {
      seen.reset(count)
      for index in 0..<count {
        let gram = seen.count(hashes[index], at: index)
        if gram.count > most || gram.count == most && gram.first < first {
          (most, first) = gram
        }
      }
      allDiffer = most == 1
    }
    return most * (starts[first + size] - starts[first] + size - 1)
  }

  /// Characters, without spaces, of n-grams that were there before, each word counted once: behind
  /// such an n-gram the search goes on.
  mutating func duplicated(_ size: Int, _ seen: HashTable) -> Int {
    let count = grow(to: size)
    if count == 0 || allDiffer { return 0 }
    seen.reset(count)
    var (characters, index) = (0, 0)
    while index < count {
      if seen.insert(hashes[index]) {
        index &+= 1
      } else {
        characters += starts[index + size] - starts[index]
        index &+= size
      }
    }
    allDiffer = characters == 0
    return characters
  }
}
