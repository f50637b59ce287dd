import Documents
import Filters
import Foundation
import Ground
import TestSupport
import Testing

@Suite struct C4Tests {
  /// One line for each rule for lines; nil where the line goes.
  @Test(
    arguments: [
      ("This line is long enough.", "This line is long enough."),
      ("  \u{a0}This line is long enough!\t", "This line is long enough!"),
      ("Is this line long enough?", "Is this line long enough?"),
      ("He said \"this is enough\"", "He said \"this is enough\""),
      ("No end mark on this line", nil),
      ("This line trails off slowly...", nil),
      ("This trails off in one character…", nil),
      ("Only four words here.", nil),
      ("Only four words[1] [2] here.", nil),  // four when the marks are gone
      ("It was[12] so[] they[edit] say.[citation needed]", "It was so they say."),
      ("A mark [٣] in other digits is one.", "A mark  in other digits is one."),
      ("A mark [a1] with letters is none.", "A mark [a1] with letters is none."),
      ("Please enable JavaScript to see this.", nil),
      ("We have a Privacy Policy for you.", nil),
      ("This site USES COOKIES for you.", nil),
      ("The terms of use are not here.", nil),
      ("The terms of usage are not here.", "The terms of usage are not here."),
      ("Our cookie policy is here now.", nil),
      ("We like the use of cookies here.", nil),
      ("You use cookies in the kitchen.", nil),
      ("Cookies are good to eat now.", "Cookies are good to eat now."),
    ] as [(String, String?)])
  func line(text: String, kept: String?) {
    let found = rewritten(C4Rewrite(), text)
    #expect(found.text == kept ?? "")
    #expect(found.signals["c4.lines_kept"] == (kept == nil ? 0 : 1))
  }

  @Test func lineWithAWordAboveAThousandCharactersGoes() {
    let words = "Three words and one more: "
    #expect(rewritten(C4Rewrite(), words + "ä" * 1000 + ".").text == "")
    #expect(rewritten(C4Rewrite(), words + "ä" * 999 + ".").text != "")
  }

  @Test func linesAreJoinedAndPagesCounted() throws {
    let page =
      "Menu\nFirst we say lorem ipsum here. Second it is.\r\nNo\nThen f(x) { is code here. "
    let (text, signals) = rewritten(C4Rewrite(), page)
    #expect(
      text == "First we say lorem ipsum here. Second it is.\nThen f(x) { is code here.")
    #expect(signals.entries.map(\.name) == C4Rewrite.signals)
    #expect(signals.entries.map(\.value) == [80, 2, 3, 1, 1, 0])
    let rules = try #require(presetRules("c4"))
    #expect(
      rules.filter { !$0.keeps(signals) }.map(\.reason) == ["c4.lorem_ipsum", "c4.curly_bracket"])
  }

  @Test(
    arguments: [
      ("One only here it is.", 1),
      ("One is here. Two is here.", 2),
      ("One is here. two is small.", 2),
      ("Really? Yes! \"It is.\" He said so.", 4),
      ("Mr. Smith and Dr. Jones met J. R. Tolkien.", 1),
      ("The U.S. Navy met at 5 p.m. Monday e.g. there.", 1),
      ("Wait... what is this. Wait... What?", 3),
      ("1. The first of all items. 2. The next.", 3),
      ("In 1999. It was version 2.5 of it.", 2),
      ("Please see www.example.com/a.html for it.", 1),
    ] as [(String, Int)])
  func sentences(text: String, count: Int) {
    #expect(rewritten(C4Rewrite(), text).signals["c4.sentences"] == Double(count))
  }

  @Test func badWordsCountBetweenNonWordCharacters() {
    let list = BadWords(Array("Naughty\r\nvery bad thing\n\nsau\n".utf8))
    #expect(list.count == 3)
    func count(_ text: String, bounded: Bool = true) -> Double? {
      let list = BadWords(Array("naughty\nvery bad thing\nsäu".utf8), bounded: bounded)
      return rewritten(C4Rewrite(badWords: list), text + " is in this line.")
        .signals["c4.bad_words"]
    }
    #expect(count("A NAUGHTY word, naughty!") == 2)
    #expect(count("naughtyness or _naughty or änaughty or naughty9") == 0)
    #expect(count("A very bad thing and a very bad\tthing") == 1)
    #expect(count("A SÄU") == 1)
    #expect(count("unnaughtyness", bounded: false) == 1)
  }

  @Test(.enabled(if: Samples.areHere, "\(Samples.absence)"))
  func publishedPagesOfC4ComeOutAsTheyAre() throws {
    let path = try Samples.path("c4/en/c4-train.00000-of-01024.json.gz")
    let reader = try DocumentLineReader(openDecoded(path), name: "c4")
    let list = try BadWords(path: Samples.path("c4/ldnoobw/en"))
    let rules = try #require(presetRules("c4"))
    var (pages, same, dropped) = (0, 0, [String: Int]())
    while case .success(var page)? = try reader.next() {
      let text = page.text
      var signals = Signals()
      C4Rewrite(badWords: list).rewrite(&page, noting: &signals)
      pages += 1
      if page.text == text { same += 1 }
      for rule in rules where !rule.keeps(signals) { dropped[rule.reason, default: 0] += 1 }
    }
    // Differences are citation marks that close up only once others are gone.
    #expect(pages > 100)
    #expect(pages - same <= pages / 300, "\(same) of \(pages)")
    #expect(dropped["c4.sentences", default: 0] <= pages / 200, "\(dropped)")
    #expect(dropped["c4.curly_bracket"] == nil && dropped["c4.lorem_ipsum"] == nil)
    // The list is younger than C4's, and longer.
    #expect(dropped["c4.bad_words", default: 0] <= pages / 50, "\(dropped)")
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["[", "[1", "a. ", "\n", ".", "use of ", "\"", "a.b"])
  func hostileTextsCostLinearTime(piece: String) {
    let text = piece * 100_000 + ". a b c d e."
    let list = BadWords(Array(("a" * 40 + "\nuse of use of").utf8))
    let found = rewritten(C4Rewrite(badWords: list), text)
    #expect(found.signals.entries.count == C4Rewrite.signals.count)
  }
}
