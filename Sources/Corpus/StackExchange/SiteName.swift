import Ground

/// What the names of the dumps' files say.
enum SiteName {
  /// True for `Posts.xml`, packed or not, and for archives that hold it.
  static func isPosts(_ path: String) -> Bool {
    let name = withoutPacking(fileName(of: path))
    if name == "Posts.xml" || name.hasSuffix("-Posts.xml") { return true }
    guard name.hasSuffix(".7z") else { return false }
    // Stack Overflow comes as one archive a table: `stackoverflow.com-Posts.7z`, `…-Votes.7z`.
    let stem = name.dropLast(3)
    return stem.hasSuffix("-Posts") || !stem.contains("-") && stem.contains(".")
  }

  /// The site's host, such as `math.stackexchange.com`, by the file's name or its folder's.
  static func site(of path: String) -> String? {
    var name = withoutPacking(fileName(of: path))
    if name == "Posts.xml" {
      guard path.contains("/") else { return nil }
      return fileName(of: folder(of: path))
    }
    for ending in [".7z", ".xml", "-Posts"] where name.hasSuffix(ending) {
      name.removeLast(ending.count)
    }
    return name
  }

  private static func withoutPacking(_ name: String) -> String {
    for ending in [".gz", ".bz2", ".zst"] where name.hasSuffix(ending) {
      return String(name.dropLast(ending.count))
    }
    return name
  }
}
