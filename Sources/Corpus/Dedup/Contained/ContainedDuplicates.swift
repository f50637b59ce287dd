import Ground

/// Finds books whose shingles lie in another book above the threshold.
///
/// In the order of survival (smallest priority, then longest, then smallest id) each book is
/// compared with the candidates before it, exactly, on all shingles. The first that it overlaps
/// with decides: the book is a duplicate of that one, or of what that one is a duplicate of.
/// Memory: the budget and about 100 bytes a book; shingles are read through the page cache.
///
/// - Parameters:
///   - files: What `ShingleWriter` wrote, in any order.
///   - settings: Those of the shingles.
///   - path: Receives a `DuplicateFile`; `similarity` is the overlap with the book that decided.
///   - space: Where and how large to sort.
/// - Throws: `Fault` where a file holds no such shingles, or cannot be read or written.
/// - Returns: How many duplicates there are.
@discardableResult
public func resolveContained(
  _ files: [String], _ settings: Containment = Containment(), to path: String, in space: SortSpace
) throws -> Int {
  let space = space.divided(by: 3)
  let books = try ShingleFiles(files, settings)
  var sampled = SortedRuns<Pair>(in: space)
  for (number, book) in books.list.enumerated() {
    for index in 0..<book.count {
      let hash = books.shingle(index, of: book)
      if hash % settings.sampling == 0 {
        try sampled.add(Pair(first: hash, second: UInt64(number)))
      }
    }
  }
  var duplicates = DuplicateSorter(in: space)
  var survivors = Array(books.list.indices)
  var decided = -1
  try forEachCandidate(sampled, settings.crowd, in: space) { later, earlier, shared in
    if later == decided { return }
    let (book, other) = (books.list[later], books.list[earlier])
    let least = Double(min(book.sampled, other.sampled))
    // Half of the threshold leaves room for the error of the sample and for crowds.
    guard Double(shared) >= settings.threshold / 2 * least else { return }
    let overlap = books.overlap(book, other)
    guard overlap > settings.threshold else { return }
    decided = later
    survivors[later] = survivors[earlier]
    let survivor = books.list[survivors[earlier]]
    if survivor.rank.id == book.rank.id { return }
    try duplicates.add(
      Duplicate(
        id: book.rank.id, duplicateOf: survivor.rank.id, similarity: overlap, kind: .contained))
  }
  return try duplicates.write(to: path)
}

/// Hands over all pairs of books that share sampled shingles, and how many: ascending by the later
/// book, then by the earlier one.
private func forEachCandidate(
  _ sampled: consuming SortedRuns<Pair>, _ crowd: Int, in space: SortSpace,
  _ accept: (_ later: Int, _ earlier: Int, _ shared: Int) throws -> Void
) throws {
  var pairs = SortedRuns<Pair>(in: space)
  var (hash, holders): (UInt64?, [UInt64]) = (nil, [])
  try sampled.forEach { sample in
    if sample.first != hash {
      hash = sample.first
      holders.removeAll(keepingCapacity: true)
    }
    for earlier in holders { try pairs.add(Pair(first: sample.second, second: earlier)) }
    if holders.count < crowd { holders.append(sample.second) }
  }
  var (last, shared): (Pair?, Int) = (nil, 0)
  try pairs.forEach { pair in
    if pair == last {
      shared += 1
      return
    }
    if let last { try accept(Int(last.first), Int(last.second), shared) }
    (last, shared) = (pair, 1)
  }
  if let last { try accept(Int(last.first), Int(last.second), shared) }
}

/// Two numbers, ordered by the first.
private struct Pair: FixedRecord {
  var first, second: UInt64

  static func < (left: Self, right: Self) -> Bool {
    (left.first, left.second) < (right.first, right.second)
  }
}

/// Shingle files seen as one list of books in the order of survival.
private struct ShingleFiles {
  struct Book {
    var rank: Rank
    var length: UInt64
    var file: Int
    /// Where the shingles begin, bytes.
    var start: Int
    var count: Int
    var sampled = 0
  }

  private let files: [RecordFile]
  private(set) var list: [Book] = []

  init(_ paths: [String], _ settings: Containment) throws(Fault) {
    var files: [RecordFile] = []
    for path in paths {
      let file = try RecordFile(path: path, .shingles, setting: settings.digest, recordSize: 8)
      var offset = 0
      while offset < file.count {
        let left = (file.count - offset) / 8
        guard left >= 5 else {
          throw Fault(path, at: UInt64(offset), .truncated(expected: 40, found: 8 * left))
        }
        func word(_ index: Int) -> UInt64 { file.load(offset + 8 * index, as: UInt64.self) }
        guard let count = Int(exactly: word(4)), count <= left - 5 else {
          throw Fault(path, at: UInt64(offset), .malformed("a book longer than its file"))
        }
        list.append(
          Book(
            rank: Rank(priority: word(2), id: Hash128(high: word(0), low: word(1))),
            length: word(3), file: files.count, start: offset + 40, count: count))
        offset += 8 * (5 + count)
      }
      files.append(file)
    }
    self.files = files
    list.sort { left, right in
      (left.rank.priority, right.length, left.rank.id)
        < (right.rank.priority, left.length, right.rank.id)
    }
    for number in list.indices {
      let book = list[number]
      var sampled = 0
      for index in 0..<book.count where shingle(index, of: book) % settings.sampling == 0 {
        sampled += 1
      }
      list[number].sampled = sampled
    }
  }

  func shingle(_ index: Int, of book: Book) -> UInt64 {
    files[book.file].load(book.start + 8 * index, as: UInt64.self)
  }

  /// |A ∩ B| / min(|A|, |B|).
  func overlap(_ left: Book, _ right: Book) -> Double {
    let least = min(left.count, right.count)
    guard least > 0 else { return 0 }
    var (i, j, shared) = (0, 0, 0)
    while i < left.count && j < right.count {
      let (a, b) = (shingle(i, of: left), shingle(j, of: right))
      if a == b { shared += 1 }
      i += a <= b ? 1 : 0
      j += b <= a ? 1 : 0
    }
    return Double(shared) / Double(least)
  }
}
