internal import Ground

/// Writes `stack-exchange/*.7z`: one archive a site, with its posts as XML rows.
func writeQuestions(_ sample: inout SampleFolder, _ bytes: Int) throws(Fault) {
  for topic in Topic.all where ["cooking", "astronomy", "gardening"].contains(topic.name) {
    try write(topic, bytes / 3, &sample)
  }
}

private func write(
  _ topic: Topic, _ bytes: Int, _ sample: inout SampleFolder
) throws(Fault) {
  let input = "stack-exchange/\(topic.name).stackexchange.com.7z"
  var site = Site(topic, input, sample.dice(input))
  var questions = 0
  while site.rows.count < bytes || questions < 8 {
    questions += 1
    site.addThread(bytes: max(300, min(1500, bytes / 60)))
  }
  site.addOddPosts()
  let declaration = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
  let posts = Array("\(declaration)<posts>\n".utf8) + site.rows + Array("</posts>\n".utf8)
  let tags = Array(
    "\(declaration)<tags>\n  <row Id=\"1\" TagName=\"\(topic.name)\" Count=\"\(questions)\" />\n</tags>\n"
      .utf8)
  let archive = try ArchiveWriter(.sevenZip, modified: 1_677_628_800)
  try archive.add("Posts.xml", posts)
  try archive.add("Tags.xml", tags)
  sample.summary.rawBytes += posts.count
  for label in site.labels { sample.add(label) }
  try sample.write(try archive.finish(), to: input)
}

/// The posts of one site, in the order of their numbers.
private struct Site {
  private(set) var rows: [UInt8] = []
  private(set) var labels: [Label] = []
  private let topic: Topic
  private let input: String
  private var dice: Dice
  private var count = 0

  init(_ topic: Topic, _ input: String, _ dice: Dice) {
    self.topic = topic
    self.input = input
    self.dice = dice
  }

  /// A question with none to four answers, whose scores are not in order.
  mutating func addThread(bytes: Int) {
    let answers = dice.roll(5)
    let question = count + 1
    var fields = [
      ("PostTypeId", "1"), ("CreationDate", date()), ("Score", "\(dice.between(-2, 30))"),
      ("ViewCount", "\(dice.roll(5000))"),
    ]
    if answers > 1 { fields.insert(("AcceptedAnswerId", "\(question + 2)"), at: 1) }
    let title = text("asks")
    fields.append(("Title", title.string))
    fields.append(("Tags", "<\(topic.name)><\(word("noun"))>"))
    fields.append(("AnswerCount", "\(answers)"))
    add(fields, body: questionBody(bytes))
    for _ in 0..<answers {
      add(
        [
          ("PostTypeId", "2"), ("ParentId", "\(question)"), ("CreationDate", date()),
          ("Score", "\(dice.between(-3, 120))"),
        ], body: answerBody(bytes), reason: "answer to \(question)")
    }
  }

  /// What is neither a question nor the answer to one.
  mutating func addOddPosts() {
    add(
      [("PostTypeId", "5"), ("CreationDate", date()), ("Score", "0")],
      body: paragraph(1), expect: .drop, reason: "tag wiki")
    add(
      [
        ("PostTypeId", "2"), ("ParentId", "999999"), ("CreationDate", date()), ("Score", "1"),
      ], body: paragraph(2), expect: .drop, reason: "orphan")
  }

  private mutating func add(
    _ fields: [(String, String)], body: [UInt8], expect: Label.Expectation = .keep,
    reason: String? = nil
  ) {
    count += 1
    rows += "  <row Id=\"\(count)\""
    for (name, value) in fields {
      rows += " \(name)=\""
      rows += attribute(Array(value.utf8))
      rows += "\""
    }
    rows += " Body=\""
    rows += attribute(body)
    rows += "\" LastActivityDate=\"\(date())\" OwnerUserId=\"\(dice.between(2, 400))\""
    rows += " ContentLicense=\"CC BY-SA 4.0\" />\n"
    labels.append(
      Label(
        input: input, record: "\(count)", source: "stack-exchange", expect: expect,
        reason: reason))
  }

  private mutating func questionBody(_ bytes: Int) -> [UInt8] {
    var html: [UInt8] = []
    repeat {
      html += "<p>"
      html += text("problem")
      html += " "
      html += text("s")
      html += "</p>\n"
    } while html.count < bytes / 2
    if dice.chance(30) { html += list() }
    if dice.chance(20) { html += "<blockquote>\n<p>\(text("s").string)</p>\n</blockquote>\n" }
    return html + Array("<p>\(text("asks").string)</p>\n".utf8)
  }

  private mutating func answerBody(_ bytes: Int) -> [UInt8] {
    var html: [UInt8] = []
    repeat { html += paragraph(dice.between(2, 4)) } while html.count < bytes / 3
    if dice.chance(30) { html += list() }
    if dice.chance(20) {
      html +=
        "<pre><code>\(word("noun")) = \(dice.roll(100)) &lt; \(dice.roll(100))\n</code></pre>\n"
    }
    if dice.chance(25) { html += "<p>See <a href=\"https://example.org/\">this page</a>.</p>\n" }
    return html
  }

  private mutating func paragraph(_ sentences: Int) -> [UInt8] {
    var html = Array("<p>".utf8)
    for _ in 0..<sentences {
      html += text(dice.chance(60) ? "advice" : "s")
      html += " "
    }
    return html.dropLast() + Array("</p>\n".utf8)
  }

  private mutating func list() -> [UInt8] {
    var html = Array("<ul>\n".utf8)
    for _ in 0..<dice.between(2, 4) { html += "<li>\(text("title").string)</li>\n" }
    return html + Array("</ul>\n".utf8)
  }

  private mutating func text(_ symbol: String) -> [UInt8] {
    Prose(topic, &dice).sentence(symbol, &dice)
  }

  private mutating func word(_ symbol: String) -> String {
    topic.grammar.text(symbol, &dice).string.replacing(" ", with: "-")
  }

  private mutating func date() -> String {
    "20\(dice.between(10, 22))-\(twoDigits(dice.between(1, 12)))-\(twoDigits(dice.between(1, 28)))"
      + "T\(twoDigits(dice.roll(24))):15:00.\(dice.between(100, 999))"
  }
}

/// Text for an attribute of a row, whose new lines are written as numbers.
private func attribute(_ text: [UInt8]) -> [UInt8] {
  var xml: [UInt8] = []
  for byte in escapedXML(text) {
    if byte == 0x0a { xml += "&#xA;" } else { xml.append(byte) }
  }
  return xml
}
