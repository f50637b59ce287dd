import Books
import Documents
import Ground
import TestSupport
import Testing

func records(of input: Input, by source: BooksSource = BooksSource()) throws -> [Record] {
  try source.records(of: input)
}

/// What the source made of one text with this name.
func read(_ bytes: [UInt8], named name: String = "11.txt") throws -> Record {
  let folder = try TemporaryFolder()
  let path = try folder.write(bytes, to: fileName(of: name))
  let found = try records(of: Input(name: name, path: path))
  try #require(found.count == 1)
  return found[0]
}

func read(_ text: String, named name: String = "11.txt") throws -> Record {
  try read(Array(text.utf8), named: name)
}

@Suite struct MarkerTests {
  @Test(arguments: [
    "*** START OF THE PROJECT GUTENBERG EBOOK X ***",
    "*** START OF THIS PROJECT GUTENBERG EBOOK X ***",
    "***START OF THE PROJECT GUTENBERG EBOOK X***",
    "*** START OF THIS PROJECT GUTENBERG EBOOK A LONG\nTITLE OVER LINES ***",
    "*** START OF THE COPYRIGHTED PROJECT GUTENBERG EBOOK X ***",
    "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*",
    "*END THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.07.02.92*END*",
    "http://gutenberg.spiegel.de/ erreichbar.",
  ])
  func theBookBeginsBehind(start: String) throws {
    #expect(
      try read("Some header\n\(start)\n\nOnce upon\na time.\n").text == "Once upon\na time.\n")
  }

  @Test(arguments: [
    "*** END OF THE PROJECT GUTENBERG EBOOK X ***",
    "*** END OF THIS PROJECT GUTENBERG EBOOK X ***",
    "***END OF THE PROJECT GUTENBERG EBOOK X***",
    "*** END OF THE COPYRIGHTED PROJECT GUTENBERG EBOOK X ***",
    "End of Project Gutenberg's Alice, by Lewis Carroll",
    "End of the Project Gutenberg EBook of X",
    "END OF THE PROJECT GUTENBERG ETEXT",
    "End of this Project Gutenberg Etext",
    "Ende dieses Projekt Gutenberg Etextes",
    "Fin de Project Gutenberg",
    "More information about this book is at the top of this file.",
  ])
  func theBookEndsBefore(end: String) throws {
    #expect(try read("One\ntwo\nthree\n\n\n\(end)\nfull licence\n").text == "One\ntwo\nthree\n")
  }

  @Test(arguments: [
    "Produced by A. Volunteer and the Online Distributed\nProofreading Team",
    "E-text prepared by A. Volunteer",
    "This etext was prepared by A. Volunteer",
    "Transcribed from the 1909 edition by A. Volunteer",
    "[Transcriber's Note: the spelling is\nthe author's.]",
    "Transcriber's Note:\n\nThe spelling is the author's.",
    "+------------------+\n| Transcriber's Note |\n+------------------+",
  ])
  func creditsAreNoText(credits: String) throws {
    let start = "*** START OF THIS PROJECT GUTENBERG EBOOK X ***"
    #expect(try read("\(start)\n\n\(credits)\n\n\nCHAPTER I\n").text == "CHAPTER I\n")
    #expect(try read("Produced by no one\n\nCHAPTER I\n").text.hasPrefix("Produced"))
  }

  @Test func aHeaderWithoutAMarkerGoesByParagraphs() throws {
    let text = """
      The Project Gutenberg EBook of X, by Y

      This eBook is for the use of anyone anywhere

      Title: X

      Once upon a time.
      """
    let record = try read(text)
    #expect(record.text == "Once upon a time.\n")
    #expect(record.document?.metadata["title"] == "X")
  }

  @Test func theLegalBlockInsideIsLeftOut() throws {
    let block = """
      <<THIS ELECTRONIC VERSION OF THE COMPLETE WORKS OF X IS COPYRIGHT
      SERVICE THAT CHARGES FOR DOWNLOAD TIME OR FOR MEMBERSHIP.>>
      """
    #expect(try read("Act I\n\n\(block)\n\nAct II\n").text == "Act I\n\n\nAct II\n")
  }

  @Test func aTextWithoutBoilerplateStays() throws {
    let text = "Title: a poem\n\nEnd of the day.\n"
    #expect(try read(text).text == text)
  }

  @Test func aNoteOfTheTranscriberMayCloseTheBook() throws {
    #expect(
      try read("I\n\nII\n\nIII\n\nTranscriber's notes:\n- Page 2.\n").text == "I\n\nII\n\nIII\n")
    let inside = "I\n\nhis Transcriber's Note was\n"
    #expect(try read(inside).text == inside)
  }

  @Test func notesOfTheTranscriberCanStay() throws {
    var settings = BooksSource.Settings()
    settings.stripsTranscriberNotes = false
    let folder = try TemporaryFolder()
    let text = "*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n[Transcriber's Note: y.]\n\nI\n"
    let path = try folder.write(text, to: "x.txt")
    let found = try records(of: Input(name: "x.txt", path: path), by: BooksSource(settings))
    #expect(found[0].text == "[Transcriber's Note: y.]\n\nI\n")
  }
}

@Suite struct BookTextTests {
  @Test func linesAreNotRewrapped() throws {
    #expect(try read("  a  \r\nb\t\r\n\r\n\r\n\r\n\r\nc\rd").text == "  a\nb\n\n\nc\nd\n")
  }

  @Test func characterSets() throws {
    #expect(try read([0xef, 0xbb, 0xbf, 0x41]).text == "A\n")
    #expect(try read([0x47, 0xe9, 0x93]).text == "Gé“\n")
    let head = Array("Character set encoding: ISO-8859-2\n".utf8)
    let start = Array("*** START OF THE PROJECT GUTENBERG EBOOK X ***\n".utf8)
    #expect(try read(head + start + [0xb3, 0xf3, 0x64, 0xbc]).text == "łódź\n")
  }

  @Test(arguments: [
    ("GUTINDEX.ALL.txt", "a", "index"), ("readme.txt", "a", "index"),
    ("license.txt", "a", "licence"), ("4749.txt", "a", "excluded"), ("x.txt", " \n", "empty"),
    ("x.txt", "a\0b", "binary"), ("pg11.txt.utf8", "a", "kept"),
    ("11.txt", "x\n*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n", "empty"),
  ])
  func reasons(name: String, text: String, expected: String) throws {
    #expect(try read(text, named: name).outcome == expected)
  }

  @Test(arguments: [
    ("Release Date: June 25, 2008 [EBook #11]", "2008-06-25"),
    ("Release Date: March, 1994  [Etext #11]", "1994-03"),
    ("Release date: 1 December 1999 [eBook #11]", "1999-12-01"),
    ("March, 1994  [Etext #11]", "1994-03"),
    ("Posting Date: January 9, 2009 [EBook #11]\nRelease Date: May, 2000", "2000-05"),
    ("Release Date: unknown [EBook #11]", ""),
  ])
  func created(line: String, expected: String) throws {
    let text = "\(line)\n\n*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n\nText\n"
    let document = try #require(try read(text, named: "alice30.txt").document)
    #expect(document.created == expected)
    #expect(document.metadata["gutenberg_id"] == 11)
  }

  @Test func theHeaderIsMetadata() throws {
    let text = """
      Title: A Book
             with two lines

      Author: Y

      Language: Dutch

      *** START OF THIS PROJECT GUTENBERG EBOOK X ***
      Text
      """
    let document = try #require(try read(text, named: "1/2/123-8.txt").document)
    #expect(document.metadata["title"] == "A Book with two lines")
    #expect(document.metadata["author"] == "Y" && document.metadata["language"] == "Dutch")
    #expect(document.metadata["gutenberg_id"] == 123)
  }
}

@Suite struct BookArchiveTests {
  @Test func books3() throws {
    let folder = try TemporaryFolder()
    let long = String(repeating: "x", count: 30)
    let archive = try tar([
      ("books3/the_bible.epub.txt", Array("In the beginning\n".utf8)),
      ("books3/A. Title - \(long).epub.txt", Array("Text\n".utf8)),
      ("books3/cover.jpg", [0xff]), ("books3/empty.epub.txt", []),
    ])
    let path = try folder.write(zstdFrame(of: archive), to: "books3.tar.zst")
    let found = try records(of: Input(name: "books3.tar.zst", path: path))
    #expect(found.map(\.outcome) == ["kept", "kept", "not_text", "empty"])
    #expect(found[0].document?.metadata["title"] == "the_bible")
    #expect(found[1].document?.metadata["title"] == "A")
    for record in found {
      let origin = try #require(record.document).origin
      #expect(try origin.rawRecord(in: path).count == Int(origin.length))
    }
  }

  @Test func aMirrorsFolder() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("One\n", to: "in/1/2/3/1234/1234.txt")
    _ = try folder.write("<p>", to: "in/1/2/3/1234/1234-h/1234-h.htm")
    let input = Input(name: "in", path: "\(folder.path)/in")
    let found = try records(of: input)
    #expect(found.map(\.outcome) == ["not_text", "kept"])
    let document = try #require(found[1].document)
    #expect(document.metadata["gutenberg_id"] == 1234)
    #expect(try document.origin.rawRecord(in: input.path) == Array("One\n".utf8))
  }

  @Test func aZipOfOneText() throws {
    let text = Array("Down the hole\n".utf8)
    let zip = try ArchiveWriter(.zip, modified: 1_610_000_000)
    try zip.add("11.txt", text)
    try zip.add("11-h/11-h.htm", text)
    let folder = try TemporaryFolder()
    let path = try folder.write(zip.finish(), to: "11.zip")
    let found = try records(of: Input(name: "11.zip", path: path))
    #expect(found.map(\.outcome) == ["kept", "not_text"])
    let document = try #require(found[0].document)
    #expect(document.text == text && document.metadata["gutenberg_id"] == 11)
    #expect(try document.origin.rawRecord(in: path) == text)
  }
}

@Suite(.enabled(if: Samples.areHere, "\(Samples.absence)")) struct BookSampleTests {
  /// File, first line, last line, title, date.
  static let samples = [
    (
      "alice/11-0.txt", "ALICE’S ADVENTURES", "THE END", "Alice’s Adventures in Wonderland",
      "1994-03"
    ),
    (
      "alice/11.txt", "ALICE'S ADVENTURES", "THE END", "Alice's Adventures in Wonderland", "1994-03"
    ),
    ("alice/alice30.txt", "ALICE'S ADVENTURES", "THE END", "Alice in Wonderland", "1994-03"),
    ("non-english/24675-8.txt", "ELK DEEL IS", "» 73.--=Célestine", "Ontboezemingen", "2008-02-23"),
    ("non-english/pg2000.txt", "El ingenioso", "", "Don Quijote", "1999-12-01"),
    ("non-english/pg22367.txt", "DIE VERWANDLUNG", "", "", ""),
    ("pg/pg11.txt", "Alice was beginning", "", "", ""),
    ("canterbury/alice29.txt", "ALICE'S ADVENTURES", "THE END", "", ""),
  ]

  @Test(arguments: samples)
  func boilerplateGoesAndTheBookStays(
    name: String, first: String, last: String, title: String, created: String
  ) throws {
    let path = try Samples.path("books/\(name)")
    let record = try records(of: Input(name: name, path: path))[0]
    let document = try #require(record.document)
    #expect(record.outcome == "kept")
    let lines = record.text.split(separator: "\n").map { $0.drop { $0 == " " } }
    #expect(lines[0].hasPrefix(first))
    if !last.isEmpty { #expect(lines.last?.hasPrefix(last) == true) }
    #expect(document.metadata.string("title") ?? "" == title)
    #expect(document.created == created)
    #expect(!record.text.contains("Project Gutenberg License"))
    #expect(!record.text.contains("PROJECT GUTENBERG EBOOK"))
    #expect(!record.text.contains("\u{fffd}") && !record.text.contains("\r"))
    #expect(try document.origin.rawRecord(in: path) == firstBytes(of: path, count: 1 << 24))
  }

  @Test func aCutFileNeverCrashes() throws {
    var random = SeededGenerator(seed: 3)
    for (name, _, _, _, _) in Self.samples.prefix(4) {
      let bytes = try firstBytes(of: Samples.path("books/\(name)"), count: 1 << 24)
      for _ in 0..<6 {
        let cut = Int.random(in: 0..<min(bytes.count, 30000), using: &random)
        _ = try read(Array(bytes[..<cut]))
      }
    }
  }
}
