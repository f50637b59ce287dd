/// Strings that are cut out of normalised text before anything else, the longest that fits first.
struct Literals: Sendable {
  private var names = ByteStrings()
  private var ids: [Int32] = []
  /// Distinct lengths in bytes of normalised text, longest first.
  private var lengths: [Int] = []
  private var firsts = [Bool](repeating: false, count: 256)

  /// Takes strings as they stand in pieces, with their ids.
  init(_ strings: some Sequence<(id: Int, bytes: [UInt8])>) {
    for (id, bytes) in strings {
      guard !bytes.isEmpty, !bytes.contains(0x20) else { continue }  // normalised text has U+2581
      var text: [UInt8] = []
      text.appendNormalized(bytes.span, isValid: true)
      guard names.insert(text.span).isNew else { continue }
      ids.append(Int32(id))
      lengths.append(text.count)
      firsts[Int(text[0])] = true
    }
    lengths = Set(lengths).sorted(by: >)
  }

  var isEmpty: Bool { ids.isEmpty }

  @inline(__always)
  func canBegin(_ byte: UInt8) -> Bool { firsts[Int(byte)] }

  /// The longest string that begins at `place` of normalised text.
  func match(_ text: Span<UInt8>, at place: Int, end: Int) -> (id: Int32, length: Int)? {
    guard canBegin(text[place]) else { return nil }
    for length in lengths where length <= end - place {
      if let number = names.find(text.extracting(place..<place + length)) {
        return (ids[number], length)
      }
    }
    return nil
  }
}
