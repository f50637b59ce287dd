import Ground

/// The ids of units of 16 to 48 bytes seen before: indented words, compounds, words of two or three
/// bytes a letter.
///
/// An entry is 128 bytes: the unit, padded with NULs, then its length and how many ids it has, then
/// up to 36 ids of 16 bits, or 18 of 32. Nothing here changes a result.
@safe struct LongUnitCache: ~Copyable, @unchecked Sendable {
  static let limit = 48
  private static let entryBits: UInt64 = 13
  private static let keyWords = 6
  private static let entryWords = 16

  private var words = Room<UInt64>(0)
  let isNarrow: Bool

  init(isNarrow: Bool) { self.isNarrow = isNarrow }

  /// Writes the ids of a unit, and says how many there are; 0 where the unit is not known.
  ///
  /// - Precondition: 16 to 48 bytes, 48 can be read, and as many ids as bytes can be written.
  mutating func recall(
    _ unit: UnsafeRawPointer, count: Int, into ids: UnsafeMutablePointer<Int32>
  ) -> Int {
    if words.capacity < Self.entryWords << Int(Self.entryBits) {
      words.reserve(Self.entryWords << Int(Self.entryBits))
      words.fill(0, 0..<words.capacity)
    }
    let entry = unsafe words.start + place(of: unit, count)
    guard unsafe Int(truncatingIfNeeded: entry[Self.keyWords] & 0xff) == count else { return 0 }
    var difference: UInt64 = 0
    for word in 0..<Self.keyWords {
      unsafe difference |= entry[word] ^ Self.word(word, of: unit, count)
    }
    if difference != 0 { return 0 }
    let known = unsafe Int(truncatingIfNeeded: entry[Self.keyWords] >> 8)
    let from = unsafe UnsafeRawPointer(entry + Self.keyWords + 1)
    if isNarrow {
      for index in 0..<known {
        unsafe ids[index] = Int32(
          from.load(fromByteOffset: 2 &* index, as: UInt16.self))
      }
    } else {
      unsafe UnsafeMutableRawPointer(ids).copyMemory(from: from, byteCount: 4 * known)
    }
    return known
  }

  /// Remembers the ids of a unit, if there is room for so many.
  mutating func remember(
    _ unit: UnsafeRawPointer, count: Int, _ ids: UnsafeMutablePointer<Int32>, idCount: Int
  ) {
    guard idCount > 0, idCount <= (isNarrow ? 36 : 18), words.capacity > 1 else { return }
    let entry = unsafe words.start + place(of: unit, count)
    for word in 0..<Self.keyWords { unsafe entry[word] = Self.word(word, of: unit, count) }
    unsafe entry[Self.keyWords] = UInt64(idCount) << 8 | UInt64(count)
    let to = unsafe UnsafeMutableRawPointer(entry + Self.keyWords + 1)
    for index in 0..<idCount {
      if isNarrow {
        unsafe to.storeBytes(
          of: UInt16(truncatingIfNeeded: ids[index]), toByteOffset: 2 * index, as: UInt16.self)
      } else {
        unsafe to.storeBytes(of: ids[index], toByteOffset: 4 * index, as: Int32.self)
      }
    }
  }

  private func place(of unit: UnsafeRawPointer, _ count: Int) -> Int {
    var hash = UInt64(truncatingIfNeeded: count)
    for word in 0..<Self.keyWords {
      unsafe hash = (hash ^ Self.word(word, of: unit, count)) &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash >> 29
    }
    let number = (hash &* 0xd6e8_feb8_6659_fd93) &>> (64 - Self.entryBits)
    return Self.entryWords * Int(truncatingIfNeeded: number)
  }

  /// Eight bytes of the unit, NULs behind its end.
  @inline(__always)
  private static func word(_ number: Int, of unit: UnsafeRawPointer, _ count: Int) -> UInt64 {
    let left = min(max(count &- 8 &* number, 0), 8)
    if left == 0 { return 0 }
    let word = unsafe (unit + 8 &* number).loadUnaligned(as: UInt64.self)
    return UInt64(littleEndian: word) & (UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- 8 &* left))
  }
}
