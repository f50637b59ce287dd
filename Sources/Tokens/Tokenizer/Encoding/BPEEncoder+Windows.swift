extension BPEEncoder {
  /// Encodes `text` window by window; false where that must be done again with `inParts` false.
  ///
  /// A window ends at a cut, and what is behind the cut waits for the next window. Where 16 KiB
  /// have no cut at all, as in a million letters without a space, the unit is encoded in parts: a
  /// part's last tokens wait and are encoded again with what follows. That is exact where the last
  /// token given out and the first of the next part are also the tokens of their joined text alone:
  /// had a merge across the two been possible at any moment, it would have been possible there as
  /// well. Where that is not so, which takes a chain of ever better merges that runs some kilobytes
  /// from right to left, the answer is false, and windows grow until they hold the unit.
  func encodeWindows(
    of text: UnsafeBufferPointer<UInt8>, inParts: Bool, into ids: inout [Int32],
    scratch: inout EncoderScratch
  ) -> Bool {
    let mayPart = inParts && !vocabulary.hasUserDefined && canCut
    var place = 0
    /// Bytes at the window's start that are the last token given out, of a unit that goes on.
    var context = 0
    while true {
      unsafe scratch.window.fill(from: text, at: &place, vocabulary.cuts)
      let isLast = place == text.count
      let count = scratch.window.count
      if let end = isLast ? count : lastCut(after: context, &scratch) {
        var start = 0
        if context > 0 {
          start = scratch.window.firstCut(after: context)
          guard continueUnit(context..<start, into: &ids, &scratch) else { return false }
        }
        encodeUnits(start..<end, into: &ids, &scratch)
        if isLast { return true }
        scratch.window.drop(before: end)
        context = 0
      } else if mayPart && count >= TextWindow.usualCapacity / 2 {
        guard let kept = encodePart(context..<count, into: &ids, &scratch) else { return false }
        scratch.window.drop(before: kept.lowerBound)
        context = kept.count
      } else {
        scratch.window.grow(to: 2 * scratch.window.capacity)
      }
    }
  }

  private func lastCut(after start: Int, _ scratch: inout EncoderScratch) -> Int? {
    if !canCut { return nil }
    if let cut = scratch.window.lastCut(after: start) { return cut }
    scratch.window.markExactly(from: start, vocabulary.cuts)
    return scratch.window.lastCut(after: start)
  }

  /// Encodes a part of a unit but for its last tokens, and says where the last token given out is;
  /// nil where the part does not fit the one before.
  private func encodePart(
    _ part: Range<Int>, into ids: inout [Int32], _ scratch: inout EncoderScratch
  ) -> Range<Int>? {
    merge(part, &scratch)
    let first = symbolLength(0, at: part.lowerBound, scratch)
    var last = part.lowerBound..<part.lowerBound
    var given = 0
    while true {
      let length = symbolLength(given, at: last.upperBound, scratch)
      if last.upperBound + length > part.lowerBound + part.count * 3 / 4 { break }
      last = last.upperBound..<last.upperBound + length
      given += 1
    }
    if given == 0 { return nil }
    write(given, from: part.lowerBound, into: &ids, &scratch)
    return fits(context: part.lowerBound, next: first, &scratch) ? last : nil
  }

  /// Encodes the end of a unit; false where it does not fit the part before.
  private func continueUnit(
    _ rest: Range<Int>, into ids: inout [Int32], _ scratch: inout EncoderScratch
  ) -> Bool {
    merge(rest, &scratch)
    let first = symbolLength(0, at: rest.lowerBound, scratch)
    write(scratch.merger.count, from: rest.lowerBound, into: &ids, &scratch)
    return fits(context: rest.lowerBound, next: first, &scratch)
  }

  /// True where the window's first `context` bytes and the `next` ones are two tokens also alone.
  private func fits(context: Int, next: Int, _ scratch: inout EncoderScratch) -> Bool {
    if context == 0 { return true }
    merge(0..<context + next, &scratch)
    return scratch.merger.count == 2 && symbolLength(0, at: 0, scratch) == context
  }
}
