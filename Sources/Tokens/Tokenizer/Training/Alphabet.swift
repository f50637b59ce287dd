import Ground

/// The characters that become pieces, most frequent first, and how much of the text they cover.
struct Alphabet: ~Copyable {
  private(set) var scalars: [UInt32] = []
  /// How often each of them comes.
  private(set) var counts: [Int] = []
  /// By scalar, its place in `scalars`, or -1 where it is too rare.
  private var numbers = FlatArray<Int32>(repeating: -1, count: 0x11_0000)

  /// Takes required characters, then the most frequent ones until `characterCoverage` is reached, or
  /// all of them where it is found out later which are worth a piece.
  ///
  /// - SeeAlso: google/sentencepiece `src/trainer_interface.cc`, `LoadSentences`.
  init(_ units: UnitCounts, _ settings: TrainerSettings, jobs: Int) {
    var counts = count(units, jobs: jobs)
    let total = (0..<counts.count).reduce(0) { $0 + counts[$1] }
    // The spaces of normalised text stand for U+2581.
    counts[Int(spaceMark)] = counts[0x20]
    counts[0x20] = 0
    var found: [UInt32: Int] = [:]
    for scalar in 0..<counts.count where counts[scalar] > 0 {
      found[UInt32(scalar)] = counts[scalar]
    }
    let required = Set(settings.requiredChars.unicodeScalars.map(\.value)).subtracting([0, 0x20])
    for scalar in required { found[scalar, default: 0] += 0 }
    let order = found.sorted { left, right in
      let isRequired = (required.contains(left.key), required.contains(right.key))
      return isRequired.0 != isRequired.1 ? isRequired.0 : precedes(left, right)
    }
    var covered = 0
    var chosen: [(key: UInt32, value: Int)] = []
    for entry in order {
      if !settings.autoCharacterCoverage
        && Float(Double(covered) / Double(total)) >= settings.characterCoverage
      {
        break
      }
      covered += entry.value
      if entry.key != 0x1f { chosen.append(entry) }
    }
    chosen.sort(by: precedes)
    scalars = chosen.map(\.key)
    self.counts = chosen.map(\.value)
    for (number, scalar) in scalars.enumerated() { numbers[Int(scalar)] = Int32(number) }
    numbers[0x20] = numbers[Int(spaceMark)]
  }

  /// The place of a character of normalised text among the pieces, or -1 where it is too rare.
  @inline(__always)
  func number(of scalar: UInt32) -> Int32 { numbers[Int(scalar)] }
}

/// How often each scalar comes.
private func count(_ units: UnitCounts, jobs: Int) -> FlatArray<Int> {
  let jobs = min(jobs, 4)  // each takes 9 MB
  let parts = inParallel(jobs) { job in
    var counts = FlatArray(repeating: 0, count: 0x11_0000)
    units.forEach(part: job, of: jobs) { unit, count in
      var place = 0
      while place < unit.count {
        let (scalar, length) = decodeScalar(unit, at: place)
        counts[Int(scalar)] &+= count
        place &+= length
      }
    }
    return counts
  }
  var total = parts[0].take()
  for part in parts.dropFirst() {
    let counts = part.take()
    for scalar in 0..<total.count { total[scalar] &+= counts[scalar] }
  }
  return total
}

/// More frequent characters first, then smaller ones.
private func precedes(_ left: (key: UInt32, value: Int), _ right: (key: UInt32, value: Int)) -> Bool
{
  left.value != right.value ? left.value > right.value : left.key < right.key
}
