/// A book in the clothes of Project Gutenberg, of one of three eras.
struct GutenbergText {
  var book: BookText
  var number: Int
  var era: Era

  enum Era {
    /// UTF-8, with `*** START OF THE PROJECT GUTENBERG EBOOK`.
    case modern
    /// The same in Windows lines, with a byte-order mark and a line of credits.
    case generated
    /// Latin-1, with the small print of the nineties.
    case old
  }

  /// The name that such a file has in the collection.
  var fileName: String {
    switch era {
    case .modern: "\(number)-0.txt"
    case .generated: "pg\(number).txt"
    case .old: "\(number)-8.txt"
    }
  }

  var bytes: [UInt8] {
    switch era {
    case .modern: Array(head("\n").utf8) + book.wrapped() + Array(tail("\n").utf8)
    case .generated:
      [0xef, 0xbb, 0xbf] + Array(head("\r\n").utf8) + book.wrapped(newline: "\r\n")
        + Array(tail("\r\n").utf8)
    case .old: latin1(Array(oldHead.utf8) + book.wrapped() + Array(oldTail.utf8))
    }
  }

  private var title: String { book.title.string }
  private var author: String { book.author.string }

  private func head(_ newline: String) -> String {
    [
      "The Project Gutenberg eBook of \(title), by \(author)", "",
      "This book was never printed: a program wrote it, so that programs can be tried on it.",
      "Anyone may use it for any purpose.", "", "Title: \(title)", "", "Author: \(author)", "",
      "Release Date: March 1, 2021 [eBook #\(number)]", "",
      "Language: \(book.language.code == "en" ? "English" : book.language.code)", "",
      "Character set encoding: UTF-8", "", "Produced by: a sample of synthetic texts", "",
      "*** START OF THE PROJECT GUTENBERG EBOOK \(title.uppercased()) ***", "", "", "",
      title.uppercased(), "", "by \(author)", "", "", "",
    ].joined(separator: newline)
  }

  private func tail(_ newline: String) -> String {
    [
      "", "*** END OF THE PROJECT GUTENBERG EBOOK \(title.uppercased()) ***", "",
      "Here the collection's licence would stand, over some three hundred lines.",
      "Section 1. General terms of use and redistribution of electronic works.",
      "Section 2. Information about the mission.", "",
    ].joined(separator: newline)
  }

  private var oldHead: String {
    """
    The Project Gutenberg Etext of \(title), by \(author)
    #1 in our series by \(author)

    Please take a look at the important information in this header.

    \(title)

    by \(author)

    March, 1998  [Etext #\(number)]

    *****This file should be named \(number)-8.txt*****

    *SMALL PRINT! for a synthetic etext: do with it what you like*

    *END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*


    \(title.uppercased())


    """
  }

  private var oldTail: String {
    "\n\nEnd of The Project Gutenberg Etext of \(title), by \(author)\n"
  }

  private func latin1(_ text: [UInt8]) -> [UInt8] {
    text.string.unicodeScalars.map { scalar in
      switch scalar.value {
      case 0..<0x100: UInt8(scalar.value)
      case 0x2018, 0x2019: 0x27
      case 0x201c, 0x201d: 0x22
      default: 0x3f
      }
    }
  }
}
