import Glibc
import Ground

/// Builds a trie from ARPA text, as KenLM's `build_binary trie` does.
///
/// The n-grams of each order are sorted by their words from the last to the first. One walk through all
/// of them finds the blanks, and so the sizes of all parts; a second one writes every part from front
/// to back.
///
/// - SeeAlso: kpu/kenlm `lm/search_trie.cc`, `lm/trie_sort.cc`.
final class TrieBuilder {
  private let reader: ArpaReader
  private let settings: NGramBinarySettings
  private let path: String
  private let order: Int
  /// N-grams from two words on: words from the last to the first, logarithm, weight for backing off.
  private var grams: [RecordSorter] = []
  /// What n-grams begin with, from two words on.
  private var contexts: [RecordSorter] = []

  init(_ reader: ArpaReader, _ settings: NGramBinarySettings, path: String) {
    self.reader = reader
    self.settings = settings
    self.path = path
    order = reader.counts.count
  }

  func build() throws(Fault) {
    var words = try TrieWords(reader, settings.rules, hasStrings: settings.includesWords)
    // Each order has n-grams and contexts; all but one of them lie in memory beside the last.
    let share = max(1 << 16, settings.memory / (2 * order - 3))
    for length in 2...order { try read(length, &words, memory: share) }
    try reader.readEnd()

    var blanks = TrieBlanks(order: order)
    var walk = try TrieWalk(grams, logarithms: words.logarithms, reader)
    try walk.run(&blanks)
    try blanks.answer(&words, grams)
    var counts = [UInt64(words.count)]
    for length in 2...order {
      counts.append(UInt64(grams[length - 2].count + blanks.orders[length].logarithms.count))
    }
    let header = NGramHeader(
      kind: settings.kind, multiplier: settings.multiplier, hasWords: settings.includesWords,
      counts: counts)
    guard let layout = NGramLayout(header, bits: settings.bits) else {
      throw reader.fault("more n-grams than a file can hold: \(counts)")
    }
    let strings = settings.includesWords ? words.strings : []
    let file = try PagedFile(path: path, count: layout.end + strings.count)
    var writer = try TrieWriter(layout, file.pages, words, blanks, contexts, reader)
    if settings.kind.isQuantized {
      for length in 2...order {
        let (logarithms, backoffs) = try weights(length, blanks)
        writer.setBins(
          .logarithms(logarithms, bits: layout.bits.probability),
          length < order ? .backoffs(backoffs, bits: layout.bits.backoff) : nil)
      }
    }
    walk = try TrieWalk(grams, logarithms: words.logarithms, reader)
    try walk.run(&writer)
    try writer.finish(unknown: words.hasUnknown ? nil : settings.rules.unknownLogarithm)
    file.pages.write(strings, at: layout.end)
    file.pages.write(header.bytes, at: 0)
    try file.commit()
  }

  /// Reads and sorts the n-grams of one length.
  private func read(_ length: Int, _ words: inout TrieWords, memory: Int) throws(Fault) {
    let isLongest = length == order
    let count = reader.counts[length - 1]
    let width = length + (isLongest ? 1 : 2)
    let sorter = RecordSorter(
      width: width, key: length, count: count, memory: memory, beside: path)
    let starts = RecordSorter(
      width: length - 1, key: length - 1, count: length > 2 ? count : 0, memory: memory,
      beside: path)
    try reader.readHeading(length)
    for _ in 0..<count {
      try reader.readGram(length)
      let record = try unsafe sorter.next()
      for place in 0..<length {
        let hash = reader.hash(length - 1 - place)
        let word = words.find(hash)
        guard word != 0 || ArpaReader.unknownHashes.contains(hash) else {
          throw reader.missingWord(length - 1 - place)
        }
        unsafe record[place] = word
      }
      unsafe record[length] = reader.line.logarithm.bitPattern
      if !isLongest { unsafe record[length + 1] = reader.line.backoff.bitPattern }
      if length == 2 {
        words.markContext(unsafe Int(record[1]))
      } else {
        try unsafe starts.addNew(record + 1)
      }
    }
    try sorter.finish()
    grams.append(sorter)
    guard length > 2 else { return }
    try starts.finish()
    contexts.append(starts)
  }

  /// All logarithms and all weights of one length that are not zero, with those of blanks.
  private func weights(
    _ length: Int, _ blanks: TrieBlanks
  ) throws(Fault) -> ([Float], [Float]) {
    var logarithms = length < order ? blanks.orders[length].logarithms : []
    var backoffs: [Float] = []
    logarithms.reserveCapacity(logarithms.count + grams[length - 2].count)
    let all = try grams[length - 2].reader()
    while let record = unsafe all.record {
      logarithms.append(unsafe Float(bitPattern: record[length]))
      if length < order {
        let backoff = unsafe Float(bitPattern: record[length + 1])
        if backoff != 0 { backoffs.append(backoff) }
      }
      try all.advance()
    }
    return (logarithms, backoffs)
  }
}

extension ArpaReader {
  /// A fault about a word of the current line that the unigrams do not list.
  func missingWord(_ place: Int) -> Fault {
    fault("the word \"\(String(decoding: word(place), as: UTF8.self))\" is not among the 1-grams")
  }
}

/// A file that is filled as memory, and appears whole or not at all.
final class PagedFile {
  let pages: WritablePages
  private let path: String
  private let temporary: String
  private let descriptor: CInt
  private var isCommitted = false

  init(path: String, count: Int) throws(Fault) {
    self.path = path
    temporary = temporaryName(for: path)
    descriptor = unsafe open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system("create", path) }
    do throws(Fault) {
      pages = try WritablePages(descriptor: descriptor, count: count, path: path)
    } catch {
      close(descriptor)
      unsafe _ = unlink(temporary)
      throw error
    }
  }

  deinit {
    close(descriptor)
    if !isCommitted { unsafe _ = unlink(temporary) }
  }

  func commit() throws(Fault) {
    guard fsync(descriptor) == 0 else { throw .system("sync", path) }
    try publish(temporary, as: path)
    isCommitted = true
  }
}
