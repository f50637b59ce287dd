public import Ground
import Tokenizer

/// Brings a text into the form that CCNet's language models were trained on, with the same bytes as
/// its Python.
///
/// Strip; lower case; canonical decomposition without nonspacing marks; every decimal digit to `0`;
/// 34 marks to their ASCII likenesses; control characters deleted. Line feeds are among those, so a
/// whole document becomes one line.
///
/// - SeeAlso: facebookresearch/cc_net `text_normalizer.py`, `normalize`.
public struct CCNetNormalizer: Sendable {
  private typealias Kind = CCNetTable.Kind
  private let table = CCNetTable.shared

  public init() {}

  /// The normalised form of `text`; for many texts use the other form.
  public func normalized(_ text: [UInt8]) -> [UInt8] {
    var room = Room<UInt8>(1)
    let count = normalize(text.span, into: &room)
    return (0..<count).map { room[$0] }
  }

  /// Writes the normalised form of `text` to the beginning of `room`, and says how many bytes it has.
  ///
  /// A byte that is not part of well-formed UTF-8 counts as U+FFFD.
  ///
  /// - Complexity: O(n), in up to three times the memory of `text`.
  public func normalize(_ text: Span<UInt8>, into room: inout Room<UInt8>) -> Int {
    let line = text.strippedAsPython(0..<text.count)
    // ASCII is written in words of eight bytes.
    room.reserve(CCNetTable.growth * line.count + 8)
    return unsafe write(text, line, to: room.start)
  }

  private func write(
    _ text: Span<UInt8>, _ line: Range<Int>, to output: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let entries = table.entries.span
    let end = line.upperBound
    var index = line.lowerBound
    var made = 0
    // Marks behind this place of the output may still be put in order.
    var barrier = 0
    while index < end {
      if end &- index >= 8 {
        let word = unsafe text.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
        if let folded = foldedASCII(UInt64(littleEndian: word)) {
          unsafe UnsafeMutableRawPointer(output + made)
            .storeBytes(of: folded.littleEndian, as: UInt64.self)
          made &+= 8
          index &+= 8
          continue
        }
      }
      let scalar = text.scalar(at: index, below: end)
      let entry =
        scalar.value < CCNetTable.limit ? entries[Int(scalar.value)] : Kind.sequence << 24
      let kind = entry >> 24
      if kind < Kind.special {
        unsafe UnsafeMutableRawPointer(output + made)
          .storeBytes(of: entry.littleEndian, as: UInt32.self)
        made &+= Int(kind)
      } else if kind == Kind.hangul {
        unsafe made &+= writeSyllable(scalar.value, to: output + made)
      } else if kind == Kind.copied {
        unsafe made &+= copy(text, index, 4, to: output + made)
      } else if kind == Kind.barrier {
        barrier = made
      } else {
        let bytes = special(entry, scalar.value, text, index, line)
        if bytes.isEmpty { barrier = made }
        let place = kind == Kind.mark ? unsafe markPlace(bytes, output, barrier..<made) : made
        unsafe insert(bytes, at: place, output, end: made)
        made &+= bytes.count
      }
      index &+= scalar.length
    }
    return made
  }

  /// What becomes of a scalar that needs more than its entry.
  @inline(never)
  private func special(
    _ entry: UInt32, _ value: UInt32, _ text: Span<UInt8>, _ index: Int, _ line: Range<Int>
  ) -> [UInt8] {
    if entry >> 24 == Kind.sigma {
      return Array((text.isFinalSigma(at: index, in: line) ? "ς" : "σ").utf8)
    }
    if value < CCNetTable.limit && entry >> 24 == Kind.sequence {
      return table.sequences[Int(entry & 0xff_ffff)]
    }
    return Unicode.Scalar(value).map { table.folded($0) } ?? []
  }
}

/// Eight ASCII bytes without controls in lower case and with digits as `0`; nil where they are not.
@inline(__always)
private func foldedASCII(_ bytes: UInt64) -> UInt64? {
  let ones: UInt64 = 0x0101_0101_0101_0101
  let tops = 0x80 &* ones
  guard bytes & tops == 0 else { return nil }
  // No sum reaches the byte above, for all bytes are below 0x80.
  func from(_ least: UInt64) -> UInt64 { bytes &+ (0x80 &- least) &* ones }
  guard from(0x20) & ~from(0x7f) & tops == tops else { return nil }
  let capitals = from(0x41) & ~from(0x5b) & tops
  let digits = from(0x30) & ~from(0x3a) & tops
  return (bytes | capitals >> 2) & ~((digits >> 7) &* 0x0f)
}

/// Writes the two or three letters of a Hangul syllable, three bytes each; says how many bytes.
@inline(__always)
private func writeSyllable(_ syllable: UInt32, to output: UnsafeMutablePointer<UInt8>) -> Int {
  let index = syllable &- 0xac00
  func letter(_ value: UInt32, _ place: Int) {
    unsafe output[place] = 0xe1
    unsafe output[place &+ 1] = 0x80 | UInt8(truncatingIfNeeded: value >> 6) & 0x3f
    unsafe output[place &+ 2] = 0x80 | UInt8(truncatingIfNeeded: value) & 0x3f
  }
  letter(0x1100 &+ index / 588, 0)
  letter(0x1161 &+ index % 588 / 28, 3)
  guard index % 28 != 0 else { return 6 }
  letter(0x11a7 &+ index % 28, 6)
  return 9
}

@inline(__always)
private func copy(
  _ text: Span<UInt8>, _ index: Int, _ count: Int, to output: UnsafeMutablePointer<UInt8>
) -> Int {
  for place in 0..<count { unsafe output[place] = text[index &+ place] }
  return count
}

/// Where a mark goes among the marks that end the output in `range`: behind those of its class.
private func markPlace(
  _ mark: [UInt8], _ output: UnsafeMutablePointer<UInt8>, _ range: Range<Int>
) -> Int {
  let own = combiningClass(mark)
  var place = range.upperBound
  while place > range.lowerBound {
    var start = place - 1
    while start > range.lowerBound, unsafe output[start] & 0xc0 == 0x80 { start -= 1 }
    let bytes = unsafe UnsafeBufferPointer(start: output + start, count: place - start)
    let before = unsafe combiningClass(Array(bytes))
    guard before > own else { break }
    place = start
  }
  return place
}

private func combiningClass(_ bytes: [UInt8]) -> UInt8 {
  String(decoding: bytes, as: UTF8.self).unicodeScalars.first?.properties.canonicalCombiningClass
    .rawValue ?? 0
}

/// Moves what stands behind `place` up and puts `bytes` there.
private func insert(
  _ bytes: [UInt8], at place: Int, _ output: UnsafeMutablePointer<UInt8>, end: Int
) {
  unsafe (output + place + bytes.count).update(from: output + place, count: end - place)
  for (offset, byte) in bytes.enumerated() { unsafe output[place + offset] = byte }
}
