/// How often each unit of text came: a table of short units and one of long ones.
struct UnitCounts: Sendable {
  private var short = UnitTable()
  private var long = LongUnits()
  private var batch = [ShortKey](repeating: .none, count: UnitTable.batch)

  /// The unit of one NUL, which stands between lines and in no piece.
  private static let separator = ShortKey(0)

  /// How many different units there are, NULs aside.
  var count: Int {
    var count = long.count
    short.forEach { key, _ in count += key == Self.separator ? 0 : 1 }
    return count
  }

  /// Bytes that the tables take.
  var memoryInUse: Int { short.memoryInUse + long.memoryInUse }

  /// Counts the units that end at `places`, the first beginning with the text.
  ///
  /// - Precondition: Behind the last unit sixteen bytes can be read.
  mutating func add(_ text: Span<UInt8>, ends places: Span<UInt32>) {
    var batch: [ShortKey] = []
    swap(&batch, &self.batch)  // taken out, so that it can be read while the tables change
    defer { swap(&batch, &self.batch) }
    unsafe text.withUnsafeBytes { text in
      unsafe batch.withUnsafeMutableBufferPointer { batch in
        guard let text = text.baseAddress else { return }
        var start = 0
        var filled = 0
        for index in places.indices {
          let end = Int(places[index])
          let unit = unsafe text + start
          if end &- start <= ShortKey.limit {
            unsafe batch[filled] = ShortKey(at: unit, count: end &- start)
            filled &+= 1
            if filled == UnitTable.batch {
              unsafe short.add(batch.span)
              filled = 0
            }
          } else {
            unsafe long.add(UnsafeRawBufferPointer(start: unit, count: end &- start), 1)
          }
          start = end
        }
        unsafe short.add(batch.span.extracting(0..<filled))
      }
    }
  }

  /// Counts a whole unit `count` times.
  mutating func add(_ unit: [UInt8], _ count: Int) {
    guard unit.count <= ShortKey.limit else {
      return unsafe unit.withUnsafeBytes { unsafe long.add($0, count) }
    }
    let padded = unit + [UInt8](repeating: 0, count: ShortKey.window - unit.count)
    unsafe short.add(ShortKey(padded.span.bytes, start: 0, count: unit.count), count)
  }

  mutating func merge(_ other: UnitCounts) {
    short.merge(other.short)
    long.merge(other.long)
  }

  /// Visits the units of one of `parts` parts, in no order that means anything.
  func forEach(part: Int = 0, of parts: Int = 1, _ body: (Span<UInt8>, Int) -> Void) {
    short.forEach(part: part, of: parts) { key, count in
      if key == Self.separator { return }
      var words = (key.low.littleEndian, key.high.littleEndian)
      unsafe withUnsafeBytes(of: &words) { bytes in
        let unit = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<key.count])
        unsafe unit.withMemoryRebound(to: UInt8.self) { unsafe body($0.span, count) }
      }
    }
    unsafe long.forEach(part: part, of: parts) { unit, count in
      unsafe unit.withMemoryRebound(to: UInt8.self) { unsafe body($0.span, count) }
    }
  }

  /// All units, by their bytes: an order that depends on nothing else.
  func sorted() -> (bytes: [UInt8], units: [(range: Range<Int>, count: Int)]) {
    var bytes: [UInt8] = []
    var units: [(range: Range<Int>, count: Int)] = []
    units.reserveCapacity(short.count + long.count)
    forEach { unit, count in
      units.append((bytes.count..<bytes.count + unit.count, count))
      bytes.append(copying: unit)
    }
    let text = bytes
    units.sort { text[$0.range].lexicographicallyPrecedes(text[$1.range]) }
    return (bytes, units)
  }
}
