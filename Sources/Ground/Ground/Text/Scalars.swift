extension Span where Element == UInt8 {
  /// The scalar that begins at `index`, and its bytes; U+FFFD, one byte long, where none does.
  ///
  /// Overlong forms and surrogates pass as what they spell. Inlinable because filters and dedup ask
  /// for every scalar of a corpus.
  @inlinable @inline(__always)
  public func scalar(at index: Int, below end: Int) -> (value: UInt32, length: Int) {
    let lead = self[index]
    if lead < 0x80 { return (UInt32(lead), 1) }
    let length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
    guard lead >= 0xc2, lead < 0xf5, index &+ length <= end else { return (0xfffd, 1) }
    var value = UInt32(lead) & (0x7f &>> UInt32(length))
    for offset in 1..<length {
      let byte = self[index &+ offset]
      guard byte & 0xc0 == 0x80 else { return (0xfffd, 1) }
      value = value &<< 6 | UInt32(byte & 0x3f)
    }
    return (value, length)
  }

  /// The scalar that begins at `index`, where the text ends with the span.
  @inlinable @inline(__always)
  public func scalar(at index: Int) -> (value: UInt32, length: Int) {
    scalar(at: index, below: count)
  }
}
