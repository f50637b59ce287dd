/// Templates whose text a sentence cannot do without, such as `{{lang|fr|mot}}` or `{{convert|5|km}}`.
///
/// A template that is not here goes: its text is Wikipedia's to make, and most stand apart from
/// sentences. These are the ones that stand within sentences most often in real dumps, and whose text
/// follows from their arguments; what they show beside it, such as a conversion, does not.
///
/// - SeeAlso: en.wikipedia.org, Category:Inline templates; each template's own documentation.
struct KeptTemplates: Sendable {
  private let rules: [[UInt8]: Rule]

  /// A longer template is no part of a sentence, but for quotations, and goes.
  static let longest = 4000

  /// - Parameter language: The wiki's code; its own names come before those that all share.
  init(language: String) {
    var rules: [[UInt8]: Rule] = [:]
    for table in [sharedRules, localRules[language] ?? []] {
      for (names, rule) in table {
        for name in names.split(separator: " ") {
          rules[name.utf8.map { $0 == UInt8(ascii: "_") ? 0x20 : $0 }] = rule
        }
      }
    }
    self.rules = rules
  }

  /// What `{{content}}` shows; nil where it goes.
  ///
  /// - Complexity: O(n), and O(1) for templates that are not here.
  func text(of content: ArraySlice<UInt8>) -> [UInt8]? {
    let name = Self.folded(content.prefix(64).prefix { $0 != UInt8(ascii: "|") })
    if name.starts(with: formatNumber) {
      return name.dropFirst(formatNumber.count).drop { $0 <= 0x20 } + []
    }
    guard let rule = rules[name] ?? (name.starts(with: languagePrefix) ? .first : nil),
      content.count <= Self.longest
    else { return nil }
    let text = rule.text(of: TemplateArguments(content))
    return text.isEmpty ? nil : text
  }

  /// In lower case, `_` as a space, without white space around.
  private static func folded(_ name: ArraySlice<UInt8>) -> [UInt8] {
    let isASCII = name.allSatisfy { $0 < 0x80 }
    var folded =
      isASCII
      ? name.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }
      : Array(String(decoding: name, as: UTF8.self).lowercased().utf8)
    for index in folded.indices where folded[index] == UInt8(ascii: "_") { folded[index] = 0x20 }
    while let last = folded.last, last <= 0x20 { folded.removeLast() }
    return Array(folded.drop { $0 <= 0x20 })
  }
}

/// How a template's text is made of its arguments.
private enum Rule {
  /// The argument of this number.
  case argument(Int)
  case last
  /// The second argument, or the first where it is not given.
  case secondOrFirst
  /// These characters.
  case characters(String)
  /// The first argument between these.
  case between(String, String)
  /// All arguments, parted by this.
  case joined(String)
  /// The argument of one of these names, or the first.
  case named([String])
  /// Values and the unit they are in.
  case quantity
  /// A number, its unit being called `u` or `ul`.
  case number
  case fraction
  /// A word, with its other spellings in brackets.
  case spellings
  /// `As of`, and a date.
  case asOf

  static let first = Rule.argument(1)

  func text(of arguments: TemplateArguments) -> [UInt8] {
    switch self {
    case .argument(let number): return arguments[number]
    case .last: return arguments.plain.last ?? []
    case .secondOrFirst: return arguments[2].isEmpty ? arguments[1] : arguments[2]
    case .characters(let text): return Array(text.utf8)
    case .between(let start, let end):
      return arguments[1].isEmpty ? [] : start.utf8 + arguments[1] + end.utf8
    case .joined(let separator):
      return Array(arguments.plain.filter { !$0.isEmpty }.joined(separator: separator.utf8))
    case .named(let names):
      return names.lazy.map { arguments[$0] }.first { !$0.isEmpty } ?? arguments[1]
    case .quantity: return quantity(arguments)
    case .number:
      let unit = arguments["u"] + arguments["ul"]
      return unit.isEmpty ? arguments[1] : arguments[1] + [0x20] + symbol(unit)
    case .fraction:
      let parts = arguments.plain.map { String(decoding: $0, as: UTF8.self) }
      switch parts.count {
      case 1: return Array("1/\(parts[0])".utf8)
      case 2: return Array("\(parts[0])/\(parts[1])".utf8)
      case 3: return Array("\(parts[0]) \(parts[1])/\(parts[2])".utf8)
      default: return []
      }
    case .spellings:
      let spellings = [1, 2, 3].map { arguments[$0] }.filter { !$0.isEmpty }
      guard let word = spellings.first, spellings.count > 1 else { return spellings.first ?? [] }
      return word + " (".utf8 + spellings.dropFirst().joined(separator: ", ".utf8) + ")".utf8
    case .asOf:
      let month = Int(String(decoding: arguments[2], as: UTF8.self)).flatMap {
        months.indices.contains($0 &- 1) ? months[$0 - 1] : nil
      }
      let date = [arguments[3], month.map { Array($0.utf8) } ?? arguments[2], arguments[1]]
      let words = [Array((arguments["lc"].isEmpty ? "As of" : "as of").utf8)] + date
      return arguments[1].isEmpty
        ? [] : Array(words.filter { !$0.isEmpty }.joined(separator: [0x20]))
    }
  }

  /// Of `5|-|8|mi|km`, `5–8 mi`; of `6|ft|2|in|m`, `6 ft 2 in`.
  private func quantity(_ arguments: TemplateArguments) -> [UInt8] {
    var text: [UInt8] = []
    var rest = arguments.plain.prefix(8)
    while let value = rest.popFirst(), !value.isEmpty {
      text += value
      guard let next = rest.popFirst() else { break }
      if let word = rangeWords[String(decoding: next, as: UTF8.self)] {
        text += word.utf8
        continue
      }
      text += [0x20] + symbol(next)
      let isPair = rest.count > 1 && rest.first?.first.map { $0 >= 0x30 && $0 <= 0x39 } == true
      guard isPair, smallUnits.contains(String(decoding: rest[rest.startIndex + 1], as: UTF8.self))
      else { break }
      text.append(0x20)
    }
    return text
  }

  private func symbol(_ unit: [UInt8]) -> [UInt8] {
    unitSymbols[String(decoding: unit, as: UTF8.self)].map { Array($0.utf8) } ?? unit
  }
}

private let sharedRules: [(names: String, rule: Rule)] = [
  ("nowrap nobr nobreak nobold small smaller big larger abbr abbrlink tooltip", .first),
  ("sc smallcaps small_caps sub sup math mvar var linktext vanchor visible_anchor", .first),
  ("flag flagu flagcountry ipa mono keypress kbd nq nastaliq", .first),
  ("lang script rtl-lang ltr-lang", .argument(2)),
  ("transl transliteration", .last),
  ("nihongo nihongo2 nihongo3", .spellings),
  ("convert cvt", .quantity),
  ("val", .number),
  ("frac sfrac fraction", .fraction),
  ("chem chem2", .joined("")),
  ("as_of", .asOf),
  ("circa c. ca.", .between("c. ", "")),
  ("isbn", .between("ISBN ", "")),
  ("angbr angle_bracket grapheme", .between("⟨", "⟩")),
  ("quote blockquote bquote cquote quotation", .named(["text", "quote"])),
  ("mdash em_dash", .characters("—")), ("ndash en_dash", .characters("–")),
  ("snd spnd sndash spaced_ndash spaced_en_dash", .characters(" – ")),
  ("nbsp esd", .characters("\u{a0}")), ("' apostrophe", .characters("'")),
  ("'s", .characters("'s")), ("=", .characters("=")), ("okina", .characters("ʻ")),
]

private let localRules: [String: [(names: String, rule: Rule)]] = [
  "de": [("\"", .between("„", "“")), ("höhe", .between("", " m")), ("zitat", .named(["text"]))],
  "es": [("unidad", .joined(" ")), ("cita", .first)],
  "fr": [
    ("unité nombre nb date date- heure", .joined(" ")), ("s s- siècle", .between("", "e siècle")),
    ("1er", .characters("1er")), ("lien", .named(["texte", "trad", "fr"])),
    ("citation citation_bloc", .first), ("langue", .argument(2)),
  ],
  "hu": [("szám", .first)],
  "it": [("m", .number), ("ta", .first)],
  "pl": [("j", .first)],
  "pt": [("fmtn", .first)],
  "ro": [("conversie", .quantity)],
  "ru": [("s число", .first), ("нп нп1 нп2 нп3 нп4 нп5 не_переведено_5", .secondOrFirst)],
]

private let formatNumber = Array("formatnum:".utf8)
private let languagePrefix = Array("lang-".utf8)

private let rangeWords = [
  "-": "–", "–": "–", "to": " to ", "and": " and ", "&": " and ", "or": " or ", "by": " by ",
  "x": " × ", "×": " × ", "to(-)": " to ", "and(-)": " and ", "+/-": " ± ", "±": " ± ",
]

/// What may follow a larger unit, as inches follow feet.
private let smallUnits: Set<String> = ["in", "ft", "yd", "oz", "lb", "chain", "ch", "furlong"]

/// Units of `convert` that are not written as they are called there.
private let unitSymbols = [
  "sqmi": "sq mi", "sqft": "sq ft", "sqyd": "sq yd", "km2": "km²", "m2": "m²", "cm2": "cm²",
  "mm2": "mm²", "m3": "m³", "km3": "km³", "cm3": "cm³", "cuft": "cu ft", "cumi": "cu mi",
  "cuin": "cu in", "C": "°C", "F": "°F", "C-change": "°C", "F-change": "°F", "acre": "acres",
  "kph": "km/h", "PD/sqmi": "per sq mi", "PD/km2": "per km²", "m/s2": "m/s²", "foot": "ft",
  "miles": "mi", "mile": "mi", "uspint": "US pt", "USgal": "US gal", "impgal": "imp gal",
  "L/100 km": "L/100 km", "long ton": "long tons", "short ton": "short tons", "LT": "long tons",
  "ST": "short tons", "tonne": "tonnes", "ton": "tons",
]

private let months = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December",
]
