/// One piece of an HTML text, by its place in it.
package enum HTMLToken {
  /// Characters in which references such as `&amp;` still stand.
  case text(Range<Int>)
  case start(HTMLTag)
  case end(HTMLTag)
  /// What stands between the marks of a comment.
  case comment(Range<Int>)
  case doctype(Range<Int>)
}

/// A start or end tag.
package struct HTMLTag {
  /// As written; upper case is not yet folded.
  package var name: Range<Int>
  /// The lower-case bytes of a name up to 16 bytes long, the first one highest; 0 for longer ones.
  var key: UInt128
  /// From behind the name to behind the `>`.
  var attributes: Range<Int>
  package var isSelfClosing = false
  /// True where an attribute as long as `hidden` or `style` was seen: worth a closer look.
  var mayHide = false
}

/// Cuts HTML into tokens by the rules of the standard, one pass, no tree.
///
/// The states of the standard's section 13.2.5 are positions in these functions. What a tree
/// builder would tell the tokenizer, its caller does: after the start tag of an element such as
/// `script`, it asks for `rawText`. CDATA sections are comments here, as everywhere outside of SVG
/// and MathML.
///
/// - Complexity: O(n) for a whole text.
package struct HTMLTokenizer {
  let bytes: [UInt8]
  package internal(set) var position = 0

  /// - Parameter bytes: UTF-8, or anything else in which ASCII is ASCII.
  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next token; nil at the end.
  ///
  /// A tag that the end of the text cuts off is none.
  package mutating func next() -> HTMLToken? {
    while position < bytes.count {
      let begin = position
      var index = begin
      while index < bytes.count && !(bytes[index] == 0x3c && beginsMarkup(index + 1)) { index += 1 }
      position = index
      if index > begin { return .text(begin..<index) }
      if let token = markup() { return token }
    }
    return nil
  }

  /// True where a `<` before `index` begins a tag or a comment, and is no text.
  private func beginsMarkup(_ index: Int) -> Bool {
    guard index < bytes.count else { return false }
    let byte = bytes[index]
    return isLetter(byte) || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?")
      || (byte == UInt8(ascii: "/") && index + 1 < bytes.count)
  }

  /// Reads what the `<` at `position` begins; nil where that makes no token.
  private mutating func markup() -> HTMLToken? {
    let index = position + 1
    switch bytes[index] {
    case UInt8(ascii: "!"): return declaration()
    case UInt8(ascii: "?"): return bogusComment(from: index)
    case UInt8(ascii: "/"):
      if isLetter(bytes[index + 1]) { return tag(from: index + 1).map { .end($0) } }
      if bytes[index + 1] != UInt8(ascii: ">") { return bogusComment(from: index + 1) }
      position = index + 2
      return nil
    default: return tag(from: index).map { .start($0) }
    }
  }

  private mutating func tag(from begin: Int) -> HTMLTag? {
    var index = begin
    var key: UInt128 = 0
    while index < bytes.count {
      let byte = bytes[index]
      if isSpace(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ">") { break }
      key = key << 8 | UInt128(folded(byte))
      index += 1
    }
    let name = begin..<index
    if name.count > 16 { key = 0 }
    var tag = HTMLTag(name: name, key: key, attributes: index..<index)
    var cursor = HTMLAttributes(bytes: bytes, position: index)
    while let attribute = cursor.next() {
      let first = folded(bytes[attribute.name.lowerBound])
      if attribute.name.count == 6 && first == UInt8(ascii: "h")
        || attribute.name.count == 5 && first == UInt8(ascii: "s")
      {
        tag.mayHide = true
      }
    }
    position = cursor.position
    guard cursor.isClosed else { return nil }
    tag.attributes = index..<position
    tag.isSelfClosing = cursor.isSelfClosing
    return tag
  }
}

func isSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x0a || byte == 0x09 || byte == 0x0c || byte == 0x0d
}

func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

func isLetterOrDigit(_ byte: UInt8) -> Bool { isLetter(byte) || byte &- 0x30 < 10 }

/// ASCII upper case as lower case.
func folded(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
