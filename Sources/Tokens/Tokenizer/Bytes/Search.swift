internal import Glibc

/// Where `byte` comes next in `text`, or nil.
///
/// - Complexity: O(n), at the speed of `memchr`.
func firstIndex(of byte: UInt8, in text: Span<UInt8>, from start: Int) -> Int? {
  guard start < text.count else { return nil }
  return unsafe text.withUnsafeBytes { all in
    guard let base = all.baseAddress,
      let found = unsafe memchr(base + start, CInt(byte), all.count - start)
    else { return nil }
    return unsafe base.distance(to: UnsafeRawPointer(found))
  }
}
