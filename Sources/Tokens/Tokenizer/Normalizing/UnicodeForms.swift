/// Compatibility decomposition and canonical composition, by `NormalizationTable`.
///
/// - SeeAlso: Unicode Standard Annex 15; chapter 3.12 of the Standard for Hangul.
struct UnicodeForms {
  /// Scalars that decompose, ascending, with what they become in the end.
  let decompositions: [(scalar: UInt32, parts: [UInt32])]
  /// By two scalars in one word: what they compose.
  private var compositions: [UInt64: UInt32] = [:]
  private var classes: [UInt32: UInt32] = [:]

  init() {
    decompositions = rows(NormalizationTable.decompositions, goesUp: true)
    for (scalar, parts) in Self.pairs() {
      compositions[UInt64(parts[0]) << 32 | UInt64(parts[1])] = scalar
    }
    for (scalar, value) in rows(NormalizationTable.classes, goesUp: false) {
      classes[scalar] = value[0]
    }
  }

  /// Canonical decompositions of what nothing composes, full.
  static func singles() -> [(scalar: UInt32, parts: [UInt32])] {
    rows(NormalizationTable.singles, goesUp: true)
  }

  /// The scalars that two others compose, with those.
  static func pairs() -> [(scalar: UInt32, parts: [UInt32])] {
    rows(NormalizationTable.compositions, goesUp: true)
  }

  /// The scalars whose case folds, with what they fold to.
  static func folds() -> [(scalar: UInt32, target: UInt32)] {
    rows(NormalizationTable.folds, goesUp: true).map { ($0.scalar, $0.parts[0]) }
  }

  /// The parts of each Hangul syllable.
  static func hangul() -> [[UInt32]] { (0xac00..<0xd7a4).map { hangulParts($0) } }

  /// The parts of the Hangul syllable `scalar`, two or three.
  static func hangulParts(_ scalar: UInt32) -> [UInt32] {
    let index = scalar - 0xac00
    let parts = [0x1100 + index / 588, 0x1161 + index % 588 / 28]
    return index % 28 == 0 ? parts : parts + [0x11a7 + index % 28]
  }

  /// Composes scalars that are fully decomposed and in canonical order.
  func composed(_ text: [UInt32]) -> [UInt32] {
    var output: [UInt32] = []
    var starter: Int?
    var lastClass: UInt32 = 0
    for scalar in text {
      let combining = classes[scalar] ?? 0
      if let place = starter, lastClass < combining || lastClass == 0,
        place == output.count - 1 || lastClass != 0,
        let composite = composite(output[place], scalar)
      {
        output[place] = composite
        continue
      }
      output.append(scalar)
      if combining == 0 { starter = output.count - 1 }
      lastClass = combining
    }
    return output
  }

  private func composite(_ left: UInt32, _ right: UInt32) -> UInt32? {
    if 0x1100..<0x1113 ~= left, 0x1161..<0x1176 ~= right {
      return 0xac00 + ((left - 0x1100) * 21 + right - 0x1161) * 28
    }
    if 0xac00..<0xd7a4 ~= left, (left - 0xac00) % 28 == 0, 0x11a8..<0x11c3 ~= right {
      return left + right - 0x11a7
    }
    return compositions[UInt64(left) << 32 | UInt64(right)]
  }
}

/// Reads rows of `NormalizationTable`; `goesUp` where what belongs to a scalar goes up with it.
private func rows(_ table: String, goesUp: Bool) -> [(scalar: UInt32, parts: [UInt32])] {
  var result: [(scalar: UInt32, parts: [UInt32])] = []
  for row in table.utf8.split(whereSeparator: { $0 == 0x2c || $0 == 0x0a }) {
    var numbers: [UInt32] = [0]
    var count: UInt32 = 1
    var step: UInt32 = 0
    for byte in row {
      switch byte {
      case UInt8(ascii: " "): numbers.append(0)
      case UInt8(ascii: "*"): numbers.append(0)
      case UInt8(ascii: "+"):
        count = numbers.removeLast()
        numbers.append(0)
      default:
        let digit = UInt32(byte < 0x40 ? byte - 0x30 : byte - 0x37)
        numbers[numbers.count - 1] = numbers[numbers.count - 1] << 4 | digit
      }
    }
    if count > 1 { step = numbers.remove(at: 1) }
    for turn in 0..<count {
      let up = turn * step
      let parts = numbers.dropFirst().map { goesUp ? $0 + up : $0 }
      result.append((numbers[0] + up, Array(parts)))
    }
  }
  return result
}
