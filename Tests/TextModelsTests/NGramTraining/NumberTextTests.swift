import CTextModels
import TestSupport
import Testing

@Suite struct NumberTextTests {
  private func text(of value: Float) -> String {
    var room = [UInt8](repeating: 0, count: 32)
    let count = unsafe room.withUnsafeMutableBufferPointer { room in
      unsafe room.baseAddress.map { unsafe quipu_float_write(value, $0) } ?? 0
    }
    return String(decoding: room.prefix(count), as: UTF8.self)
  }

  @Test func formIsThatOfTheProgram() {
    let expected: [(Float, String)] = [
      (0, "0"), (-0.0, "-0"), (1, "1"), (-1.5, "-1.5"), (-99, "-99"), (0.1, "0.1"),
      (-0.000001, "-0.000001"), (9.5e-7, "9.5e-7"), (-1e-7, "-1e-7"),
      (1e20, "100000000000000000000"),
      (1e21, "1e21"), (1.25e22, "1.25e22"), (-.infinity, "-inf"), (.nan, "NaN"),
      (16_777_216, "16777216"), (-3.402_823_5e38, "-3.4028235e38"),
      (.leastNonzeroMagnitude, "1e-45"),
      (1.175_494_4e-38, "1.1754944e-38"), (0.3, "0.3"), (-0.301_03, "-0.30103"),
    ]
    for (value, form) in expected { #expect(text(of: value) == form) }
  }

  /// The digits are as few as Swift's own, and give the number back.
  @Test func digitsAreTheFewestThatGiveTheNumberBack() {
    var chance = SeededGenerator(seed: 5)
    var patterns = (0..<20_000).map { _ in UInt32(truncatingIfNeeded: chance.next()) }
    // Logarithms of probabilities lie here; powers of two have neighbours at two distances.
    patterns += (0..<20_000).map { 0xb500_0000 + $0 * 11_733 }
    patterns += (0..<255).flatMap { [$0 << 23, $0 << 23 | 1, $0 << 23 | 0x7f_ffff] }
    var wrong = 0
    for pattern in patterns {
      let value = Float(bitPattern: pattern)
      guard value.isFinite else { continue }
      let text = text(of: value)
      if Float(text) != value || digits(text) != digits("\(value)") { wrong += 1 }
    }
    #expect(wrong == 0)
  }

  /// The digits from the first to the last that is not 0.
  private func digits(_ text: String) -> String {
    let mantissa = text.prefix { $0 != "e" }.filter(\.isNumber)
    let led = mantissa.drop { $0 == "0" }
    return String(led.reversed().drop { $0 == "0" }.reversed())
  }
}
