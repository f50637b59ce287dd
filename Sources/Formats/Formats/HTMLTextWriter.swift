/// Collects the text of a page: collapses white space, and writes a line break or a space only when
/// text follows.
struct HTMLTextWriter {
  private(set) var bytes: [UInt8]
  /// How many bytes of `bytes` are text so far.
  private(set) var count = 0
  private var breaks = 0
  private var hasSpace = false
  private var hasTab = false
  private var hasMarker = false
  private let marker: [UInt8]
  private let cellSeparator: [UInt8]

  /// - Parameters:
  ///   - options: What stands for list items and between cells.
  ///   - capacity: Bytes of the page, of which the text is a part.
  init(options: HTMLTextOptions, capacity: Int) {
    marker = Array(options.listMarker.utf8)
    cellSeparator = Array(options.cellSeparator.utf8)
    bytes = [UInt8](repeating: 0, count: capacity / 4 + 64)
  }

  var text: [UInt8] { Array(bytes[..<count]) }

  /// Makes the text that follows begin on a new line, below `lines - 1` empty ones.
  mutating func breakLine(_ lines: Int = 1) { breaks = max(breaks, lines) }

  /// Ends the line, once more where it is ended already; one empty line is the most.
  mutating func addLineBreak() { breaks = min(breaks + 1, 2) }

  mutating func addSpace() { hasSpace = true }

  /// Sets the next text apart from the cell before it on the same line.
  mutating func beginCell() { hasTab = true }

  /// Puts the marker of a list item before the text that follows on a new line.
  mutating func beginItem() {
    breakLine()
    hasMarker = true
  }

  /// Forgets the marker of an item that had no text.
  mutating func endItem() {
    breakLine()
    hasMarker = false
  }

  /// Removes line breaks and spaces from the end, as far as `start`.
  mutating func trimEnd(downTo start: Int) {
    while count > start && (isSpace(bytes[count - 1])) { count -= 1 }
  }

  /// Adds `source[range]`: runs of white space and no-break spaces become one space, control
  /// characters go, references are decoded.
  ///
  /// - Complexity: O(n).
  mutating func add(_ source: [UInt8], _ range: Range<Int>) {
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = source[index]
      if byte <= 0x20 {
        if isSpace(byte) { hasSpace = true }
        index += 1
      } else if byte == UInt8(ascii: "&") {
        index += 1
        index += addReference(source, from: index, to: range.upperBound, isVerbatim: false)
      } else if byte == 0xc2 && index + 1 < range.upperBound && source[index + 1] == 0xa0 {
        hasSpace = true
        index += 2
      } else {
        index = addRun(source, from: index, to: range.upperBound)
      }
    }
  }

  /// Copies text up to what needs a closer look; single spaces between words go along.
  private mutating func addRun(_ source: [UInt8], from begin: Int, to end: Int) -> Int {
    separate()
    reserve(end - begin)
    var index = begin
    unsafe bytes.withUnsafeMutableBufferPointer { target in
      var count = count
      while index < end {
        let byte = source[index]
        if byte <= 0x20 {
          guard byte == 0x20, index + 1 < end, source[index + 1] > 0x20,
            source[index + 1] != UInt8(ascii: "&"), source[index + 1] != 0xc2
          else { break }
        } else if byte == UInt8(ascii: "&")
          || (byte == 0xc2 && index + 1 < end && source[index + 1] == 0xa0)
        {
          break
        }
        unsafe target[count] = byte
        count += 1
        index += 1
      }
      self.count = count
    }
    return index
  }

  /// Adds `source[range]` with its white space as it is; line ends become `\n`.
  mutating func addVerbatim(_ source: [UInt8], _ range: Range<Int>) {
    guard !range.isEmpty else { return }
    hasSpace = false
    separate()
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = source[index]
      index += 1
      switch byte {
      case UInt8(ascii: "&"):
        index += addReference(source, from: index, to: range.upperBound, isVerbatim: true)
      case 0x0d:
        if index < range.upperBound && source[index] == 0x0a { continue }
        put(0x0a)
      case 0x09, 0x0a, 0x20...: put(byte)
      default: break
      }
    }
  }

  /// Adds what the reference at `begin` stands for, or the `&` itself; gives the bytes it took.
  private mutating func addReference(
    _ source: [UInt8], from begin: Int, to end: Int, isVerbatim: Bool
  ) -> Int {
    guard
      let reference = HTMLReferences.all.reference(
        in: source, from: begin, to: end, isAttribute: false)
    else {
      addScalar(UInt32(UInt8(ascii: "&")), isVerbatim: isVerbatim)
      return 0
    }
    addScalar(reference.first, isVerbatim: isVerbatim)
    if reference.second != 0 { addScalar(reference.second, isVerbatim: isVerbatim) }
    return reference.length
  }

  private mutating func addScalar(_ number: UInt32, isVerbatim: Bool) {
    if number <= 0x20 || number == 0xa0 {
      let isBlank = number == 0xa0 || isSpace(UInt8(number))
      guard isBlank else { return }
      if isVerbatim { put(number == 0xa0 ? 0x20 : UInt8(number)) } else { hasSpace = true }
      return
    }
    separate()
    for byte in UTF8.encode(Unicode.Scalar(number) ?? "\u{fffd}")
      ?? UTF8.encodedReplacementCharacter
    { put(byte) }
  }

  /// Writes what stands between the text so far and the text that follows.
  private mutating func separate() {
    guard breaks > 0 || hasSpace || hasTab || hasMarker else { return }
    if count > 0 {
      if breaks > 0 {
        for _ in 0..<breaks { put(0x0a) }
      } else if hasTab && bytes[count - 1] != 0x0a {
        for byte in cellSeparator { put(byte) }
      } else if hasSpace && !isSpace(bytes[count - 1]) {
        put(0x20)
      }
    }
    if hasMarker { for byte in marker { put(byte) } }
    (breaks, hasSpace, hasTab, hasMarker) = (0, false, false, false)
  }

  private mutating func put(_ byte: UInt8) {
    if count == bytes.count { reserve(1) }
    bytes[count] = byte
    count += 1
  }

  private mutating func reserve(_ more: Int) {
    guard count + more > bytes.count else { return }
    bytes.append(contentsOf: repeatElement(0, count: max(more, bytes.count)))
  }
}
