/// What an element means for the text of a page.
enum HTMLElement: UInt8 {
  /// Part of the line: `a`, `b`, `span`, and all that is unknown.
  case inline
  /// Begins and ends a line.
  case block
  /// The same, with a gap above and below.
  case paragraph
  /// A list: a gap where it is not inside another.
  case list
  case item
  case row
  case cell
  case preformatted
  case lineBreak
  /// A line of its own without content: `hr`.
  case rule
  /// A control, such as a button, that stands apart from its neighbours.
  case control
  /// Has no end tag and says nothing.
  case void
  /// Tags inside are text, which nobody sees.
  case rawText
  case title
  /// What it holds is not seen, or is no part of the text.
  case unseen
  case root
  case body

  /// Elements by `HTMLTag.key`.
  struct Table: Sendable {
    private var keys = [UInt128](repeating: 0, count: 512)
    private var elements = [HTMLElement](repeating: .inline, count: 512)

    fileprivate init(_ names: [(HTMLElement, String)]) {
      for (element, list) in names {
        for name in list.split(separator: " ") {
          let key = name.utf8.reduce(into: UInt128(0)) { key, byte in key = key << 8 | UInt128(byte)
          }
          var slot = Self.slot(key)
          while keys[slot] != 0 { slot = (slot + 1) & 511 }
          keys[slot] = key
          elements[slot] = element
        }
      }
    }

    private static func slot(_ key: UInt128) -> Int {
      let folded = UInt64(truncatingIfNeeded: key) ^ UInt64(truncatingIfNeeded: key >> 64) &* 31
      return Int(truncatingIfNeeded: (folded &* 0x9e37_79b9_7f4a_7c15) >> 55)
    }

    func element(_ key: UInt128) -> HTMLElement {
      var slot = Self.slot(key)
      while keys[slot] != key {
        if keys[slot] == 0 { return .inline }
        slot = (slot + 1) & 511
      }
      return key == 0 ? .inline : elements[slot]
    }
  }

  /// After the standard's rendering section, 15.3, except where a comment says otherwise.
  static let table = Table([
    (
      .block,
      """
      address article aside center dd details dialog div dt fieldset figcaption figure footer form \
      frameset header hgroup legend main menuitem nav search section summary table tbody thead \
      tfoot caption optgroup option frame
      """
    ),
    (.paragraph, "p h1 h2 h3 h4 h5 h6 blockquote"),
    (.list, "ul ol dl dir menu"),
    (.item, "li"),
    (.row, "tr"),
    (.cell, "td th"),
    (.preformatted, "pre listing xmp plaintext"),
    (.lineBreak, "br"),
    (.rule, "hr"),
    (.control, "button label meter output progress"),
    (
      .void,
      "area base basefont bgsound col embed img input keygen link meta param source track wbr"
    ),
    (.rawText, "script style noscript iframe noembed noframes textarea"),
    (.title, "title"),
    // A browser shows one option of a `select`, and what stands in `audio` only if it cannot play.
    // An `annotation` repeats its formula in TeX.
    (.unseen, "template svg select datalist audio video canvas annotation annotation-xml rp"),
    (.root, "html"),
    (.body, "body"),
  ])
}
