/// Strings that are cut out of normalised text before anything else, the longest that fits first.
struct Literals: Sendable {
  private var names = ByteStrings()
  private var ids: [Int32] = []
  /// Distinct lengths in bytes of normalised text, longest first.
  private var lengths: [Int] = []
  private var firsts = [Bool](repeating: false, count: 256)
  /// The byte that all strings begin with, if there is one.
  private var first: UInt8?

  /// Takes strings as they stand in pieces, with their ids.
  init(_ strings: some Sequence<(id: Int, bytes: [UInt8])>) {
    for (id, bytes) in strings {
      guard !bytes.isEmpty, !bytes.contains(0x20) else { continue }  // normalised text has U+2581
      var text: [UInt8] = []
      text.appendNormalized(bytes.span, isValid: true)
      guard names.insert(text.span).isNew else { continue }
      ids.append(Int32(id))
      lengths.append(text.count)
      firsts[Int(text[0])] = true
    }
    lengths = Set(lengths).sorted(by: >)
    if let only = firsts.firstIndex(of: true), only == firsts.lastIndex(of: true) {
      first = UInt8(only)
    }
  }

  var isEmpty: Bool { ids.isEmpty }

  @inline(__always)
  func canBegin(_ byte: UInt8) -> Bool { firsts[Int(byte)] }

  /// Where a string might begin next.
  func firstCandidate(in text: Span<UInt8>, from start: Int) -> Int? {
    guard !isEmpty else { return nil }
    if let first { return firstIndex(of: first, in: text, from: start) }
    var place = start
    while place < text.count && !canBegin(text[place]) { place += 1 }
    return place < text.count ? place : nil
  }

  /// The longest string that begins at `place` of normalised text.
  func match(_ text: Span<UInt8>, at place: Int, end: Int) -> (id: Int32, length: Int)? {
    guard canBegin(text[place]) else { return nil }
    for length in lengths where length <= end - place {
      if let number = names.find(text.extracting(place..<place + length)) {
        return (ids[number], length)
      }
    }
    return nil
  }
}

extension [UInt8] {
  /// Overwrites every string that matches with U+001F, which is in no piece, and NULs.
  ///
  /// - Complexity: O(n), at the speed of `memchr` where all strings begin with the same byte.
  mutating func cutOut(_ literals: Literals) {
    var from = 0
    while let place = literals.firstCandidate(in: span, from: from) {
      if let (_, length) = literals.match(span, at: place, end: count) {
        self[place] = 0x1f
        for index in place + 1..<place + length { self[index] = 0 }
        from = place + length
      } else {
        from = place + 1
      }
    }
  }
}
