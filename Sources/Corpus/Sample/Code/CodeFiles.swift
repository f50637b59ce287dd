/// One file of a repository, before it takes a format.
struct CodeFile {
  var repository: String
  var path: String
  var licence: String
  var content: [UInt8]?
  var expect = Label.Expectation.keep
  var reason: String?
  var twin: String?

  /// What labels call it.
  var name: String { "\(repository)/\(path)" }
}

/// Makes files of programs, of which every kind of bad one comes again after twenty.
struct CodeFiles {
  private var dice: Dice
  private var good: [CodeFile] = []
  private var count = 0

  init(_ sample: SampleFolder, stream: String) { dice = sample.dice(stream) }

  mutating func files(bytes: Int) -> [CodeFile] {
    var files: [CodeFile] = []
    var written = 0
    while written < bytes || files.count < 20 {
      let file = next(bytes: min(dice.between(800, 6000), max(600, bytes / 20)))
      written += file.content?.count ?? 0
      files.append(file)
    }
    return files
  }

  /// A file of a program, and nothing wrong with it.
  mutating func good(bytes: Int) -> CodeFile {
    let language = dice.pick(CodeLanguage.all)
    var text = dice.chance(40) ? licenceHeader(language) : []
    text += language.text("start", &dice)
    while text.count < bytes { text += language.text("unit", &dice) }
    while text.last == 0x0a { text.removeLast() }
    text.append(0x0a)
    let stem = "\(language.grammar.text("act", &dice).string)_\(count)"
    return CodeFile(
      repository: repository(), path: "src/\(stem)\(language.suffix)",
      licence: dice.pick(["mit", "apache-2.0", "bsd-3-clause", "bsd-2-clause"]), content: text)
  }

  private mutating func next(bytes: Int) -> CodeFile {
    count += 1
    var file = good(bytes: bytes)
    switch count % 20 {
    case 3:
      let original = good.remove(at: dice.roll(good.count))
      file.content = original.content
      file.path = original.path
      (file.expect, file.reason, file.twin) = (.drop, "duplicate", original.name)
    case 5:
      file.licence = "gpl-3.0"
      (file.expect, file.reason) = (.drop, "licence")
    case 8:
      file.path = "dist/library-\(count).min.js"
      file.content = file.content.map { $0.map { $0 == 0x0a || $0 == 0x09 ? 0x20 : $0 } + [0x0a] }
      // Short files would pass as one line of less than a thousand characters.
      while let content = file.content, content.count < 1500 {
        file.content = content.dropLast() + content
      }
      (file.expect, file.reason) = (.drop, "long lines")
    case 11:
      file.path = "art/banner-\(count).md"
      file.content = symbols()
      (file.expect, file.reason) = (.drop, "symbols")
    case 14:
      file.path = "data/table-\(count).csv"
      (file.expect, file.reason) = (.drop, "suffix")
    case 17:
      file.path = "image-\(count).c"
      file.content = nil
      (file.expect, file.reason) = (.drop, "binary")
    default: good.append(file)
    }
    return file
  }

  private mutating func symbols() -> [UInt8] {
    var text: [UInt8] = []
    for _ in 0..<40 {
      for _ in 0..<50 { text.append(dice.pick(Array("#*+-=|/\\<>()[] . : ".utf8))) }
      text.append(0x0a)
    }
    return text
  }

  private mutating func licenceHeader(_ language: CodeLanguage) -> [UInt8] {
    let owner = Topic.all[0].grammar.text("name", &dice, [[], Array("The Authors".utf8), []]).string
    let lines = [
      "Copyright (c) 20\(twoDigits(dice.between(8, 22))) \(owner). All rights reserved.",
      "SPDX-License-Identifier: MIT",
    ]
    switch language.suffix {
    case ".c", ".java", ".js", ".rs":
      return Array("/*\n\(lines.map { " * \($0)\n" }.joined()) */\n\n".utf8)
    case ".md", ".sh": return []
    default: return Array(lines.map { "\(language.comment) \($0)\n" }.joined().utf8) + [0x0a]
    }
  }

  private mutating func repository() -> String {
    "\(dice.pick(owners))/\(dice.pick(projects))-\(dice.roll(50))"
  }
}

private let owners = ["ashfield", "holmworth", "pendle", "kelstead", "marshwick", "whitcombe"]
private let projects = ["tally", "lantern", "compass", "ledger", "weaver", "almanac", "orrery"]
