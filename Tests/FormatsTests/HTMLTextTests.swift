import Formats
import Ground
import TestSupport
import Testing

/// What is seen of a page, one smallest page per rule.
@Suite struct HTMLTextTests {
  @Test(arguments: [
    ("blocks break lines", "a<div>b</div>c<p>d</p><p>e", "a\nb\nc\nd\ne"),
    ("inline elements do not", "a<b>b</b><i> c</i>", "ab c"),
    ("white space collapses", "  a \n\t b  ", "a b"),
    ("so does a no-break space", "a&nbsp; &#160;b\u{a0}c", "a b c"),
    ("a space at an element's edge is kept once", "<b>a </b> <i> b</i>", "a b"),
    ("lines have no spaces at their ends", "<p> a </p> <p> b </p>", "a\nb"),
    ("br is a line break", "a<br>b<br/>c", "a\nb\nc"),
    ("two are an empty line, more are no more", "a<br><br>b<br><br><br>c", "a\n\nb\n\nc"),
    ("hr is one as well", "a<hr>b", "a\nb"),
    ("items have their own lines", "<ul><li>a<li>b</ul>c", "a\nb\nc"),
    ("cells are set apart", "<table><tr><td>a<td>b<tr><th>c</table>", "a\tb\nc"),
    ("pre keeps its white space", "<p>a<pre>\n  b\n\n c  </pre>d", "a\n  b\n\n c\nd"),
    ("pre decodes references, CR ends a line", "<pre>a&lt;\r\nb\rc</pre>", "a<\nb\nc"),
    ("scripts and styles are unseen", "a<script>b</script><style>c</style>d", "ad"),
    ("tags in scripts are text", "<script>if (a<b) '<p>'</script>x", "x"),
    ("an escaped script goes on", "<script><!--<script></script>y--></script>x", "x"),
    ("so are comments", "a<!-- b --><!-->c", "ac"),
    ("the title is no text", "<head><title>t</title></head><body>a", "a"),
    ("hidden elements are unseen", "a<div hidden>b<div>c</div>d</div>e", "a\ne"),
    ("by style as well", "a<span style='Display : none'>b</span>c", "ac"),
    ("what has no end is seen", "<div hidden>a<p hidden>b", "a\nb"),
    ("a hidden body is seen", "<body style='display:none'>a", "a"),
    ("a hidden list item leaves nothing", "<ul><li hidden>a</li></ul>b", "b"),
    (
      "svg, select and template are unseen",
      "<svg><title>a</title>b</svg><select><option>c</select>d", "d"
    ),
    ("an empty title in svg is whole", "<svg><title/></svg>a", "a"),
    ("references are decoded once", "&amp;lt; &eacute;&copy", "&lt; \u{e9}\u{a9}"),
    ("control characters go", "a\u{0}b&#1;c\u{b}d", "abcd"),
    ("a lone < is text", "1 < 2 & 3 <4", "1 < 2 & 3 <4"),
    ("a cut tag is none", "a<b href='", "a"),
    ("buttons stand apart", "<button>a</button><button>b</button>", "a b"),
    ("names may be written large", "<P>a</P><SCRIPT>b</SCRIPT>c", "a\nc"),
    ("nothing is nothing", "<p> </p>", ""),
  ])
  func rule(_ rule: String, html: String, text: String) {
    #expect(self.text(html) == text)
  }

  @Test func optionsSetMarkersAndGaps() {
    let options = HTMLTextOptions(listMarker: "* ", paragraphBreaks: 2, cellSeparator: " | ")
    let html = """
      <p>a</p>\n<ul>\n<li>b</li>\n<li><p>c</p><ul><li>d</ul></li>\n<li></li></ul>\n<p>e</p>
      <pre><code>f\n  g\n</code></pre><table><tr><td>h<td>i</table>
      """
    #expect(text(html, options) == "a\n\n* b\n\n* c\n\n* d\n\ne\n\nf\n  g\n\nh | i")
    let plain = HTMLTextOptions(keepsPreformatted: false)
    #expect(text("<pre>a\n  b</pre>", plain) == "a b")
  }

  @Test func aPageHasTitleAndLanguage() {
    let page = HTMLPage(
      html: Array("<html lang=en-GB><title> A &amp;\n B </title><title>c</title>d".utf8))
    #expect(page.title == Array("A & B".utf8))
    #expect(page.language == "en-GB")
    #expect(page.text == Array("d".utf8))
  }

  @Test(arguments: [
    ("<meta charset=UTF-8>", "utf-8"), ("<META CHARSET=' x-sjis '>", "x-sjis"),
    ("<meta http-equiv=Content-Type content='text/html; charset=\"koi8-r\"'>", "koi8-r"),
    ("<meta http-equiv=content-type content='text/html;charset = gbk;x'>", "gbk"),
    ("<meta charset=utf-16le>", "utf-8"),
  ])
  func metaDeclaresTheCharset(html: String, label: String) {
    #expect(HTMLPage.declaredCharset(in: Array(html.utf8)) == label)
  }

  @Test(arguments: [
    "<!-- <meta charset=utf-8> -->", "<meta content='text/html; charset=utf-8'>", "<meta charset=",
    "<metacharset=a>", String(repeating: " ", count: 1 << 14) + "<meta charset=utf-8>",
    "<body><meta charset=utf-8>", "<meta charset='a>'>",
  ])
  func otherThingsDeclareNone(html: String) {
    #expect(HTMLPage.declaredCharset(in: Array(html.utf8)) == nil)
  }

  /// Inputs on which a careless parser is quadratic or runs out of stack.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      "<div>", "<!--", "<", "</", "<a b='", "&", "&a", "&#", "<pre>", "<div hidden>", "<script",
      "<script>", "<script><!--<script>", "<svg>", "<li>", "<![CDATA[", "<a b=c ", "-", "</svg>",
    ])
  func hostileInputsAreLinear(_ part: String) {
    let html = Array(String(repeating: part, count: 2_000_000 / part.utf8.count).utf8)
    #expect(plainText(html: html).count <= html.count)
  }

  @Test func randomSoupNeverCrashes() {
    var generator = SeededGenerator(seed: 7)
    let parts = [
      "<", ">", "/", "!", "--", "&", "#", ";", "x", "=", "'", "\"", " ", "\n", "pre", "script",
      "li", "div", "hidden", "amp", "\u{a0}", "é", "\0", "<!--", "-->", "</", "title", "svg", "br",
    ]
    for _ in 0..<3000 {
      var html = ""
      for _ in 0..<40 { html += parts.randomElement(using: &generator) ?? "" }
      let text = plainText(html: Array(html.utf8))
      #expect(isValidUTF8(text))
      #expect(!text.contains(0))
    }
  }

  private func text(_ html: String, _ options: HTMLTextOptions = HTMLTextOptions()) -> String {
    String(decoding: plainText(html: Array(html.utf8), options: options), as: UTF8.self)
  }
}
