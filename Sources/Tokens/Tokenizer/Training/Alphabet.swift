/// The characters that become pieces, most frequent first, and how much of the text they cover.
struct Alphabet {
  private(set) var scalars: [UInt32] = []
  /// By scalar, its place in `scalars`, or -1 where it is too rare.
  private(set) var numbers = [Int32](repeating: -1, count: 0x11_0000)

  /// Takes required characters, then the most frequent ones until `characterCoverage` is reached.
  ///
  /// - SeeAlso: google/sentencepiece `src/trainer_interface.cc`, `LoadSentences`.
  init(_ units: UnitCounts, _ settings: TrainerSettings) {
    var counts = [Int](repeating: 0, count: 0x11_0000)
    var total = 0
    unsafe units.forEach { unit, count in
      unsafe unit.withMemoryRebound(to: UInt8.self) { unit in
        let unit = unsafe unit.span
        var place = 0
        while place < unit.count {
          let (scalar, length) = decodeScalar(unit, at: place)
          counts[Int(scalar)] += count
          total += count
          place += length
        }
      }
    }
    swapSpace(&counts)
    let required = Set(settings.requiredChars.unicodeScalars.map(\.value)).subtracting([0, 0x20])
    let order = counts.indices.lazy.map { UInt32($0) }
      .filter { counts[Int($0)] > 0 || required.contains($0) }
      .sorted { left, right in
        let isRequired = (required.contains(left), required.contains(right))
        if isRequired.0 != isRequired.1 { return isRequired.0 }
        return precedes(left, right, counts)
      }
    var covered = 0
    for scalar in order {
      if Float(Double(covered) / Double(total)) >= settings.characterCoverage { break }
      covered += counts[Int(scalar)]
      if scalar != 0x1f { scalars.append(scalar) }
    }
    scalars.sort { precedes($0, $1, counts) }
    for (number, scalar) in scalars.enumerated() { numbers[Int(scalar)] = Int32(number) }
    numbers[0x20] = numbers[Int(spaceMark)]
  }

  /// Counts the spaces of normalised text as the U+2581 that they stand for.
  private func swapSpace(_ counts: inout [Int]) {
    counts[Int(spaceMark)] = counts[0x20]
    counts[0x20] = 0
  }
}

private func precedes(_ left: UInt32, _ right: UInt32, _ counts: [Int]) -> Bool {
  let (ofLeft, ofRight) = (counts[Int(left)], counts[Int(right)])
  return ofLeft != ofRight ? ofLeft > ofRight : left < right
}
