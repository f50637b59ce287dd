/// A page of the web before it takes a format, and what should become of it.
struct WebPage {
  var url: String
  var date: String
  var language = Language.english
  var title: [UInt8]
  /// Paragraphs, one a line.
  var lines: [[UInt8]]
  var expect = Label.Expectation.keep
  var reason: String?
  var twin: String?

  var site: String {
    let parts = url.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count > 2 ? String(parts[2]) : url
  }

  /// Bytes of text.
  var count: Int { lines.reduce(title.count + 1) { $0 + $1.count + 1 } }

  func label(input: String, source: String) -> Label {
    Label(
      input: input, record: url, source: source, expect: expect, reason: reason, twin: twin)
  }
}

/// Makes pages of which most are good and every kind of bad page comes again after twenty.
struct WebPages {
  private var dice: Dice
  private let stream: String
  private var good: [WebPage] = []
  private var count = 0

  /// Pages for the place that `stream` names; no two places share any.
  init(_ sample: SampleFolder, stream: String) {
    dice = sample.dice(stream)
    self.stream = stream
  }

  /// Pages of about `bytes` together, each with `overhead` beside its text; twenty-two at least.
  mutating func pages(bytes: Int, overhead: Int) -> [WebPage] {
    var pages: [WebPage] = []
    var written = 0
    while written < bytes || pages.count < 22 {
      let page = next(bytes: min(dice.between(1200, 5500), max(900, bytes / 22 - overhead)))
      written += page.count + overhead
      pages.append(page)
    }
    return pages
  }

  private mutating func next(bytes: Int) -> WebPage {
    count += 1
    switch count % 20 {
    case 4: return foreign(bytes)
    case 6: return copy()
    case 8: return nearCopy()
    case 11: return short()
    case 13: return symbols()
    case 15: return repetition()
    case 17: return foreign(bytes)
    default:
      let page = plain(.english, bytes)
      good.append(page)
      return page
    }
  }

  private mutating func plain(_ language: Language, _ bytes: Int) -> WebPage {
    let prose = Prose(language, &dice)
    var lines: [[UInt8]] = []
    var written = 0
    while written < bytes {
      lines.append(prose.paragraph(dice.between(3, 7), &dice))
      written += lines[lines.count - 1].count
    }
    return WebPage(
      url: address(), date: date(), language: language, title: prose.title(&dice), lines: lines)
  }

  private mutating func foreign(_ bytes: Int) -> WebPage {
    var page = plain(dice.pick(Language.foreign), bytes)
    page.expect = .drop
    page.reason = "language"
    return page
  }

  private mutating func copy() -> WebPage {
    var page = original()
    page.url = address()
    page.expect = .drop
    page.reason = "duplicate"
    return page
  }

  /// The same words with a few others at both ends and other breaks, so that no line is equal.
  private mutating func nearCopy() -> WebPage {
    var page = original()
    var lines: [[UInt8]] = []
    for (index, line) in page.lines.enumerated() {
      if index % 2 == 0 { lines.append(line) } else { lines[lines.count - 1] += [0x20] + line }
    }
    let words = ["By the way, ", "In short, ", "As we said before, ", "It seems that "]
    lines[0] = Array(dice.pick(words).utf8) + lines[0]
    lines[lines.count - 1] += " Number \(count) of our series."
    page.lines = lines
    page.title += " (\(count))"
    page.url = address()
    page.expect = .drop
    page.reason = "near-duplicate"
    return page
  }

  /// A good page that has no copy yet; its copy names it.
  private mutating func original() -> WebPage {
    var page = good.remove(at: dice.roll(good.count))
    page.twin = page.url
    return page
  }

  private mutating func short() -> WebPage {
    let prose = Prose(.english, &dice)
    return WebPage(
      url: address(), date: date(), title: prose.title(&dice), lines: [prose.title(&dice)],
      expect: .drop, reason: "short")
  }

  private mutating func symbols() -> WebPage {
    let marks = ["###", "$$$", "***", "@@@", "%%%", "#1", "10%", "->", "~~", "+++", "|", "#"]
    var lines: [[UInt8]] = []
    for _ in 0..<dice.between(14, 30) {
      var line: [UInt8] = []
      for _ in 0..<dice.between(5, 12) { line += "\(dice.pick(marks)) \(dice.roll(1000)) " }
      lines.append(line + Array("buy now ...".utf8))
    }
    return WebPage(
      url: address(), date: date(), title: Array("### BEST PRICE ###".utf8), lines: lines,
      expect: .drop, reason: "symbols")
  }

  private mutating func repetition() -> WebPage {
    let prose = Prose(.english, &dice)
    let sentence = prose.sentence(&dice)
    let lines = (0..<dice.between(12, 25)).map { _ in sentence + [0x20] + sentence }
    return WebPage(
      url: address(), date: date(), title: prose.title(&dice), lines: lines, expect: .drop,
      reason: "repetition")
  }

  private mutating func address() -> String {
    let site = "\(dice.pick(siteNames))\(dice.pick(siteEnds)).example"
    return "https://\(site)/\(dice.pick(siteFolders))/\(stream)-\(count)"
  }

  private mutating func date() -> String {
    "2023-02-\(twoDigits(dice.between(1, 26)))T\(twoDigits(dice.roll(24))):"
      + "\(twoDigits(dice.roll(60))):\(twoDigits(dice.roll(60)))Z"
  }
}

private let siteNames = ["harbour", "garden", "orbit", "kitchen", "signal", "meadow", "archive"]
private let siteEnds = ["news", "journal", "club", "online", "review", "-notes"]
private let siteFolders = ["blog", "articles", "2023/02", "stories", "archive", "news"]

extension [WebPage] {
  /// The pages as they are judged where CCNet's rule holds: lines that two pages share go from both,
  /// so that of a page and its exact copy nothing is left.
  var withoutSharedLines: [WebPage] {
    let copied = Set(filter { $0.reason == "duplicate" }.compactMap(\.twin))
    return map { page in
      guard copied.contains(page.url) else { return page }
      var page = page
      (page.expect, page.reason) = (.drop, "duplicate lines")
      return page
    }
  }
}

func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
