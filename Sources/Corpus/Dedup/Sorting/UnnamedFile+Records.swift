public import Ground

extension UnnamedFile {
  /// Reads records by their numbers.
  @inlinable
  func records<Record: FixedRecord>(_ range: Range<Int>) throws(Fault) -> [Record] {
    var failure: Fault?
    let stride = MemoryLayout<Record>.stride
    let records = unsafe [Record](unsafeUninitializedCapacity: range.count) { room, made in
      let raw = UnsafeMutableRawBufferPointer(room)
      do throws(Fault) {
        try unsafe read(into: raw, at: range.lowerBound * stride)
        made = range.count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return records
  }
}
