import Testing
import TestSupport
import Wikipedia

/// Texts made to be slow: twice the text may take about twice the time, never four times.
@Suite struct HostileTests {
  @Test(arguments: [
    "{", "{{", "{{{", "{{a|", "{{{a|", "}}", "[", "[[", "[[a|", "[[File:a|", "]]", "{|\n", "|}\n",
    "<", "<ref>", "<ref", "<!--", "<nowiki>", "<table>", "<table", "(", "[http://a ", "'", "''a",
    "_", "__A", "&", "&#1", "==\n", "* ", "-{", "    <!---->", "[[a]]", "(,", "-", "( [ ", "{{a}}(",
    "{{nowrap|", "{{lang|a|b}}", "{{convert|1|-|",
  ])
  func timeIsLinear(_ part: String) {
    expectLinear(part) { Array(String(repeating: part, count: $0 / part.utf8.count).utf8) }
  }

  @Test(arguments: [("{{nowrap|a", "}}"), ("{{nihongo|a|b|", "|c}}"), ("{{{a|b", "}}}")])
  func timeIsLinearInDepth(_ start: String, _ end: String) {
    expectLinear(start) {
      let depth = $0 / (start.utf8.count + end.utf8.count)
      return Array(
        (String(repeating: start, count: depth) + "x" + String(repeating: end, count: depth)).utf8)
    }
  }

  private func expectLinear(_ name: String, _ text: (Int) -> [UInt8]) {
    func time(_ count: Int) -> Duration {
      let text = text(count)
      return (0..<3).map { _ in
        ContinuousClock().measure { _ = Wikitext(language: "sr").plainText(of: text) }
      }.min() ?? .zero
    }
    let (short, long) = (time(1 << 16), time(1 << 20))
    // Sixteen times the text; a quadratic rule would take 256 times as long.
    #expect(long < short * 80 + .milliseconds(50), "\(name): \(short), \(long)")
  }

  @Test func noTextCrashes() {
    let parts = [
      "{{", "}}", "[[", "]]", "|", "{|", "|}", "\n", "==", "'''", "<ref>", "</ref>", "<!--", "-->",
      "a",
      " ", "(", ")", "[", "]", "File:", "http://", "&lt;", "__", "<nowiki>", "</nowiki>", "é",
      "{{{",
      "<table>", "</table>", "<br>", "*", ":", ",", "-{", "}-", "{", "}", ";", ".", "'",
      "{{nowrap|", "{{convert|", "{{lang|", "{{as of|", "{{frac|", "{{val|", "5", "ft", "to", "u=",
    ]
    var random = SeededGenerator(seed: 7)
    let wikitext = Wikitext(language: "sr")
    for _ in 0..<4000 {
      let text = (0..<Int.random(in: 1...40, using: &random))
        .map { _ in parts.randomElement(using: &random) ?? "" }.joined()
      let plain = wikitext.plainText(of: Array(text.utf8))
      #expect(String(validating: plain, as: UTF8.self) != nil, "\(text)")
    }
  }
}
