public import Ground

/// The keys of the lines that two documents of a group share: mapped, sorted.
public struct DuplicatedLines: Sendable {
  private let file: RecordFile

  /// Maps what `resolveLines` wrote.
  public init(path: String) throws(Fault) {
    file = try RecordFile(path: path, .duplicatedLines, setting: 8, recordSize: 8)
  }

  public var count: Int { file.count / 8 }

  /// True for a line of two documents.
  ///
  /// - Complexity: O(log log n) as keys are spread evenly, O(log n) where they are not.
  public func contains(_ key: UInt64) -> Bool {
    unsafe file.withBytes { bytes in
      let keys = unsafe bytes.assumingMemoryBound(to: UInt64.self)
      var (low, high) = (0, keys.count)
      var guesses = 4
      while low < high {
        var probe = low + (high - low) / 2
        if guesses > 0 {
          guesses -= 1
          let (first, last) = unsafe (keys[low], keys[high - 1])
          if key < first || key > last { return false }
          let share = Double(key - first) / max(1, Double(last - first))
          probe = low + min(high - 1 - low, Int(share * Double(high - 1 - low)))
        }
        let found = unsafe keys[probe]
        if found == key { return true }
        if found < key { low = probe + 1 } else { high = probe }
      }
      return false
    }
  }

  /// `text` without its duplicated lines, and which lines stayed, counted from 0.
  ///
  /// Lines that two documents share go, all copies of them, and lines that fold to nothing; of
  /// lines that only this text repeats, the first stays. No line may be left: such a document is
  /// dropped. The keys are the text's own, from `LineKeys`.
  ///
  /// - SeeAlso: cc_net `dedup.py`, `finalize_doc`.
  public func removeLines(
    from text: [UInt8], keys: [UInt64]
  ) -> (text: [UInt8], lines: [Int]) {
    var seen: Set<UInt64> = []
    var kept: [UInt8] = []
    var numbers: [Int] = []
    let lines = lines(of: text.span)
    precondition(lines.count == keys.count, "\(keys.count) keys for \(lines.count) lines")
    for (number, line) in lines.enumerated() {
      let key = keys[number]
      if key == LineKeys.empty || !seen.insert(key).inserted || contains(key) { continue }
      if !numbers.isEmpty { kept.append(0x0a) }
      kept.append(contentsOf: text[line])
      numbers.append(number)
    }
    return (kept, numbers)
  }
}
