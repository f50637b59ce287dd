/// Where a source's raw files lie: a path, a glob, or an `https://` or `s3://` address.
///
/// In a glob `?` stands for one character and `*` for any number, both within one part of the path;
/// `**` stands for any number of parts.
public struct InputPattern: Sendable, Equatable {
  public var text: String
  public var line: Int

  public init(_ text: String, line: Int) {
    self.text = text
    self.line = line
  }

  /// Compares what the patterns say, not where they stand.
  public static func == (left: Self, right: Self) -> Bool { left.text == right.text }

  /// True for addresses on other machines.
  public var isRemote: Bool { text.contains("://") }

  /// The folder part before the first `*` or `?`, which a search can start from; empty for none.
  public var root: String {
    var parts: [Substring] = []
    for part in text.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
      if part.contains(where: { $0 == "*" || $0 == "?" }) { break }
      parts.append(part)
    }
    return parts.joined(separator: "/")
  }

  /// True where the pattern means `path`.
  ///
  /// - Complexity: O(pattern · path).
  public func matches(_ path: String) -> Bool {
    let pattern = text.split(separator: "/", omittingEmptySubsequences: false).map {
      Array($0.utf8)
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map { Array($0.utf8) }
    return wildcard(
      pattern, parts, isAny: { $0 == [0x2a, 0x2a] },
      equal: { wildcard($0, $1, isAny: { $0 == 0x2a }, equal: { $0 == $1 || $0 == 0x3f }) })
  }
}

/// Matches a list against a pattern some of whose elements stand for any number of elements.
private func wildcard<Element>(
  _ pattern: [Element], _ list: [Element], isAny: (Element) -> Bool,
  equal: (Element, Element) -> Bool
) -> Bool {
  var (at, place) = (0, 0)
  var retry: (at: Int, place: Int)?
  while place < list.count {
    if at < pattern.count, isAny(pattern[at]) {
      retry = (at, place)
      at += 1
    } else if at < pattern.count, equal(pattern[at], list[place]) {
      (at, place) = (at + 1, place + 1)
    } else if let last = retry {
      // The last wildcard takes one element more.
      retry = (last.at, last.place + 1)
      (at, place) = (last.at + 1, last.place + 1)
    } else {
      return false
    }
  }
  return pattern[at...].allSatisfy(isAny)
}
