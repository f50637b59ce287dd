/// True where `bytes` is well-formed UTF-8.
///
/// - Complexity: O(n); ASCII passes eight bytes at a time.
public func isValidUTF8(_ bytes: borrowing [UInt8]) -> Bool {
  (try? UTF8Span(validating: bytes.span)) != nil
}

/// Replaces every malformed part of `bytes` by U+FFFD, as the Unicode Standard recommends; says how
/// many there were.
///
/// - SeeAlso: The Unicode Standard 15, section 3.9, "U+FFFD Substitution of Maximal Subparts".
@discardableResult
public func repairUTF8(_ bytes: inout [UInt8]) -> Int {
  if isValidUTF8(bytes) { return 0 }
  var repaired: [UInt8] = []
  repaired.reserveCapacity(bytes.count + bytes.count / 16)
  var decoder = UTF8()
  var iterator = bytes.makeIterator()
  var replaced = 0
  while true {
    switch decoder.decode(&iterator) {
    case .scalarValue(let scalar): repaired.append(contentsOf: UTF8.encode(scalar) ?? replacement)
    case .error:
      repaired.append(contentsOf: replacement)
      replaced += 1
    case .emptyInput:
      bytes = repaired
      return replaced
    }
  }
}

private let replacement = UTF8.encodedReplacementCharacter
