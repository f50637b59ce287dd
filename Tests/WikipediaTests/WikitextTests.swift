import Testing
import Wikipedia

/// One smallest text for each rule.
@Suite struct WikitextTests {
  private func plain(_ wikitext: String, _ language: String = "en") -> String {
    String(
      decoding: Wikitext(language: language).plainText(of: Array(wikitext.utf8)), as: UTF8.self)
  }

  @Test(arguments: [
    ("plain", "a b", "a b"),
    ("a template goes", "a{{t|x=1}}b", "ab"),
    ("templates nest", "a{{t|{{u|{{v}}}}}}b", "ab"),
    ("a template spans lines", "{{t\n| a = b\n}}text", "text"),
    ("a parameter leaves its default", "a{{{x|d}}}b", "adb"),
    ("a parameter without default goes", "a{{{x}}}b", "ab"),
    ("braces without a partner go", "a {{b", "a b"),
    ("closing braces without a partner go", "a }} b", "a b"),
    ("a comment goes", "a<!-- b -->c", "ac"),
    ("a comment that fills its line takes the line", "a\n<!-- b -->\nc", "a\nc"),
    ("a comment without an end reaches to the end", "a<!-- b", "a"),
    ("a reference goes with its content", "a<ref name=\"x\">b</ref>c", "ac"),
    ("a closed reference goes", "a<ref name=x />c<ref>d</ref>", "ac"),
    ("a reference without an end loses its tag only", "a<ref>b", "ab"),
    ("mathematics goes", "a <math>x^2</math> b", "a b"),
    ("nowiki is literal", "<nowiki>[[a]] {{b}} ''c''</nowiki>", "[[a]] {{b}} ''c''"),
    ("references in nowiki are resolved", "<nowiki>&lt;b&gt;</nowiki>", "<b>"),
    ("pre is literal", "<pre>a  [[b]]</pre>", "a  [[b]]"),
    (
      "code is literal to the letter", "<syntaxhighlight lang=c>a &lt; {{b}}</syntaxhighlight>",
      "a &lt; {{b}}"
    ),
    ("a table goes", "a\n{| class=x\n|-\n| b\n|}\nc", "a\n\nc"),
    ("tables nest", "a\n{|\n|\n{|\n| b\n|}\n| c\n|}\nd", "a\n\nd"),
    ("rows of a table without an end go", "{|\n|-\n| b\n! c !! d\ne", "e"),
    ("an HTML table goes", "a<table><tr><td>b</td></tr></table>c", "ac"),
    ("a tag goes, its content stays", "a <span class=\"x\">b</span> c", "a b c"),
    ("br ends a line", "a<br />b", "a\nb"),
    ("br does not end a heading", "== a<br>b ==\nc", "a b\nc"),
    ("what is no tag stays", "a < b, <iostream> and 3<4", "a < b, <iostream> and 3<4"),
    ("a link leaves its target", "[[a]]s", "as"),
    ("a link leaves its label", "[[a|b]]s", "bs"),
    ("a label may hold bars", "[[a|b|c]]", "b|c"),
    ("an empty label is the target's name", "[[Planet:Mercury (god)|]]", "Mercury"),
    ("a leading colon is hidden", "[[:Category:a]]", "Category:a"),
    ("media go with their captions", "a[[File:x.jpg|thumb|b [[c|d]] e]]f", "af"),
    ("media go by their ending", "a[[Fichier:x.JPG|thumb|b]]f", "af"),
    ("media without an end go to the end of the line", "[[File:x.jpg|thumb|b\nc", "c"),
    ("categories go", "a\n[[Category:b]]\n[[category: c|d]]", "a"),
    ("other languages go", "a\n[[de:b]]\n[[be-x-old:c]]", "a"),
    ("a labelled link to another wiki stays", "[[fr:b|c]]", "c"),
    ("brackets without a partner go", "a [[b\n\nc]] d", "a b\n\nc d"),
    ("a web link leaves its label", "[http://a.b c ''d'']", "c d"),
    ("a web link without a label goes", "a [http://a.b] c", "a c"),
    ("a bare address stays", "see http://a.b/c", "see http://a.b/c"),
    ("a web link may hold links", "[http://a.b [[c|d]] e]", "d e"),
    ("brackets of text stay", "be take [sic] pride", "be take [sic] pride"),
    ("headings stay before text", "== a ==\nb", "a\nb"),
    ("a section without text goes", "a\n== b ==\n{{c}}\n== d ==\ne", "a\n\nd\ne"),
    ("a section with one within stays", "== a ==\n=== b ===\nc", "a\n\nb\nc"),
    ("a heading of nothing but equals signs goes", "=====\na", "a"),
    ("list markers go", "* a\n** b\n# c\n; d\n: e", "a\nb\nc\nd\ne"),
    ("a rule goes", "a\n----\nb", "a\nb"),
    ("one space of an indent goes", " if x {\n   y()\n }", "if x {\n  y()\n}"),
    ("bold and italics go", "'''a''' ''b'' '''''c'''''", "a b c"),
    ("an apostrophe before italics stays", "l'''Orlando'' e", "l'Orlando e"),
    ("an apostrophe stays", "d'Artagnan's", "d'Artagnan's"),
    ("quotes around a template do not join", "a ''{{b}}''-c", "a -c"),
    ("switches go", "__NOTOC__a __ΧΩΡΙΣΠΠ__", "a"),
    ("what is no switch stays", "__init__ and a_b", "__init__ and a_b"),
    ("character references are resolved", "&eacute;&#233;&#xE9;&amp;lt;", "ééé&lt;"),
    ("an ampersand stays", "AT&T &c", "AT&T &c"),
    ("empty brackets go", "a ({{b}}) c", "a c"),
    ("brackets of emptied separators go", "a ({{b}}; {{c}}, ) d", "a d"),
    ("separators at the edge of brackets go", "a ({{b}}; c {{d}}, ) e", "a (c) e"),
    ("brackets that became empty go", "a({{b}})c", "ac"),
    ("brackets that were empty stay", "call main() now", "call main() now"),
    ("empty square brackets go", "a [{{IPA-de|b}}] c", "a c"),
    ("a separator that begins a line goes", "* {{b}}, c\n{{d}}. e", "c\ne"),
    ("a comma before a full stop goes", "a, {{b}}. c", "a. c"),
    ("a comma behind a colon goes", "(a: {{b}}, c)", "(a: c)"),
    ("three full stops stay", "a, ... b", "a, ... b"),
    ("a space before a fixed one goes", "a ({{b}})&nbsp;— c", "a\u{a0}— c"),
    ("a space before a full stop goes", "a {{b}}. c {{d}}, e", "a. c, e"),
    ("spaces collapse", "a {{b}} c", "a c"),
    ("a line of punctuation goes", "a\n* {{b}}.\nc", "a\nc"),
    ("blank lines collapse", "a\n\n\n\nb", "a\n\nb"),
  ])
  func rule(_ name: String, _ wikitext: String, _ text: String) {
    #expect(plain(wikitext) == text, "\(name)")
  }

  @Test(arguments: [
    ("{{lang|fr|''mot''}}", "mot"), ("{{lang-fr|mot}}", "mot"), ("{{lang|pl}}", ""),
    ("{{ Nowrap |1=a [[b|c]]}}", "a c"), ("{{nowrap|{{lang|fr|mot}}}}", "mot"),
    ("{{transl|ar|ALA|a}}", "a"), ("{{nihongo|a|b|c}}", "a (b, c)"), ("{{nihongo|a}}", "a"),
    ("{{convert|26|ft|m|abbr=on}}", "26 ft"), ("{{convert|5|-|8|sqmi|km2}}", "5–8 sq mi"),
    ("{{cvt|6|ft|2|in|m}}", "6 ft 2 in"), ("{{convert|12|to|14|C|F|0}}", "12 to 14 °C"),
    ("{{convert|26|ft|1}}", "26 ft"), ("{{convert}}", ""), ("{{val|1.5|u=A}}", "1.5 A"),
    ("{{frac|2}} {{frac|2|3}} {{frac|1|2|3}}", "1/2 2/3 1 2/3"), ("{{chem|H|2|O}}", "H2O"),
    ("{{as of|2012|3|lc=y}}", "as of March 2012"), ("{{As of|2012}}", "As of 2012"),
    (
      "{{as of|2012|99999999999999999999|-9223372036854775808}}",
      "As of -9223372036854775808 99999999999999999999 2012"
    ),
    ("{{circa|1500}}", "c. 1500"), ("{{ISBN|123}}", "ISBN 123"), ("{{angbr|a}}", "⟨a⟩"),
    ("{{formatnum:6500}}", "6500"), ("a{{mdash}}b{{snd}}c", "a—b – c"),
    ("a:\n{{quote|text=b|author=c}}\nd", "a:\nb\nd"),
    ("{{blockquote|\nb\n\nc\n}}", "b\n\nc"),
  ])
  func aTemplateThatASentenceNeedsLeavesItsText(_ wikitext: String, _ text: String) {
    #expect(plain(wikitext) == text)
  }

  @Test(arguments: [
    ("de", "{{\"|a}}, {{Höhe|115|DE-NHN}}", "„a“, 115 m"), ("fr", "{{s-|XIX|e}}", "XIXe siècle"),
    ("fr", "{{unité|10|km}}, {{citation|a}}", "10 km, a"), ("it", "{{M|892|ul=km2}}", "892 km²"),
    ("hu", "{{szám|528498}}", "528498"), ("ro", "{{conversie|197|km|0|abbr=on}}", "197 km"),
    ("ru", "{{нп5|a}}, {{НП3|a|b}}{{s|имя = c}}", "a, b"), ("en", "a {{citation|b}}", "a"),
  ])
  func someTemplatesAreKnownInOneLanguage(_ language: String, _ wikitext: String, _ text: String) {
    #expect(plain(wikitext, language) == text)
  }

  /// A quotation may be long; what is longer than it is apart from sentences.
  @Test func aLongTemplateGoes() {
    let long = String(repeating: "a", count: 5000)
    #expect(plain("{{nowrap|\(long)}}b") == "b")
  }

  @Test func mediaAndCategoriesHaveLocalNames() {
    #expect(plain("[[Datei:x.pdf|mini|b]]a[[Kategorie:c]]", "de") == "a")
    #expect(plain("[[Файл:x|мини|b]]a[[файл:x]][[Категория:c]]", "ru") == "a")
    #expect(plain("[[Datei:x.pdf|mini|b]]a", "en") == "mini|ba")
    let names = LocalNames(media: ["Lêer"], category: ["Kategorie"])
    let text = Wikitext(language: "af", names: names)
      .plainText(of: Array("[[Lêer:x|b]]a[[kategorie:c]]".utf8))
    #expect(text == Array("a".utf8))
  }

  @Test func variantsAreForWikisThatHaveThem() {
    #expect(plain("-{sr-ec: а; sr-el: a}-", "sr") == "а")
    #expect(plain("-{Windows}-", "sr") == "Windows")
    #expect(plain("-{a}-", "en") == "-{a}-")
  }
}
