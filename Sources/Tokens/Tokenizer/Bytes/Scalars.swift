/// U+2581 LOWER ONE EIGHTH BLOCK, which stands for a space inside pieces.
let spaceMark: UInt32 = 0x2581

/// Its UTF-8 bytes.
let spaceMarkBytes: [UInt8] = [0xe2, 0x96, 0x81]

/// Reads the scalar at `start` of well-formed UTF-8 and says how many bytes it takes.
///
/// - Precondition: `start` is where a scalar begins.
@inline(__always)
func decodeScalar(_ text: Span<UInt8>, at start: Int) -> (scalar: UInt32, length: Int) {
  let first = UInt32(text[start])
  if first < 0x80 { return (first, 1) }
  let second = UInt32(text[start + 1]) & 0x3f
  if first < 0xe0 { return ((first & 0x1f) << 6 | second, 2) }
  let third = UInt32(text[start + 2]) & 0x3f
  if first < 0xf0 { return ((first & 0x0f) << 12 | second << 6 | third, 3) }
  let fourth = UInt32(text[start + 3]) & 0x3f
  return ((first & 0x07) << 18 | second << 12 | third << 6 | fourth, 4)
}

/// How many bytes the scalar at `start` takes, or nil where they are not well-formed UTF-8.
func scalarLength(_ text: Span<UInt8>, at start: Int) -> Int? {
  let rest = text.count - start
  let first = text[start]
  func follows(_ offset: Int) -> Bool { text[start + offset] & 0xc0 == 0x80 }
  switch first {
  case 0..<0x80: return 1
  case 0xc2..<0xe0: return rest >= 2 && follows(1) ? 2 : nil
  case 0xe0..<0xf0:
    guard rest >= 3, follows(1), follows(2) else { return nil }
    if first == 0xe0 && text[start + 1] < 0xa0 { return nil }  // overlong
    return first == 0xed && text[start + 1] >= 0xa0 ? nil : 3  // surrogate
  case 0xf0..<0xf5:
    guard rest >= 4, follows(1), follows(2), follows(3) else { return nil }
    if first == 0xf0 && text[start + 1] < 0x90 { return nil }  // overlong
    return first == 0xf4 && text[start + 1] >= 0x90 ? nil : 4  // above U+10FFFF
  default: return nil
  }
}

/// The scalars of well-formed UTF-8.
func scalars(of text: Span<UInt8>) -> [UInt32] {
  var scalars: [UInt32] = []
  var place = 0
  while place < text.count {
    let (next, length) = decodeScalar(text, at: place)
    scalars.append(next)
    place += length
  }
  return scalars
}

extension [UInt8] {
  mutating func append(scalar: UInt32) {
    append(
      contentsOf: UTF8.encode(Unicode.Scalar(scalar) ?? "\u{fffd}")
        ?? UTF8.encodedReplacementCharacter)
  }

  /// Appends `text` as the identity normalizer leaves it: every malformed byte becomes U+FFFD, and
  /// U+2581 a plain space, so that here one byte stands for both.
  ///
  /// `foldingSpaces` leaves one of a run of U+0020, but all of U+2581.
  ///
  /// - SeeAlso: google/sentencepiece `src/normalizer.cc`, `NormalizePrefix`.
  mutating func appendNormalized(
    _ text: Span<UInt8>, isValid: Bool, foldingSpaces: Bool = false
  ) {
    var place = 0
    if isValid && !foldingSpaces {
      // Copies up to each mark at one go.
      while place < text.count {
        var next = place
        while next < text.count && !isMark(text, at: next) { next += 1 }
        append(copying: text.extracting(place..<next))
        if next < text.count { append(0x20) }
        place = next + 3
      }
      return
    }
    var isAfterSpace = false
    while place < text.count {
      let isSpace = text[place] == 0x20
      defer { isAfterSpace = isSpace }
      if isSpace && isAfterSpace && foldingSpaces {
        place += 1
      } else if isMark(text, at: place) {
        append(0x20)
        place += 3
      } else if let length = scalarLength(text, at: place) {
        append(copying: text.extracting(place..<place + length))
        place += length
      } else {
        append(contentsOf: UTF8.encodedReplacementCharacter)
        place += 1
      }
    }
  }

  mutating func append(copying text: Span<UInt8>) {
    unsafe text.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}

@inline(__always)
private func isMark(_ text: Span<UInt8>, at place: Int) -> Bool {
  text[place] == 0xe2 && place + 2 < text.count && text[place + 1] == 0x96
    && text[place + 2] == 0x81
}
