/// One text in the making: a topic, and the subject, person and place that it keeps coming back to.
struct Prose: Sendable {
  let language: Language
  let topic: Topic
  let bound: [[UInt8]]

  init(_ language: Language, _ dice: inout Dice) {
    self.init(dice.pick(language.topics), &dice, language)
  }

  init(_ topic: Topic, _ dice: inout Dice, _ language: Language = .english) {
    self.language = language
    self.topic = topic
    let name = topic.grammar.text("name", &dice)
    let town = topic.grammar.text("town_name", &dice)
    bound = [topic.grammar.text("subject", &dice, [[], name, town]), name, town]
  }

  var subject: [UInt8] { bound[0] }
  var person: [UInt8] { bound[1] }
  var place: [UInt8] { bound[2] }

  /// A sentence of the topic.
  func sentence(_ dice: inout Dice) -> [UInt8] { sentence("s", &dice) }

  /// Any symbol of the topic's grammar, with a capital.
  func sentence(_ symbol: String, _ dice: inout Dice) -> [UInt8] {
    topic.grammar.sentence(symbol, &dice, bound)
  }

  /// Any symbol of the topic's grammar, as it is.
  func text(_ symbol: String, _ dice: inout Dice) -> [UInt8] {
    topic.grammar.text(symbol, &dice, bound)
  }

  func title(_ dice: inout Dice) -> [UInt8] { sentence("title", &dice) }

  /// A paragraph on one line.
  func paragraph(_ sentences: Int, _ dice: inout Dice) -> [UInt8] {
    var text: [UInt8] = []
    for index in 0..<sentences {
      if index > 0 { text.append(0x20) }
      text += sentence(&dice)
    }
    return text
  }

  /// Paragraphs of two to six sentences, of about `bytes` together.
  func paragraphs(bytes: Int, _ dice: inout Dice) -> [[UInt8]] {
    var all: [[UInt8]] = []
    var count = 0
    while count < bytes {
      all.append(paragraph(dice.between(2, 6), &dice))
      count += all[all.count - 1].count + 1
    }
    return all
  }
}

extension [[UInt8]] {
  /// The texts one after the other with `separator` between them.
  func joined(by separator: String) -> [UInt8] {
    var all: [UInt8] = []
    for (index, text) in enumerated() {
      if index > 0 { all += separator }
      all += text
    }
    return all
  }
}
