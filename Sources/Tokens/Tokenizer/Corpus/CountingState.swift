import Ground

/// How far a count has come: all that is needed to go on.
struct CountingState: Sendable {
  enum Phase: UInt64, Sendable {
    /// The keys of all sentences are being counted, to draw a sample.
    case sampling
    case counting
  }

  var phase: Phase
  var cursor = CorpusReader.Cursor()
  var tally = CorpusTally()
  var cut = SampleCut()
  /// Sentences of the bin in which the sample ends.
  var candidates: [SampleCandidate] = []
  var words: WordCounts

  init(_ words: WordCounts, isSampled: Bool) {
    phase = isSampled ? .sampling : .counting
    self.words = words
  }
}

extension CountingState {
  /// Everything but the words: 8-byte numbers, little-endian, in the order of the fields, with the
  /// number of bins and of candidates, and the length of each of these, in front.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    let numbers = [
      phase.rawValue, UInt64(cursor.input), cursor.offset, cursor.location.offset,
      cursor.location.skip, cursor.file,
    ]
    let counts = [
      tally.bytes, tally.documents, tally.badDocuments, tally.sentences, tally.tooLong,
      tally.reserved,
    ]
    for number in numbers + counts.map({ UInt64($0) }) { bytes.append(fixed: number) }
    let bins = cut.counts.indices.filter { cut.counts[$0] > 0 }
    bytes.append(fixed: UInt64(bins.count))
    for bin in bins {
      bytes.append(fixed: UInt64(bin))
      bytes.append(fixed: cut.counts[bin])
    }
    bytes.append(fixed: UInt64(candidates.count))
    for candidate in candidates {
      bytes.append(fixed: candidate.key.bits)
      bytes.append(fixed: candidate.key.tie)
      bytes.append(counted: candidate.bytes)
    }
    return bytes
  }

  /// Takes over what `bytes` says; the words stay as they are.
  mutating func read(_ bytes: inout StateBytes) throws(Fault) {
    guard let phase = Phase(rawValue: try bytes.readNumber()) else {
      throw bytes.fault("a phase that is none")
    }
    self.phase = phase
    cursor.input = try bytes.readCount()
    cursor.offset = try bytes.readNumber()
    cursor.location = Location(offset: try bytes.readNumber(), skip: try bytes.readNumber())
    cursor.file = try bytes.readNumber()
    tally.bytes = try bytes.readCount()
    tally.documents = try bytes.readCount()
    tally.badDocuments = try bytes.readCount()
    tally.sentences = try bytes.readCount()
    tally.tooLong = try bytes.readCount()
    tally.reserved = try bytes.readCount()
    for _ in 0..<(try bytes.readCount()) {
      let bin = try bytes.readCount()
      guard bin < SampleCut.binCount else { throw bytes.fault("a bin that is none") }
      let count = try bytes.readCount()
      guard count < 1 << 62 - cut.total else { throw bytes.fault("too many sentences") }
      cut.add(UInt64(count), toBin: bin)
    }
    for _ in 0..<(try bytes.readCount()) {
      let key = SampleKey(bits: try bytes.readNumber(), tie: try bytes.readNumber())
      candidates.append(SampleCandidate(key: key, bytes: try bytes.readBytes()))
    }
  }
}
