import Ground

/// What the path of a text says about it.
struct BookName {
  private let stem: String
  private let base: String

  init(_ path: String) {
    let name = fileName(of: path)
    base = name
    stem = name.utf8.firstIndex(of: 0x2e).map { String(name[..<$0]) } ?? name
  }

  /// The Gutenberg number in names such as `pg11.txt`, `11-0.txt`, `11-8.txt` and PG-19's `11.txt`;
  /// nil for others, such as `alice30.txt`.
  var number: Int? {
    var name = stem[...]
    if name.hasPrefix("pg") { name = name.dropFirst(2) }
    for variant in ["-0", "-8", "-h"] where name.hasSuffix(variant) { name = name.dropLast(2) }
    let isNumber = !name.isEmpty && name.utf8.allSatisfy { (0x30...0x39).contains($0) }
    return isNumber ? Int(name) : nil
  }

  /// The title in the name: the part before the first dot, as RedPajama takes it for Books3
  /// (`data_prep/book`); nil where that is only a number or an old eight-letter name.
  var title: String? {
    number == nil && base.hasSuffix(".epub.txt") && !stem.isEmpty ? stem : nil
  }

  /// True for lists of the collection, which are no books.
  var isIndex: Bool {
    let name = stem.lowercased()
    return ["readme", "index", "robots", "donate", "donate-howto", "new", "ls-r"].contains(name)
      || name.hasPrefix("gutindex")
  }

  var isLicence: Bool { ["license", "licence", "copying"].contains(stem.lowercased()) }
}
