import Ground

/// The header of an `.idx` file, and the checks that make every later access safe.
struct IndexHeader {
  let width: TokenWidth
  let sequences: Int
  let documents: Int

  init(_ file: MappedFile) throws(Fault) {
    let path = file.path
    (width, sequences, documents) = try unsafe file.withBytes {
      bytes throws(Fault) -> (TokenWidth, Int, Int) in
      guard bytes.count >= IndexLayout.arrays else {
        throw Fault(path, at: 0, .truncated(expected: IndexLayout.arrays, found: bytes.count))
      }
      guard unsafe bytes.prefix(9).elementsEqual(IndexLayout.magic) else {
        throw Fault(path, at: 0, .malformed("not a shard index: it does not begin with MMIDIDX"))
      }
      let version = unsafe bytes.number(at: IndexLayout.versionOffset, as: UInt64.self)
      guard version == IndexLayout.version else {
        throw Fault(
          path, at: UInt64(IndexLayout.versionOffset),
          .malformed("index version \(version); only 1 is known"))
      }
      let code = unsafe bytes.number(at: IndexLayout.codeOffset, as: UInt8.self)
      guard let width = TokenWidth(code: code) else {
        throw Fault(
          path, at: UInt64(IndexLayout.codeOffset),
          .malformed("element type \(code); tokens are 8 (u16) or 4 (i32)"))
      }
      let sequences = unsafe bytes.number(at: IndexLayout.sequencesOffset, as: UInt64.self)
      let entries = unsafe bytes.number(at: IndexLayout.documentsOffset, as: UInt64.self)
      // Twenty bytes an entry: a count above the file's size is wrong, and could overflow below.
      guard sequences <= bytes.count, entries <= bytes.count, entries > 0 else {
        throw Fault(
          path, at: UInt64(IndexLayout.sequencesOffset),
          .malformed("\(sequences) sequences and \(entries) bounds in \(bytes.count) bytes"))
      }
      return (width, Int(sequences), Int(entries) - 1)
    }
    let plain = IndexLayout.arrays + 12 * sequences + 8 * (documents + 1)
    // One more byte a sequence: the modes of a multimodal set, which are passed over.
    guard file.count == plain || file.count == plain + sequences else {
      throw Fault(path, at: UInt64(file.count), .truncated(expected: plain, found: file.count))
    }
  }

  /// Checks lengths, offsets and document bounds against the size of the `.bin` file.
  func check(_ index: MappedFile, against binary: MappedFile) throws(Fault) {
    let lengths = IndexLayout.arrays
    let offsets = lengths + 4 * sequences
    let bounds = offsets + 8 * sequences
    try unsafe index.withBytes { bytes throws(Fault) in
      func fault(_ place: Int, _ what: String) -> Fault {
        Fault(index.path, at: UInt64(place), .malformed(what))
      }
      var end: Int64 = 0
      for sequence in 0..<sequences {
        let length = unsafe bytes.number(at: lengths + 4 * sequence, as: Int32.self)
        guard length >= 0 else {
          throw fault(lengths + 4 * sequence, "sequence \(sequence) has length \(length)")
        }
        let offset = unsafe bytes.number(at: offsets + 8 * sequence, as: Int64.self)
        guard offset == end else {
          throw fault(
            offsets + 8 * sequence,
            "sequence \(sequence) begins at byte \(offset), where \(end) is expected")
        }
        end += Int64(length) * Int64(width.rawValue)
      }
      guard end == binary.count else {
        throw Fault(
          binary.path, at: UInt64(binary.count), .truncated(expected: Int(end), found: binary.count)
        )
      }
      var last: Int64 = 0
      for entry in 0...documents {
        let bound = unsafe bytes.number(at: bounds + 8 * entry, as: Int64.self)
        let isRight =
          entry == 0
          ? bound == 0 : entry == documents ? bound == sequences : bound <= sequences
        guard isRight && bound >= last else {
          throw fault(bounds + 8 * entry, "document bound \(entry) is \(bound)")
        }
        last = bound
      }
    }
  }
}
