import CTextModels
import Ground

/// Finds the rows of a text and adds them up, in the program's order.
///
/// The order is that of the tokens: of each its own row, then those of its character n-grams by
/// where they begin and then by length; the rows of word n-grams come behind all of them. Sums are
/// floats, added one row after another; that the same tokens come again does not change this.
@unsafe struct FastTextRows {
  private let model: FastTextModel
  private let file: UnsafeRawBufferPointer
  private let base: UnsafeRawPointer
  private let words: UInt32
  private let hasWordGrams: Bool
  private let pruning: FastTextPruning.Lookup?
  private let columns: Int
  private let matrix: UnsafeRawPointer
  /// Rows that were found, and not yet added.
  private var pending = 0
  /// All rows found, and tokens whose hashes are kept.
  private(set) var count = 0
  private var hashCount = 0

  init(_ model: FastTextModel, _ file: UnsafeRawBufferPointer) {
    unsafe self.model = model
    unsafe self.file = unsafe file
    unsafe base = file.baseAddress.unsafelyUnwrapped
    unsafe words = UInt32(model.vocabulary.words)
    unsafe hasWordGrams = model.grams.words > 1
    unsafe pruning = model.pruning?.lookup(in: file)
    unsafe columns = model.input.columns
    unsafe matrix = base + model.input.floats
  }

  /// Adds the rows of a line to `scratch.hidden`, which is zero, up to the token that ends it.
  mutating func add(_ text: UnsafeBufferPointer<UInt8>, _ scratch: inout FastTextScratch) {
    if let start = text.baseAddress {
      var from = 0
      var isEnded = false
      while !isEnded {
        let found = unsafe quipu_fasttext_tokens(
          scratch.level, start, text.count, &from, scratch.starts.start, scratch.ends.start,
          FastTextScratch.batch)
        if found == 0 { break }
        unsafe isEnded = tokens(found, start, text.count, &scratch)
      }
    }
    if unsafe model.endOfLineRow >= 0 {
      unsafe append(UInt32(model.endOfLineRow), &scratch)
    }
    if unsafe hasWordGrams {
      unsafe keep(FastTextTokens.endOfLineHash, &scratch)
      unsafe addWordGrams(&scratch)
    }
    unsafe flush(&scratch)
  }

  /// Looks at the tokens of a batch; true where one of them ends the line.
  private mutating func tokens(
    _ found: Int, _ text: UnsafePointer<UInt8>, _ count: Int, _ scratch: inout FastTextScratch
  ) -> Bool {
    unsafe locate(found, text, count, &scratch)
    for token in 0..<found {
      let start = scratch.starts[token]
      let bytes = unsafe UnsafeBufferPointer(
        start: text + start, count: scratch.ends[token] &- start)
      let meaning: FastTextTokenCache.Meaning
      if bytes.count <= FastTextTokenCache.tokenLimit {
        let place = unsafe scratch.cache.place(scratch.places[token])
        if unsafe quipu_fasttext_key_equals(&place.pointee.key, scratch.keys.start + token) != 0 {
          unsafe meaning = recall(place, &scratch)
        } else {
          unsafe meaning = remember(scratch.keys[token], bytes, place, &scratch)
        }
      } else {
        unsafe meaning = find(bytes, FastTextHashing.hash(bytes), &scratch)
      }
      if meaning == .endOfLine { return true }
    }
    return false
  }

  /// Asks for the memory that the tokens of a batch need, step by step and for all of them, so that
  /// none is waited for alone: places in the cache, for unknown tokens slots in the vocabulary, and
  /// the words there.
  @inline(__always)
  private func locate(
    _ found: Int, _ text: UnsafePointer<UInt8>, _ count: Int, _ scratch: inout FastTextScratch
  ) {
    for token in 0..<found {
      let (start, end) = (scratch.starts[token], scratch.ends[token])
      guard end &- start <= FastTextTokenCache.tokenLimit else { continue }
      scratch.keys[token] = unsafe quipu_fasttext_key_of(text, start, end, count)
      let number = unsafe scratch.cache.number(of: scratch.keys.start + token)
      scratch.places[token] = number
      unsafe quipu_fasttext_prefetch(scratch.cache.place(number))
    }
    let vocabulary = unsafe model.vocabulary
    var unknown = 0
    for token in 0..<found {
      let start = scratch.starts[token]
      let length = scratch.ends[token] &- start
      guard length <= FastTextTokenCache.tokenLimit else { continue }
      let place = unsafe scratch.cache.place(scratch.places[token])
      if unsafe quipu_fasttext_key_equals(&place.pointee.key, scratch.keys.start + token) != 0 {
        continue
      }
      let hash = unsafe quipu_fasttext_hash(text + start, length)
      scratch.batchHashes[unknown] = hash
      unknown &+= 1
      vocabulary.prefetch(hash)
    }
    for token in 0..<unknown {
      unsafe vocabulary.prefetchBytes(scratch.batchHashes[token], in: file)
    }
  }

  /// Takes a token's rows from its place in the cache.
  @inline(__always)
  private mutating func recall(
    _ place: UnsafeMutablePointer<FastTextTokenCache.Head>, _ scratch: inout FastTextScratch
  ) -> FastTextTokenCache.Meaning {
    let head = unsafe place.pointee
    guard head.meaning == 0 else {
      return FastTextTokenCache.Meaning(rawValue: head.meaning) ?? .rows
    }
    unsafe makeRoom(&scratch)
    let target = unsafe scratch.rows.start + pending
    let rows = unsafe FastTextTokenCache.rows(of: place)
    unsafe quipu_fasttext_copy_rows(target, rows, Int(head.count))
    unsafe pending &+= Int(head.count)
    unsafe keep(head.hash, &scratch)
    return .rows
  }

  /// Finds a token's rows and puts them in its place in the cache, if there are not too many.
  private mutating func remember(
    _ key: quipu_fasttext_key, _ token: UnsafeBufferPointer<UInt8>,
    _ place: UnsafeMutablePointer<FastTextTokenCache.Head>, _ scratch: inout FastTextScratch
  ) -> FastTextTokenCache.Meaning {
    unsafe makeRoom(&scratch)
    let before = unsafe (pending: pending, count: count)
    let hash = unsafe FastTextHashing.hash(token)
    let meaning = unsafe find(token, hash, &scratch)
    let found = unsafe count + pending - before.count - before.pending
    // Where rows were added in between, not all are there any more.
    guard found <= scratch.cache.rowLimit, unsafe count == before.count else { return meaning }
    let rows = unsafe scratch.rows.start + before.pending
    unsafe FastTextTokenCache.rows(of: place).update(from: rows, count: found)
    unsafe place.pointee = FastTextTokenCache.Head(
      key: key, hash: hash, count: UInt16(found), meaning: meaning.rawValue)
    return meaning
  }

  /// Finds a token's rows, and says what it is.
  private mutating func find(
    _ token: UnsafeBufferPointer<UInt8>, _ hash: UInt32, _ scratch: inout FastTextScratch
  ) -> FastTextTokenCache.Meaning {
    if unsafe FastTextTokens.isEndOfLine(token) { return .endOfLine }
    let entry = unsafe model.vocabulary.entry(of: token, hash, in: file)
    if unsafe entry >= Int(words) || (entry < 0 && FastTextTokens.isLabel(token)) { return .label }
    unsafe keep(hash, &scratch)
    if entry >= 0 { unsafe append(UInt32(entry), &scratch) }
    guard unsafe model.grams.longest > 0 else { return .rows }
    scratch.numbers.reserve(unsafe model.grams.longest)
    let room = unsafe UnsafeMutableBufferPointer(
      start: scratch.numbers.start, count: scratch.numbers.capacity)
    unsafe model.grams.forEachSubwords(of: token, in: room) { numbers in
      for index in numbers.indices { unsafe appendGram(numbers[index], &scratch) }
    }
    return .rows
  }

  private mutating func addWordGrams(_ scratch: inout FastTextScratch) {
    let hashes = unsafe UnsafeBufferPointer(start: scratch.hashes.start, count: hashCount)
    unsafe model.grams.forEachWordGram(hashes) { unsafe appendGram($0, &scratch) }
  }

  @inline(__always)
  private mutating func keep(_ hash: UInt32, _ scratch: inout FastTextScratch) {
    guard unsafe hasWordGrams else { return }
    unsafe scratch.hashes.reserve(hashCount + 1, keeping: hashCount)
    unsafe scratch.hashes[hashCount] = hash
    unsafe hashCount += 1
  }

  /// Takes the row of an n-gram, unless a pruned model has not kept it.
  @inline(__always)
  private mutating func appendGram(_ number: UInt32, _ scratch: inout FastTextScratch) {
    guard let pruning = unsafe pruning else { return unsafe append(words &+ number, &scratch) }
    if let row = unsafe pruning.row(of: number) { unsafe append(words &+ row, &scratch) }
  }

  @inline(__always)
  private mutating func append(_ row: UInt32, _ scratch: inout FastTextScratch) {
    if unsafe pending == FastTextScratch.rowLimit { unsafe flush(&scratch) }
    unsafe scratch.rows[pending] = row
    unsafe pending &+= 1
  }

  /// Sees to it that the rows of a token that the cache may have can be taken at once.
  @inline(__always)
  private mutating func makeRoom(_ scratch: inout FastTextScratch) {
    if unsafe pending > FastTextScratch.rowLimit - 64 { unsafe flush(&scratch) }
  }

  /// Adds the rows that were found.
  private mutating func flush(_ scratch: inout FastTextScratch) {
    let input = unsafe model.input
    if var quantised = unsafe input.quantised(in: file) {
      unsafe quipu_fasttext_add_quantised_rows(
        scratch.level, scratch.hidden.start, &quantised, scratch.rows.start, pending)
    } else {
      unsafe quipu_fasttext_add_rows(
        scratch.level, scratch.hidden.start, columns, matrix, scratch.rows.start,
        pending)
    }
    unsafe count += pending
    unsafe pending = 0
  }
}
