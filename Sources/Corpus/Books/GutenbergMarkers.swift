/// The lines by which Project Gutenberg's boilerplate is known, folded as `BookLines.folded` does.
///
/// The families are those of `c-w/gutenberg` (`textsource/strip_headers`) and common-pile
/// (`sources/gutenberg`); a line belongs to a marker that it begins with.
enum GutenbergMarkers {
  /// Lines after which the book begins, whatever stands before them.
  static let starts = markers([
    "*** start of th", "***start of th", "*** start of the copyrighted",
    "*end*the small print", "*end the small print", "*end*this small print",
    "http://gutenberg.spiegel.de/ erreichbar", "http://gutenberg2000.de erreichbar",
  ])

  /// Lines that the book ends before, whatever stands after them.
  static let ends = markers([
    "*** end of th", "***end of th", "*** end of the copyrighted", "*** end: full license",
    "*** start: full license",
  ])

  /// Beginnings of paragraphs of a header or of credits, where one stands first in the book.
  static let heads = markers([
    "the project gutenberg", "project gutenberg", "*the project gutenberg",
    "**the project gutenberg", "***the project gutenberg", "*****the project gutenberg",
    "***this is the project gutenberg", "this ebook is for the use of", "this etext is for the use",
    "title:", "author:", "release date:", "posting date:", "language:", "character set encoding:",
    "credits:", "editor:", "translator:", "illustrator:", "most recently updated:",
    "last updated:", "[ebook #", "[etext #", "produced by", "e-text prepared by",
    "etext prepared by", "this etext was produced by", "this etext was prepared by",
    "this ebook was produced by", "this ebook was prepared by", "transcribed from",
    "transcribed by",
    "prepared by", "html version by", "distributed proofread", "online distributed proofread",
    "and the online distributed", "this file was produced from images", "(this file was produced",
    "(this book was produced", "this book was produced", "images generously made available",
    "the internet archive", "note: project gutenberg also has", "note: images of the original",
    "project gutenberg tei", "*****these ebooks were prepared", "we need your donations",
    "project runeberg publishes", "*small print!", "**** small print", "[\"small print\" v.",
    "(from images generously", "from images generously made available", "scanned by", "proofed by",
    "[this file was", "[most recently updated", "[this etext", "[this ebook",
  ])

  /// Beginnings of the last paragraphs, from which on nothing is the book.
  static let tails = markers([
    "end of the project gutenberg", "end of project gutenberg", "end of this project gutenberg",
    "end of the etext", "end of this etext", "end of the ebook", "end of etext",
    "the end of the project gutenberg", "the end of project gutenberg",
    "ende dieses project gutenberg", "ende dieses projekt gutenberg", "ende dieses etext",
    "ende diese project gutenberg", "ende dieses ebook", "by project gutenberg",
    "end of this is copyrighted", "**this is a copyrighted project gutenberg",
    "fin de project gutenberg", "fin del proyecto gutenberg", "fine del project gutenberg",
    "the project gutenberg etext of", "the project gutenberg ebook of",
    "ce document fut presente", "ce document fut présenté",
    "more information about this book is at the top", "we need your donations more than ever",
    "*** this file should be named", "***** this file should be named", "updated editions will",
  ])

  /// The block that stands between the works of an early Shakespeare.
  static let legalStart = markers(["<<this electronic version of"])
  static let legalEnd = Array("service that charges for download".utf8)

  static func match(_ line: [UInt8], _ markers: [[UInt8]]) -> Bool {
    // Credits are at times in brackets or set off by asterisks with blanks behind them.
    guard let first = line.first else { return false }
    return markers.contains { $0[0] == first && line.starts(with: $0) }
  }

  private static func markers(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }
}
