/// Replaces links by their labels: `[[target|label]]` and `[http://… label]`.
///
/// Media go with their captions, categories and other languages without a trace, and so does a link
/// to the web that has no label. Brackets without a partner go, their content stays, but a media link
/// without an end goes to the end of its line.
func withoutLinks(_ text: [UInt8], _ namespaces: Namespaces) -> [UInt8] {
  var links = Links(namespaces: namespaces, roomFor: text.count)
  links.read(text)
  return removing(links.removals, from: links.output)
}

private struct Links {
  let namespaces: Namespaces
  var output: [UInt8] = []
  /// What unfinished media links leave in the output; no link is open around them any more.
  var removals: [Range<Int>] = []
  private var open: [Open] = []
  /// Links within more than `deepest` others: they are not looked into.
  private var ignored = 0

  private static let deepest = 12

  /// A link whose end has not come yet; its text so far is the output from `start`.
  private struct Open {
    enum Kind { case article, media, web }
    var kind: Kind
    var start: Int
    /// Where the label begins; in an article's link behind the first bar.
    var label: Int?
    /// The end of the line it stands in.
    var lineEnd: Int?
  }

  init(namespaces: Namespaces, roomFor count: Int) {
    self.namespaces = namespaces
    output.reserveCapacity(count)
  }

  mutating func read(_ text: [UInt8]) {
    var index = 0
    while index < text.count {
      let next = marks.firstIndex(in: text, from: index)
      output += text[index..<next]
      index = next
      guard index < text.count else { break }
      switch text[index] {
      case UInt8(ascii: "["): index = begin(text, at: index)
      case UInt8(ascii: "]"): index = end(text, at: index)
      case UInt8(ascii: "|"):
        bar()
        index += 1
      default:
        lineEnds(before: text, at: index + 1)
        output.append(text[index])
        index += 1
      }
    }
    giveUp()
  }

  private mutating func begin(_ text: [UInt8], at index: Int) -> Int {
    if text.has("[[", at: index), !text.has("[[[", at: index) {
      if open.count < Self.deepest {
        open.append(Open(kind: .article, start: output.count))
      } else {
        ignored += 1
      }
      return index + 2
    }
    guard open.count < Self.deepest, open.last?.kind != .web,
      let length = protocolLength(text, at: index + 1)
    else {
      output.append(text[index])
      return index + 1
    }
    let start = output.count
    var end = index + 1 + length
    while end < text.count, !urlEnd.contains(text[end]), !text.has("''", at: end) { end += 1 }
    output += text[index + 1..<end]
    while end < text.count, text[end] == 0x20 || text[end] == 0x09 {
      output.append(text[end])
      end += 1
    }
    open.append(Open(kind: .web, start: start, label: output.count))
    return end
  }

  private mutating func end(_ text: [UInt8], at index: Int) -> Int {
    if let link = open.last, link.kind == .web {
      open.removeLast()
      let label = link.label ?? link.start
      if label == output.count { output.truncate(to: link.start) }
      if label < output.count { output.removeSubrange(link.start..<label) }
      return index + 1
    }
    guard text.has("]]", at: index) else {
      output.append(text[index])
      return index + 1
    }
    if ignored > 0 {
      ignored -= 1
    } else if let link = open.popLast() {
      close(link)
    }
    return index + 2
  }

  private mutating func bar() {
    guard ignored == 0, let last = open.indices.last, open[last].kind == .article,
      open[last].label == nil
    else {
      if open.last?.kind != .media || ignored > 0 { output.append(UInt8(ascii: "|")) }
      return
    }
    output.append(UInt8(ascii: "|"))
    open[last].label = output.count
    if namespaces.kind(of: output[open[last].start..<output.count - 1]) == .media {
      open[last].kind = .media
    }
  }

  private mutating func close(_ link: Open) {
    let targetEnd = link.label.map { $0 - 1 } ?? output.count
    // A copy: a slice that is still held would make every change copy the whole output.
    let target = Array(output[link.start..<targetEnd])
    let kind = link.kind == .media ? .media : namespaces.kind(of: target[...])
    switch kind {
    case .media, .category: return output.truncate(to: link.start)
    case .language where link.label == nil: return output.truncate(to: link.start)
    case .language, nil: break
    }
    if let label = link.label, output[label...].contains(where: { $0 > 0x20 }) {
      output.removeSubrange(link.start..<label)
      return
    }
    if protocolLength(output, at: link.start) != nil {
      // `[[http://… label]]` is written by mistake for single brackets.
      let label = target.drop { $0 > 0x20 }.drop { $0 <= 0x20 }
      output.replaceSubrange(link.start..., with: Array(label))
      return
    }
    let shown = link.label == nil ? target[...] : nameAlone(target[...])
    let hidden = shown.first == UInt8(ascii: ":") || shown.first == UInt8(ascii: "#") ? 1 : 0
    output.replaceSubrange(link.start..., with: Array(shown.dropFirst(hidden)))
  }

  /// `Mercury` of `Planet:Mercury (planet)`: what a link with an empty label is short for.
  private func nameAlone(_ target: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var name = target
    if let colon = name.firstIndex(of: UInt8(ascii: ":")) { name = name[(colon + 1)...] }
    if name.last == UInt8(ascii: ")"), let open = name.lastIndex(of: UInt8(ascii: "(")) {
      name = name[..<open]
    }
    while name.last == 0x20 { name.removeLast() }
    return name
  }

  private mutating func lineEnds(before text: [UInt8], at next: Int) {
    if open.isEmpty { return }
    if let link = open.last, link.kind == .web {
      // A label ends with its line: this was no link.
      open.removeLast()
      output.insert(UInt8(ascii: "["), at: link.start)
    }
    let isBlank = next < text.count && text[next] == 0x0a
    let isHeading = next < text.count && text[next] == UInt8(ascii: "=")
    if isHeading { return giveUp() }
    if isBlank {
      ignored = 0
      while let last = open.last, last.kind != .media { open.removeLast() }
    }
    for index in open.indices where open[index].lineEnd == nil {
      open[index].lineEnd = output.count
    }
  }

  /// No link that is open ends any more.
  private mutating func giveUp() {
    for link in open where link.kind == .media {
      removals.append(link.start..<(link.lineEnd ?? output.count))
    }
    open.removeAll()
    ignored = 0
  }
}

private let marks = ByteSet("[]|\n")
private let urlEnd = ByteSet(" \t\n[]<>\"|", and: [softBreak, Stash.begin])

/// The length of the protocol at `index`; nil where there is none.
///
/// - SeeAlso: mediawiki/core `includes/MainConfigSchema.php`, `UrlProtocols`.
private func protocolLength(_ text: [UInt8], at index: Int) -> Int? {
  guard index < text.count else { return nil }
  if text.has("//", at: index) { return 2 }
  let letters = text[index..<min(index + 12, text.count)].prefix {
    $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a
  }
  guard letters.count >= 2, text.has(":", at: letters.endIndex) else { return nil }
  let name = String(decoding: letters.map { $0 | 0x20 }, as: UTF8.self)
  if ["mailto", "news", "tel", "urn", "geo", "magnet", "sms"].contains(name) {
    return letters.count + 1
  }
  guard text.has("://", at: letters.endIndex), protocols.contains(name) else { return nil }
  return letters.count + 3
}

private let protocols: Set<String> = [
  "http", "https", "ftp", "ftps", "sftp", "git", "gopher", "irc", "ircs", "mms", "nntp", "redis",
  "ssh", "svn", "telnet", "worldwind", "xmpp",
]
