extension Span where Element == UInt8 {
  /// `range` without white space at its ends, as Python's `str.strip` sees it.
  public func strippedAsPython(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end {
      let scalar = scalar(at: start, below: end)
      guard isPythonSpace(scalar.value) else { break }
      start += scalar.length
    }
    while start < end {
      var last = end - 1
      while last > start, end - last < 4, self[last] & 0xc0 == 0x80 { last -= 1 }
      guard isPythonSpace(scalar(at: last, below: end).value) else { break }
      end = last
    }
    return start..<end
  }

  /// The Unicode condition `Final_Sigma` for the capital sigma at `index` of a line.
  ///
  /// A cased letter before, none after, case-ignorable ones passed over. Each scan ends at the next
  /// sigma, so a line costs O(n).
  public func isFinalSigma(at index: Int, in line: Range<Int>) -> Bool {
    var before = index
    var follows = false
    while before > line.lowerBound {
      let end = before
      before -= 1
      while before > line.lowerBound, end - before < 4, self[before] & 0xc0 == 0x80 { before -= 1 }
      guard let scalar = Unicode.Scalar(scalar(at: before, below: end).value) else { break }
      if scalar.properties.isCaseIgnorable { continue }
      follows = scalar.properties.isCased
      break
    }
    guard follows else { return false }
    var after = index + 2
    while after < line.upperBound {
      let next = scalar(at: after, below: line.upperBound)
      guard let scalar = Unicode.Scalar(next.value) else { return true }
      if !scalar.properties.isCaseIgnorable { return !scalar.properties.isCased }
      after += next.length
    }
    return true
  }
}

/// Python's `str.isspace`: white space and the four information separators.
public func isPythonSpace(_ value: UInt32) -> Bool {
  if value < 0x80 { return value == 0x20 || value &- 9 < 5 || value &- 0x1c < 4 }
  switch value {
  case 0x85, 0xa0, 0x1680, 0x2000...0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000: return true
  default: return false
  }
}
