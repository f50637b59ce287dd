internal import Ground

/// Writes `books/`: texts like Project Gutenberg's, and an archive like Books3.
func writeBooks(_ sample: inout SampleFolder, _ bytes: Int) throws(Fault) {
  var dice = sample.dice("books")
  // Twenty books or more; on the way to large samples books grow first, then there are more.
  let mean = max(2500, min(200_000, bytes / 24))
  let count = max(20, bytes / mean - 4)
  var gutenberg: [GutenbergText] = []
  for index in 0..<count * 3 / 5 {
    let isForeign = index % 6 == 5
    let era: GutenbergText.Era = [.modern, .generated, .old][index % 3]
    // Latin-1 has no Cyrillic letters.
    let foreign = Language.foreign.filter { era != .old || $0.code != "ru" }
    let book = BookText(
      isForeign ? dice.pick(foreign) : .english, bytes: size(mean, &dice), &dice)
    gutenberg.append(GutenbergText(book: book, number: 20_000 + index * 7, era: era))
  }
  for book in gutenberg { try add(book.bytes, "books/\(book.fileName)", &sample) }
  try writeCopies(of: gutenberg, &sample)
  try writeArchive(of: gutenberg, count - gutenberg.count, mean, &dice, &sample)
}

private func size(_ mean: Int, _ dice: inout Dice) -> Int { mean * dice.between(50, 170) / 100 }

private func add(
  _ bytes: [UInt8], _ input: String, _ sample: inout SampleFolder, reason: String? = nil,
  twin: String? = nil
) throws(Fault) {
  try sample.write(bytes, to: input)
  sample.summary.rawBytes += bytes.count
  sample.add(
    Label(
      input: input, record: input, source: "books", expect: twin == nil ? .keep : .drop,
      reason: reason, twin: twin))
}

/// The same book in the dress of another era, and one with a new last chapter.
private func writeCopies(
  of books: [GutenbergText], _ sample: inout SampleFolder
) throws(Fault) {
  var copy = books[0]
  copy.number = 29_001
  copy.era = .generated
  try add(
    copy.bytes, "books/\(copy.fileName)", &sample, reason: "contained",
    twin: "books/\(books[0].fileName)")
}

/// An archive of texts without Gutenberg's frame; one is an omnibus that holds other books.
private func writeArchive(
  of gutenberg: [GutenbergText], _ count: Int, _ mean: Int, _ dice: inout Dice,
  _ sample: inout SampleFolder
) throws(Fault) {
  let input = "books/books3.tar.gz"
  let archive = try ArchiveWriter(.tar, modified: 1_603_670_400)
  var members: [(name: String, bytes: [UInt8], reason: String?, twin: String?)] = []
  var inner: BookText?
  for index in 0..<count - 1 {
    let book = BookText(.english, bytes: size(mean, &dice), &dice)
    if index == 1 { inner = book }
    members.append((name(book.title, index), book.unwrapped, nil, nil))
  }
  // The omnibus has all of one book, and another one as long; so the inner book is contained in it.
  var omnibus = BookText(.english, bytes: mean, &dice)
  if let inner {
    omnibus.chapters = inner.chapters + omnibus.chapters
    let omnibusName = name(omnibus.title, count)
    members.append((omnibusName, omnibus.unwrapped, nil, nil))
    (members[1].reason, members[1].twin) = ("contained", omnibusName)
  }
  for member in members {
    try archive.add(member.name, member.bytes)
    sample.summary.rawBytes += member.bytes.count
    sample.add(
      Label(
        input: input, record: member.name, source: "books",
        expect: member.twin == nil ? .keep : .drop, reason: member.reason, twin: member.twin))
  }
  try sample.write(gzipMember(of: try archive.finish()), to: input)
}

private func name(_ title: [UInt8], _ index: Int) -> String {
  "books3/the-eye.example/\(index) - \(title.string.replacing("/", with: "-")).epub.txt"
}
