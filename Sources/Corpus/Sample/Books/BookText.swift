/// A book before it takes a format: chapters of paragraphs and of talk.
struct BookText {
  var title: [UInt8]
  var author: [UInt8]
  var language: Language
  /// Chapters, each with its heading first.
  var chapters: [[[UInt8]]]

  /// Writes a book of about `bytes`.
  init(_ language: Language, bytes: Int, _ dice: inout Dice) {
    let first = Prose(language, &dice)
    self.language = language
    title = first.title(&dice)
    author = first.text("name", &dice)
    chapters = []
    var written = 0
    while written < bytes {
      // A chapter has its own subject, and the book's people meet in all of them.
      let prose = Prose(language, &dice)
      var chapter = [Array("CHAPTER \(chapters.count + 1)".utf8)]
      var length = 0
      while length < min(9000, bytes / 3 + 400) {
        let talks = language.code == "en" && dice.chance(30)
        let paragraph =
          talks ? prose.sentence("dialogue", &dice) : prose.paragraph(dice.between(2, 6), &dice)
        chapter.append(paragraph)
        length += paragraph.count
      }
      written += length
      chapters.append(chapter)
    }
  }

  /// Paragraphs of all chapters, wrapped at 70 bytes, with blank lines between them.
  func wrapped(newline: String = "\n") -> [UInt8] {
    var text: [UInt8] = []
    for chapter in chapters {
      for paragraph in chapter {
        text += wrap(paragraph, width: 70, newline: newline)
        text += newline + newline
      }
      text += newline
    }
    return text
  }

  /// Paragraphs on one line each, as in texts that were made from electronic books.
  var unwrapped: [UInt8] { chapters.map { $0.joined(by: "\n\n") }.joined(by: "\n\n\n") }
}

/// Breaks a paragraph at blanks.
private func wrap(_ paragraph: [UInt8], width: Int, newline: String) -> [UInt8] {
  var text: [UInt8] = []
  var column = 0
  for word in paragraph.split(separator: 0x20) {
    if column > 0 {
      if column + word.count + 1 > width {
        text += newline
        column = 0
      } else {
        text.append(0x20)
        column += 1
      }
    }
    text += word
    column += word.count
  }
  return text
}
