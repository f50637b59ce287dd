import Ground

extension BPEEncoder {
  /// Appends the ids of a stretch of the window that begins and ends at cuts.
  func encodeUnits(
    _ stretch: Range<Int>, into ids: inout [Int32], _ scratch: inout EncoderScratch
  ) {
    if stretch.isEmpty { return }
    // A scalar gives at most four byte pieces; U+2581, which is one byte here, gives three.
    scratch.ids.reserve(3 * stretch.count + 8)
    let end = unsafe encodeUnits(stretch, to: scratch.ids.start, &scratch)
    unsafe ids.append(
      contentsOf: UnsafeBufferPointer(start: scratch.ids.start, count: end - scratch.ids.start))
  }

  private func encodeUnits(
    _ stretch: Range<Int>, to ids: UnsafeMutablePointer<Int32>, _ scratch: inout EncoderScratch
  ) -> UnsafeMutablePointer<Int32> {
    let text = unsafe UnsafeRawPointer(scratch.window.text)
    let cuts = unsafe scratch.window.cuts
    let end = stretch.upperBound
    unsafe cuts[end >> 6] |= 1 << UInt64(end & 63)  // so that the walk ends there
    var next = unsafe ids
    var start = stretch.lowerBound
    var word = (start + 1) >> 6
    var bits = unsafe cuts[word] & (UInt64.max << UInt64((start + 1) & 63))
    while start < end {
      // First the keys of some units, so that what the cache knows of them is on its way.
      var count = 0
      while count < WaitingUnit.most && start < end {
        while bits == 0 {
          word &+= 1
          bits = unsafe cuts[word]
        }
        let place = word &<< 6 &+ bits.trailingZeroBitCount
        bits &= bits &- 1
        let key = unsafe ShortKey(at: text + start, count: place &- start)
        scratch.batch[count] = WaitingUnit(key: key, start: start, end: place)
        scratch.cache.prefetch(key)
        count &+= 1
        start = place
      }
      for index in 0..<count {
        let unit = scratch.batch[index]
        let known = unsafe scratch.cache.recall(unit.key, into: next)
        unsafe next += known
        if known == 0 {
          unsafe next = encodeNew(unit.key, unit.start..<unit.end, to: next, &scratch)
        }
      }
    }
    return unsafe next
  }

  /// Encodes a unit that the cache of short ones does not know.
  @inline(never)
  private func encodeNew(
    _ key: ShortKey, _ unit: Range<Int>, to ids: UnsafeMutablePointer<Int32>,
    _ scratch: inout EncoderScratch
  ) -> UnsafeMutablePointer<Int32> {
    if !canCut { return unsafe encodeWhole(unit, to: ids, &scratch) }
    if unit.count <= ShortKey.limit {
      let end = unsafe encodeWhole(unit, to: ids, &scratch)
      unsafe scratch.cache.remember(key, ids, count: end - ids)
      return unsafe end
    }
    if unit.count > LongUnitCache.limit { return unsafe encodeByScalars(unit, to: ids, &scratch) }
    let text = unsafe UnsafeRawPointer(scratch.window.text + unit.lowerBound)
    let known = unsafe scratch.longUnits.recall(text, count: unit.count, into: ids)
    if known > 0 { return unsafe ids + known }
    let end = unsafe encodeByScalars(unit, to: ids, &scratch)
    unsafe scratch.longUnits.remember(text, count: unit.count, ids, idCount: end - ids)
    return unsafe end
  }

  /// Encodes a unit cut where the scalars allow more cuts than the classes of bytes.
  private func encodeByScalars(
    _ unit: Range<Int>, to ids: UnsafeMutablePointer<Int32>, _ scratch: inout EncoderScratch
  ) -> UnsafeMutablePointer<Int32> {
    if vocabulary.hasUserDefined { return unsafe encodeWhole(unit, to: ids, &scratch) }
    let text = unsafe Span(_unsafeStart: scratch.window.text, count: unit.upperBound)
    var next = unsafe ids
    var start = unit.lowerBound
    var place = start
    var previous = UInt32(0)
    scratch.merger.begin(capacity: unit.count)
    while place < unit.upperBound {
      let (scalar, length) = decodeScalar(text, at: place)
      if place > start && !vocabulary.cuts.isJoined(previous, scalar) {
        unsafe next = encodePart(start..<place, to: next, &scratch)
        scratch.merger.begin(capacity: unit.count)
        start = place
      }
      scratch.merger.append(vocabulary.symbol(of: scalar))
      previous = scalar
      place += length
    }
    return unsafe encodePart(start..<place, to: next, &scratch)
  }

  /// Encodes a part of a unit, whose symbols the merger has.
  ///
  /// Two or three symbols are merged in less time than the cache takes to answer.
  @inline(__always)
  private func encodePart(
    _ part: Range<Int>, to ids: UnsafeMutablePointer<Int32>, _ scratch: inout EncoderScratch
  ) -> UnsafeMutablePointer<Int32> {
    guard scratch.merger.count > 3 && part.count <= ShortKey.limit else {
      scratch.merger.merge(vocabulary)
      return unsafe write(scratch.merger.count, from: part.lowerBound, to: ids, &scratch)
    }
    let text = unsafe UnsafeRawPointer(scratch.window.text)
    let key = unsafe ShortKey(at: text + part.lowerBound, count: part.count)
    let known = unsafe scratch.cache.recall(key, into: ids)
    if known > 0 { return unsafe ids + known }
    scratch.merger.merge(vocabulary)
    let end = unsafe write(scratch.merger.count, from: part.lowerBound, to: ids, &scratch)
    unsafe scratch.cache.remember(key, ids, count: end - ids)
    return unsafe end
  }

  /// Encodes a unit without looking at the cache.
  private func encodeWhole(
    _ unit: Range<Int>, to ids: UnsafeMutablePointer<Int32>, _ scratch: inout EncoderScratch
  ) -> UnsafeMutablePointer<Int32> {
    if vocabulary.hasUserDefined { return unsafe encodeAround(unit, to: ids, &scratch) }
    merge(unit, &scratch)
    return unsafe write(scratch.merger.count, from: unit.lowerBound, to: ids, &scratch)
  }

  /// Encodes a unit around the user-defined pieces in it.
  private func encodeAround(
    _ unit: Range<Int>, to ids: UnsafeMutablePointer<Int32>, _ scratch: inout EncoderScratch
  ) -> UnsafeMutablePointer<Int32> {
    let text = unsafe Span(_unsafeStart: scratch.window.text, count: unit.upperBound)
    var next = unsafe ids
    var start = unit.lowerBound
    var place = start
    while place < unit.upperBound {
      guard let match = vocabulary.userDefined(in: text, at: place) else {
        place += decodeScalar(text, at: place).length
        continue
      }
      merge(start..<place, &scratch)
      unsafe next = write(scratch.merger.count, from: start, to: next, &scratch)
      unsafe next.pointee = match.id
      unsafe next += 1
      place += match.length
      start = place
    }
    merge(start..<place, &scratch)
    return unsafe write(scratch.merger.count, from: start, to: next, &scratch)
  }

  /// Leaves the symbols of a part of the window in the scratch's merger.
  func merge(_ part: Range<Int>, _ scratch: inout EncoderScratch) {
    let text = unsafe Span(_unsafeStart: scratch.window.text + part.lowerBound, count: part.count)
    scratch.merger.take(text, vocabulary)
    scratch.merger.merge(vocabulary)
  }

  /// How many bytes of the window's text the merger's symbol with this number is.
  func symbolLength(_ number: Int, at place: Int, _ scratch: borrowing EncoderScratch) -> Int {
    let symbol = scratch.merger.symbols[number]
    if symbol >= 0 { return Int(vocabulary.lengths[Int(symbol)]) }
    return decodeScalar(
      unsafe Span(_unsafeStart: scratch.window.text, count: scratch.window.count), at: place
    ).length
  }

  /// Appends the ids of the merger's first `count` symbols, whose text begins at `start`.
  func write(
    _ count: Int, from start: Int, into ids: inout [Int32], _ scratch: inout EncoderScratch
  ) {
    scratch.ids.reserve(3 * scratch.window.count + 8)
    let end = unsafe write(count, from: start, to: scratch.ids.start, &scratch)
    unsafe ids.append(
      contentsOf: UnsafeBufferPointer(start: scratch.ids.start, count: end - scratch.ids.start))
  }

  private func write(
    _ count: Int, from start: Int, to ids: UnsafeMutablePointer<Int32>,
    _ scratch: inout EncoderScratch
  ) -> UnsafeMutablePointer<Int32> {
    for index in 0..<count {
      let symbol = scratch.merger.symbols[index]
      guard symbol >= 0 && symbol < self.count && canCut else {
        return unsafe writeMixed(count, from: start, to: ids, &scratch)
      }
      unsafe ids[index] = symbol
    }
    return unsafe ids + count
  }

  /// The same where some symbols are no pieces, or unused ones.
  private func writeMixed(
    _ count: Int, from start: Int, to ids: UnsafeMutablePointer<Int32>,
    _ scratch: inout EncoderScratch
  ) -> UnsafeMutablePointer<Int32> {
    var next = unsafe ids
    var place = start
    for index in 0..<count {
      let symbol = scratch.merger.symbols[index]
      let isPiece = symbol >= 0 && symbol < self.count
      let length = symbolLength(index, at: place, scratch)
      let text = unsafe Span(_unsafeStart: scratch.window.text + place, count: length)
      if !isPiece {
        unsafe writeBytes(of: text, to: &next)
      } else if vocabulary.isUnused[Int(symbol)] {
        unsafe writeUnused(symbol, text, to: &next, scratch.merger.origins)
      } else {
        unsafe next.pointee = symbol
        unsafe next += 1
      }
      place += length
    }
    return unsafe next
  }

  /// Takes an unused piece apart again, down to pieces that can be used or single scalars.
  private func writeUnused(
    _ symbol: Int32, _ text: Span<UInt8>, to next: inout UnsafeMutablePointer<Int32>,
    _ origins: [Int32: (left: Int32, right: Int32)]
  ) {
    // SentencePiece takes apart at most 100 levels, and lets what is deeper stand.
    var waiting = [(symbol: symbol, depth: 0)]
    var place = 0
    while let (symbol, depth) = waiting.popLast() {
      let isPiece = symbol < count
      let length = Int(vocabulary.lengths[Int(symbol)])
      if isPiece && (!vocabulary.isUnused[Int(symbol)] || depth > 100) {
        unsafe next.pointee = symbol
        unsafe next += 1
        place += length
      } else if isPiece, let origin = origins[symbol] {
        waiting.append((origin.right, depth + 1))
        waiting.append((origin.left, depth + 1))
      } else {
        unsafe writeBytes(of: text.extracting(place..<place + length), to: &next)
        place += length
      }
    }
  }

  /// Writes the byte pieces of one scalar, or the unknown piece.
  private func writeBytes(of scalar: Span<UInt8>, to next: inout UnsafeMutablePointer<Int32>) {
    if vocabulary.unknown.byteIDs.isEmpty {
      unsafe next.pointee = vocabulary.unknown.unknownID
      unsafe next += 1
    } else if scalar[0] == 0x20 && vocabulary.marksSpaces {
      for byte in spaceMarkBytes {
        unsafe next.pointee = vocabulary.unknown.byteIDs[Int(byte)]
        unsafe next += 1
      }
    } else {
      for index in scalar.indices {
        unsafe next.pointee = vocabulary.unknown.byteIDs[Int(scalar[index])]
        unsafe next += 1
      }
    }
  }
}
