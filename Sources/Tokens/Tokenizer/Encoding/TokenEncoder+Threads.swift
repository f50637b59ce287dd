import Ground

extension TokenEncoder {
  /// The ids of many texts, one after another, and where each text's end; on `jobs` threads.
  ///
  /// - Complexity: O(n) time over all threads; the ids are held twice for a moment.
  public func encode(_ texts: [[UInt8]], jobs: Int) -> (ids: [Int32], ends: [Int]) {
    let parts = shares(texts.map(\.count), jobs: jobs)
    let encoded = inParallel(parts.count) { number in
      var ids: [Int32] = []
      var ends: [Int] = []
      var scratch = EncoderScratch()
      for text in texts[parts[number]] {
        encode(text, into: &ids, scratch: &scratch)
        ends.append(ids.count)
      }
      return (ids: ids, ends: ends)
    }.map { $0.take() }
    if encoded.count == 1 { return encoded[0] }
    var ids: [Int32] = []
    var ends: [Int] = []
    ids.reserveCapacity(encoded.reduce(0) { $0 + $1.ids.count })
    for part in encoded {
      ends.append(contentsOf: part.ends.map { ids.count + $0 })
      ids.append(contentsOf: part.ids)
    }
    return (ids, ends)
  }

  /// The ids of one text on `jobs` threads.
  ///
  /// The text is parted where a cut is exact; where it has no cuts, and for models other than BPE,
  /// one thread does it all.
  public func encode(_ text: [UInt8], jobs: Int) -> [Int32] {
    guard case .bpe(let encoder) = kind, encoder.isIdentity else { return encode(text) }
    let bounds = [0] + encoder.exactCuts(in: text, parts: jobs) + [text.count]
    let encoded = inParallel(bounds.count - 1) { number in
      var ids: [Int32] = []
      var scratch = EncoderScratch()
      encoder.encodePart(
        text.span.extracting(bounds[number]..<bounds[number + 1]), isNormalized: false,
        hasPrefix: encoder.hasPrefix && number == 0, into: &ids, scratch: &scratch)
      return ids
    }.map { $0.take() }
    var ids = encoded[0]
    for part in encoded.dropFirst() { ids.append(contentsOf: part) }
    encoder.joinUnknown(&ids, from: 0)
    return ids
  }
}

extension BPEEncoder {
  /// Places near the even parts of a text where ASCII stands on both sides and no piece has both.
  fileprivate func exactCuts(in text: [UInt8], parts: Int) -> [Int] {
    if !canCut { return [] }
    var cuts: [Int] = []
    for part in 1..<max(parts, 1) {
      var place = max(text.count / parts * part, (cuts.last ?? 0) + 1)
      while place < text.count && !isCut(text[place - 1], text[place]) { place += 1 }
      if place < text.count { cuts.append(place) }
    }
    return cuts
  }

  private func isCut(_ left: UInt8, _ right: UInt8) -> Bool {
    left | right < 0x80 && !vocabulary.cuts.isJoined(UInt32(left), UInt32(right))
  }
}

/// Ranges of items with about the same sums of sizes, at most `jobs`.
private func shares(_ sizes: [Int], jobs: Int) -> [Range<Int>] {
  let total = sizes.reduce(0, +)
  var shares: [Range<Int>] = []
  var start = 0
  var sum = 0
  for (index, size) in sizes.enumerated() {
    sum += size
    if sum * jobs >= total * (shares.count + 1) && shares.count + 1 < jobs {
      shares.append(start..<index + 1)
      start = index + 1
    }
  }
  shares.append(start..<sizes.count)
  return shares
}
