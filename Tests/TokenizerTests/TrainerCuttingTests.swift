import TestSupport
import Testing
import Tokenizer

/// Where text is cut into units, by every instruction set that the processor has.
@Suite struct TrainerCuttingTests {
  private func cuts(_ text: String, _ settings: TrainerSettings, _ level: Int32) -> [UInt32] {
    var places: [UInt32] = []
    let bytes = Array(text.utf8)
    let count = UnitCutter(settings, level: level).cut(bytes.span, into: &places)
    return Array(places.prefix(count))
  }

  /// The places between two units, from the units themselves.
  private func places(_ units: [String]) -> [UInt32] {
    var end: UInt32 = 0
    return units.map {
      end += UInt32($0.utf8.count)
      return end
    }
  }

  @Test(arguments: UnitCutter.levels)
  func unitsEndAtWordsScriptsAndDigits(_ level: Int32) {
    let units = [
      " the", "  whale", "-", "boat", " ", "1", "8", "5", "1", "\0", " день", ",", " 鯨のカー",
      "é\u{301}!",
      "\u{1f}", " )))", "x",
    ]
    for shift in 0..<70 {
      let start = String(repeating: "a", count: shift)
      let all = (shift == 0 ? [] : [start]) + units
      #expect(cuts(all.joined(), .llama, level) == places(all), "\(shift) letters before")
    }
  }

  @Test func allInstructionSetsFindTheSamePlaces() {
    var chance = SeededGenerator(seed: 7)
    let parts = ["a", "B", " ", "  ", "1", ".", "\0", "\u{1f}", "é", "ж", "漢", "🙂", "\u{301}", "１"]
    for round in 0..<400 {
      var settings = TrainerSettings.llama
      settings.splitDigits = round % 2 == 0
      settings.splitByNumber = round % 3 != 0
      settings.splitByUnicodeScript = round % 5 != 0
      settings.splitByWhitespace = round % 7 != 0
      settings.treatWhitespaceAsSuffix = round % 11 == 0
      settings.allowWhitespaceOnlyPieces = round % 4 != 0
      // Mostly ASCII in half of the rounds, so that whole blocks of it come up.
      let most = round % 2 == 0 ? 8 : parts.count
      let text = (0..<Int.random(in: 1...300, using: &chance)).map { _ in
        Int.random(in: 0..<100, using: &chance) == 0
          ? "漢" : parts[Int.random(in: 0..<most, using: &chance)]
      }.joined()
      let plain = cuts(text, settings, 0)
      for level in UnitCutter.levels { #expect(cuts(text, settings, level) == plain, "\(text)") }
    }
  }
}
