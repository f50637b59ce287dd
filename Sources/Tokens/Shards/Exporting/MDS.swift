import Ground

/// A folder of MosaicML streaming: `shard.NNNNN.mds` of 64 MiB at most, and `index.json`.
///
/// One sample a document, with one column, `tokens`, a NumPy array of one dimension. Documents that
/// framing leaves empty are left out, as the format has no empty arrays.
///
/// - SeeAlso: mosaicml/streaming `streaming/base/format/mds/writer.py` and `encodings.py`.
func exportMDS(_ documents: FramedDocuments, to folder: String) throws(Fault) -> [String] {
  try makeFolder(folder)
  let config = columnConfig(documents.width)
  let closing = config.dropFirst().dropLast()  // the same members are in every entry of the index
  var samples: [UInt8] = []
  var sizes: [UInt32] = []
  var entries: [String] = []
  var written: [String] = []
  var bytes = TokenBytes(width: documents.width)

  func flush() throws(Fault) {
    let digits = String(entries.count)
    let name = "shard.\(String(repeating: "0", count: max(0, 5 - digits.utf8.count)))\(digits).mds"
    var head: [UInt8] = []
    head.append(littleEndian: UInt32(sizes.count))
    var offset = UInt32(4 + 4 * (sizes.count + 1) + config.utf8.count)
    head.append(littleEndian: offset)
    for size in sizes {
      offset += size
      head.append(littleEndian: offset)
    }
    var file = try AtomicFile(path: "\(folder)/\(name)")
    try file.write(head + Array(config.utf8))
    try file.write(samples)
    try file.commit()
    entries.append(
      """
      {\(closing), "raw_data": {"basename": "\(name)", "bytes": \(offset), "hashes": {}}, \
      "samples": \(sizes.count), "zip_data": null}
      """)
    written.append("\(folder)/\(name)")
    samples.removeAll(keepingCapacity: true)
    sizes.removeAll(keepingCapacity: true)
  }

  try documents.forEach { (tokens) throws(Fault) in
    guard !tokens.isEmpty else { return }
    bytes.replace(with: tokens[...])
    // Offsets have 32 bits; a document near 4 GiB would not fit even alone.
    guard bytes.bytes.count < 1 << 31 else {
      throw Fault(folder, at: 0, .unusable("a document of \(tokens.count) tokens is too long"))
    }
    let shape = arrayShape(tokens.count)
    let size = 4 + shape.count + bytes.bytes.count
    let whole = 4 + 4 * (sizes.count + 2) + config.utf8.count + samples.count + size
    if !sizes.isEmpty && whole > sizeLimit { try flush() }
    samples.append(littleEndian: UInt32(size - 4))
    samples += shape
    samples += bytes.bytes
    sizes.append(UInt32(size))
  }
  if !sizes.isEmpty { try flush() }
  let index = "{\"shards\": [\(entries.joined(separator: ", "))], \"version\": 2}"
  try writeAtomically(Array(index.utf8), to: folder + "/index.json")
  return written + [folder + "/index.json"]
}

/// Bytes of a shard at most, unless one document is larger: the format's own default.
private let sizeLimit = 1 << 26

private func columnConfig(_ width: TokenWidth) -> String {
  """
  {"column_encodings": ["ndarray:\(width == .two ? "uint16" : "int32")"], \
  "column_names": ["tokens"], "column_sizes": [null], "compression": null, "format": "mds", \
  "hashes": [], "size_limit": \(sizeLimit), "version": 2}
  """
}

/// One dimension and the width of its size (0, 1, 2: one, two, four bytes), then the size.
private func arrayShape(_ count: Int) -> [UInt8] {
  var shape: [UInt8] = []
  if count < 1 << 8 {
    shape = [1 << 2, UInt8(count)]
  } else if count < 1 << 16 {
    shape = [1 << 2 | 1]
    shape.append(littleEndian: UInt16(count))
  } else {
    shape = [1 << 2 | 2]
    shape.append(littleEndian: UInt32(count))
  }
  return shape
}
