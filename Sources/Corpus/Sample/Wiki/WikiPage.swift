/// One page of a wiki.
struct WikiPage {
  var title: [UInt8]
  var namespace = 0
  var redirect: [UInt8]?
  var text: [UInt8]
  var expect = Label.Expectation.keep
  var reason: String?
}

/// Makes pages in wikitext: articles mostly, and what else lies in a dump.
struct WikiPages {
  private let language: Language
  private var dice: Dice
  private var titles: Set<String> = []
  private var count = 0

  init(_ sample: SampleFolder, _ language: Language) {
    self.language = language
    dice = sample.dice("wiki \(language.code)")
  }

  mutating func pages(bytes: Int, atLeast least: Int) -> [WikiPage] {
    var pages: [WikiPage] = []
    var written = 0
    while written < bytes || pages.count < least {
      let page = next(bytes: min(dice.between(1500, 6000), max(700, bytes / least)))
      written += page.text.count
      pages.append(page)
    }
    return pages
  }

  private mutating func next(bytes: Int) -> WikiPage {
    count += 1
    let prose = Prose(language, &dice)
    let title = freshTitle(prose)
    switch count % 12 {
    case 3:
      let target = Prose(language, &dice).title(&dice)
      return WikiPage(
        title: title, redirect: target,
        text: Array("#\(language.redirect) [[".utf8) + target + Array("]]".utf8),
        expect: .drop, reason: "redirect")
    case 5:
      let text =
        Array("{{{1|}}} <noinclude>".utf8) + prose.sentence(&dice) + Array("</noinclude>".utf8)
      return WikiPage(
        title: Array("Template:".utf8) + title, namespace: 10, text: text, expect: .drop,
        reason: "namespace")
    case 7:
      return WikiPage(
        title: Array("\(language.categoryName):".utf8) + title, namespace: 14,
        text: prose.sentence(&dice), expect: .drop, reason: "namespace")
    case 9 where count > 9:
      return WikiPage(title: title, text: [], expect: .drop, reason: "empty")
    default: return WikiPage(title: title, text: article(title, prose, bytes))
    }
  }

  private mutating func freshTitle(_ prose: Prose) -> [UInt8] {
    let title = prose.title(&dice)
    if titles.insert(title.string).inserted { return title }
    return title + Array(" (\(count))".utf8)
  }

  private mutating func article(_ title: [UInt8], _ prose: Prose, _ bytes: Int) -> [UInt8] {
    var text = infobox(title, prose)
    text += "'''"
    text += title
    text += "''' (''"
    text += prose.place
    text += "''). "
    text += paragraph(prose)
    var section = 0
    while text.count < bytes {
      section += 1
      if section % 3 == 1 {
        text += "\n\n== "
        text += prose.title(&dice)
        text += " ==\n"
        if section == 4 { text += picture(prose) }
        if section % 2 == 1 { text += table(prose) }
      }
      text += "\n\n"
      text += paragraph(prose)
    }
    text += "\n\n* [[\(prose.title(&dice).string)]]\n* [https://example.org/\(count) "
    text += prose.title(&dice)
    text += "]\n\n{{Reflist}}\n\n[[\(language.categoryName):\(prose.topic.name)]]"
    return text
  }

  /// A paragraph with links, a reference, emphasis or a comment in it.
  private mutating func paragraph(_ prose: Prose) -> [UInt8] {
    var text: [UInt8] = []
    for index in 0..<dice.between(3, 6) {
      if index > 0 { text.append(0x20) }
      text += prose.sentence(&dice)
      switch dice.roll(7) {
      case 0:
        text +=
          "<ref>{{cite book |title=\(prose.title(&dice).string) |year=19\(dice.between(10, 99))}}</ref>"
      case 1: text += " [[\(prose.place.string)]]."
      case 2: text += "<!-- to be checked -->"
      case 3:
        text += " ''\(prose.person.string)'' & [[\(prose.place.string)|\(prose.person.string)]]."
      case 4: text += "<ref name=\"n\(count)\" />"
      default: break
      }
    }
    return text
  }

  private mutating func infobox(_ title: [UInt8], _ prose: Prose) -> [UInt8] {
    Array("{{Infobox thing\n| name = ".utf8) + title + Array("\n| place = [[".utf8) + prose.place
      + Array("]]\n| year = {{start date|19\(dice.between(10, 99))}}\n}}\n".utf8)
  }

  private mutating func picture(_ prose: Prose) -> [UInt8] {
    Array("[[\(language.fileName):Picture \(count).jpg|thumb|200px|".utf8) + prose.sentence(&dice)
      + Array("]]\n".utf8)
  }

  private mutating func table(_ prose: Prose) -> [UInt8] {
    var text = Array("{| class=\"wikitable\"\n! A !! B\n".utf8)
    for _ in 0..<dice.between(2, 5) {
      text += "|-\n| \(prose.text("town_name", &dice).string) || \(dice.roll(1000))\n"
    }
    return text + Array("|}\n".utf8)
  }
}
