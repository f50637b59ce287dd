import Ground

extension NGramLayout {
  /// The parts of a file, all of them inside it.
  ///
  /// - Throws: `Fault` where a version or a number of bits is not possible, or the file is too short.
  init(
    _ header: NGramHeader, reading bytes: UnsafeRawBufferPointer, path: String
  ) throws(Fault) {
    let bits = try unsafe Self.bits(of: header, in: bytes, path: path)
    guard let layout = NGramLayout(header, bits: bits) else {
      throw Fault(
        path, at: 108, .malformed("counts of n-grams that no file can hold: \(header.counts)"))
    }
    guard layout.end <= bytes.count else {
      throw Fault(path, at: 108, .truncated(expected: layout.end, found: bytes.count))
    }
    self = layout
  }

  /// The numbers of bits, which a trie's file states where the parts begin that use them.
  private static func bits(
    of header: NGramHeader, in bytes: UnsafeRawBufferPointer, path: String
  ) throws(Fault) -> Bits {
    var bits = Bits()
    if header.kind.isQuantized {
      let place = unsafe try part(header, bits, bytes, path) { $0.quantizer.lowerBound }
      guard unsafe bytes[place] == quantizerVersion else {
        throw Fault(
          path, at: UInt64(place),
          .malformed(
            unsafe "version \(bytes[place]) of quantisation; this reads \(quantizerVersion)"))
      }
      bits.probability = unsafe Int(bytes[place + 1])
      bits.backoff = unsafe Int(bytes[place + 2])
      guard (1...25).contains(bits.probability), (1...25).contains(bits.backoff) else {
        throw Fault(
          path, at: UInt64(place + 1),
          .malformed("\(bits.probability) and \(bits.backoff) bits of quantisation, not 1 to 25"))
      }
    }
    if header.kind.hasPointerArrays, header.order > 2 {
      let place = unsafe try part(header, bits, bytes, path) { $0.unigrams.upperBound }
      guard unsafe bytes[place] == pointerVersion else {
        throw Fault(
          path, at: UInt64(place),
          .malformed(
            unsafe "version \(bytes[place]) of pointer arrays; this reads \(pointerVersion)"))
      }
      bits.pointer = unsafe Int(bytes[place + 1])
    }
    return bits
  }

  /// The beginning of a part that the file must reach.
  private static func part(
    _ header: NGramHeader, _ bits: Bits, _ bytes: UnsafeRawBufferPointer, _ path: String,
    _ find: (NGramLayout) -> Int
  ) throws(Fault) -> Int {
    guard let layout = NGramLayout(header, bits: bits) else {
      throw Fault(
        path, at: 108, .malformed("counts of n-grams that no file can hold: \(header.counts)"))
    }
    let place = find(layout)
    guard place <= bytes.count - 8 else {
      throw Fault(path, at: 108, .truncated(expected: place, found: bytes.count))
    }
    return place
  }

  static let quantizerVersion: UInt8 = 2
  static let pointerVersion: UInt8 = 0
}
