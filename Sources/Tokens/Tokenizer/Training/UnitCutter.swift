internal import CTokenizer

/// Cuts normalised text into units: stretches that no piece reaches across the ends of.
///
/// That is exact, since pieces grow by joining neighbours, and where no piece may have two
/// characters side by side, nothing is ever joined across. Units are a third of the length of words
/// taken together, and far fewer are different.
package struct UnitCutter: Sendable {
  /// By scalar, its class.
  private let classes: [UInt8]
  /// By the classes of two neighbours, 0 where a unit begins between them.
  private let joins: [UInt8]
  /// The same for ASCII in sets of one bit a class, of which there are eight at most.
  private let ascii: [UInt8]

  /// The instruction set that is used: 0 is none of them, and every machine's.
  private let level: Int32

  /// The levels that this processor has.
  package static var levels: ClosedRange<Int32> { 0...quipu_cuts_best() }

  package init(_ settings: TrainerSettings, level: Int32) {
    self.init(PieceRules(settings), level: level)
  }

  init(_ rules: PieceRules, level: Int32 = levels.upperBound) {
    self.level = level
    classes = rules.classes
    joins = rules.joins
    let kinds = Set(classes[..<128]).sorted()
    precondition(kinds.count <= 8, "\(kinds.count) classes of ASCII; there are eight bits for them")
    let sets = classes[..<128].map { UInt8(1) << UInt8(kinds.firstIndex(of: $0) ?? 0) }
    let parted = kinds.map { left in
      kinds.enumerated().reduce(UInt8(0)) { set, right in
        rules.isJoined(left, right.element) ? set : set | 1 << UInt8(right.offset)
      }
    }
    ascii = sets + parted + [UInt8](repeating: 0, count: 8 - parted.count)
  }

  /// Lists where units begin in `text`, ascending, but for the first, and where the last ends.
  ///
  /// - Precondition: Well-formed UTF-8 of less than 4 GiB.
  /// - Complexity: O(n); ASCII passes 64 bytes at a time.
  package func cut(_ text: Span<UInt8>, into places: inout [UInt32]) -> Int {
    if places.count < text.count + 16 {
      places = Array(repeating: 0, count: text.count + text.count / 4 + 16)
    }
    return unsafe classes.withUnsafeBufferPointer { classes in
      unsafe joins.withUnsafeBufferPointer { joins in
        unsafe ascii.withUnsafeBufferPointer { ascii in
          unsafe text.withUnsafeBufferPointer { text in
            unsafe places.withUnsafeMutableBufferPointer { places in
              guard let classes = classes.baseAddress, let joins = joins.baseAddress,
                let ascii = ascii.baseAddress, let bytes = text.baseAddress,
                let room = places.baseAddress
              else { return 0 }
              var rules = unsafe quipu_cut_rules(classes: classes, joins: joins, ascii: ascii)
              return unsafe quipu_find_cuts(level, &rules, bytes, text.count, room)
            }
          }
        }
      }
    }
  }
}
