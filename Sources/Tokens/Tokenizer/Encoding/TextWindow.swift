import CTokenizer
import Glibc
import Ground

/// The stretch of normalised text that is being encoded, with the places where it can be cut.
///
/// One byte, U+0020, stands for U+2581. Text of any length passes through a window of 16 KiB, which
/// grows only where it has no cut.
@safe struct TextWindow: ~Copyable, Sendable {
  /// Bytes that can be read before the window and behind what it holds.
  private static let margin = 64
  static let usualCapacity = 1 << 14

  private var memory: Room<UInt8>
  private var marks: Room<UInt64>
  private(set) var capacity: Int
  private(set) var count = 0
  private var isNormalized = false
  private var rewritten: [UInt8] = []

  init() {
    capacity = Self.usualCapacity
    memory = Room(Self.bytes(capacity))
    memory.fill(0, 0..<Self.bytes(capacity))
    marks = Room(2 * Self.words(capacity))
  }

  private static func bytes(_ capacity: Int) -> Int { capacity + 3 * margin }
  private static func words(_ capacity: Int) -> Int { capacity / 64 + 2 }

  /// Text that can be read from 64 bytes before its start to 64 behind its end.
  var text: UnsafeMutablePointer<UInt8> { unsafe memory.start + Self.margin }
  /// A bit for each byte: whether the text can be cut before it.
  ///
  /// There is a bit more than the text needs.
  var cuts: UnsafeMutablePointer<UInt64> { unsafe marks.start }
  /// A bit for each byte: whether it is not ASCII.
  private var high: UnsafeMutablePointer<UInt64> { unsafe marks.start + Self.words(capacity) }

  /// Empties the window for another text.
  ///
  /// - Parameters:
  ///   - isNormalized: True where nothing of the text is to be changed; else what is malformed
  ///     becomes U+FFFD, and U+2581 a space.
  ///   - hasPrefix: True where a space comes first.
  mutating func begin(isNormalized: Bool, hasPrefix: Bool) {
    self.isNormalized = isNormalized
    unsafe text[0] = 0x20
    count = hasPrefix ? 1 : 0
  }

  /// Drops the text before `place`.
  mutating func drop(before place: Int) {
    unsafe text.update(from: text + place, count: count - place)
    count -= place
  }

  /// Takes more of `source` from `place` on, as much as there is room for, and marks the cuts.
  mutating func fill(
    from source: UnsafeBufferPointer<UInt8>, at place: inout Int, _ rules: CutTable
  ) {
    if capacity - count < 64 { grow(to: 2 * capacity) }
    var end = min(source.count, place + capacity - count)
    if end < source.count { unsafe end = scalarStart(in: source, near: end) }
    let piece = unsafe UnsafeBufferPointer(rebasing: source[place..<end])
    let start = count
    if let base = piece.baseAddress {
      unsafe (text + start).update(from: base, count: piece.count)
    }
    count = start + piece.count
    mark(rules)
    if !markScalars(rules) {
      rewritten.removeAll(keepingCapacity: true)
      unsafe rewritten.appendNormalized(Span(_unsafeElements: piece), isValid: false)
      if start + rewritten.count > capacity { grow(to: start + rewritten.count) }
      count = start + rewritten.count
      unsafe rewritten.withUnsafeBufferPointer { unsafe copy($0, to: start) }
      mark(rules)
      _ = markScalars(rules)
    }
    place = end
  }

  private func copy(_ bytes: UnsafeBufferPointer<UInt8>, to start: Int) {
    guard let base = bytes.baseAddress else { return }
    unsafe (text + start).update(from: base, count: bytes.count)
  }

  private func mark(_ rules: CutTable) {
    unsafe (text + count).update(repeating: 0, count: Self.margin)
    unsafe rules.classes.withUnsafeBufferPointer { classes in
      unsafe rules.pairs.withUnsafeBufferPointer { pairs in
        guard let classes = classes.baseAddress, let pairs = pairs.baseAddress else { return }
        unsafe quipu_mark_cuts(rules.level, text, count / 64 + 1, classes, pairs, cuts, high)
      }
    }
  }

  /// Marks the cuts that scalars tell, wherever text is not ASCII.
  ///
  /// False where a scalar is malformed, or is a U+2581 that still has to become a space.
  private func markScalars(_ rules: CutTable) -> Bool {
    var place = 0
    while true {
      // To the next byte that is not ASCII.
      var word = place >> 6
      var bits = unsafe high[word] & (UInt64.max << UInt64(place & 63))
      while bits == 0 {
        word += 1
        if word > count >> 6 { return true }
        bits = unsafe high[word]
      }
      place = word << 6 + bits.trailingZeroBitCount
      if place >= count { return true }
      var previous = place > 0 ? unsafe UInt32(text[place - 1]) : 0
      while unsafe place < count && text[place] >= 0x80 {
        let (scalar, length) = scalar(at: place)
        if length == 0 || scalar == spaceMark && !isNormalized { return false }
        if !rules.isJoined(previous, scalar) { cut(before: place) }
        previous = scalar
        place += length
      }
      if place >= count { return true }
      if unsafe !rules.isJoined(previous, UInt32(text[place])) { cut(before: place) }
    }
  }

  private func cut(before place: Int) {
    unsafe cuts[place >> 6] |= 1 &<< UInt64(place & 63)
  }

  /// The scalar that begins with this byte, which is not ASCII, and its length; 0 if malformed.
  @inline(__always)
  private func scalar(at place: Int) -> (UInt32, length: Int) {
    let first = unsafe UInt32(text[place]), second = unsafe UInt32(text[place + 1])
    if first &- 0xc2 < 0x1e && second & 0xc0 == 0x80 && place + 1 < count {
      return ((first & 0x1f) << 6 | second & 0x3f, 2)
    }
    let all = unsafe Span(_unsafeStart: text, count: count)
    guard let length = scalarLength(all, at: place) else { return (0, 0) }
    return (decodeScalar(all, at: place).scalar, length)
  }

  /// The last place after `start` where the text can be cut.
  func lastCut(after start: Int) -> Int? {
    var word = (count - 1) >> 6
    var bits = unsafe cuts[word] & (UInt64.max >> UInt64(63 - (count - 1) & 63))
    while true {
      if bits != 0 {
        let place = word << 6 + 63 - bits.leadingZeroBitCount
        return place > start ? place : nil
      }
      if word << 6 <= start { return nil }
      word -= 1
      bits = unsafe cuts[word]
    }
  }

  /// The first place after `start` where the text can be cut, or its end.
  func firstCut(after start: Int) -> Int {
    var place = start + 1
    while place < count {
      let bits = unsafe cuts[place >> 6] & (UInt64.max << UInt64(place & 63))
      if bits != 0 { return min(count, place & ~63 + bits.trailingZeroBitCount) }
      place = place & ~63 + 64
    }
    return count
  }

  /// Marks also the cuts that only the scalars themselves tell.
  func markExactly(from start: Int, _ rules: CutTable) {
    let all = unsafe Span(_unsafeStart: text, count: count)
    var (previous, place) = (UInt32(0), start)
    while place < count {
      let (next, length) = decodeScalar(all, at: place)
      if place > start && !rules.isJoined(previous, next) {
        unsafe cuts[place >> 6] |= 1 << UInt64(place & 63)
      }
      previous = next
      place += length
    }
  }

  /// Makes room for more text; the marks are lost.
  mutating func grow(to wanted: Int) {
    capacity = wanted
    memory.reserve(Self.bytes(wanted), keeping: Self.margin + count)
    marks.reserve(2 * Self.words(wanted))
  }
}

/// `place`, or a little before it where it would part a scalar.
private func scalarStart(in source: UnsafeBufferPointer<UInt8>, near place: Int) -> Int {
  for start in stride(from: place, to: max(0, place - 4), by: -1) {
    if unsafe source[start] & 0xc0 != 0x80 { return start }
  }
  return place  // too many bytes that begin no scalar: none of them is part of one
}
