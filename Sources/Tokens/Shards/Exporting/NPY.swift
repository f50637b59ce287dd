import Ground

/// One NumPy array of all tokens, `<u2` or `<i4`, which `numpy.load(path, mmap_mode="r")` maps.
///
/// - SeeAlso: numpy `lib/format.py`, version 1.0.
func exportNPY(_ documents: FramedDocuments, to path: String) throws(Fault) -> [String] {
  var file = try AtomicFile(path: path)
  let type = documents.width == .two ? "<u2" : "<i4"
  let count = try documents.count()
  var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(count),), }"
  // Magic, version, length and header together are a multiple of 64 bytes, and end with a newline.
  let before = 10
  let padding = 63 - (before + header.utf8.count) % 64
  header += String(repeating: " ", count: padding) + "\n"
  var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
  bytes.append(littleEndian: UInt16(header.utf8.count))
  try file.write(bytes + Array(header.utf8))
  var tokens = TokenBytes(width: documents.width)
  try documents.forEach { (document) throws(Fault) in
    tokens.replace(with: document[...])
    try file.write(tokens.bytes)
  }
  try file.commit()
  return [path]
}
