import Ground

/// Files of datatrove: `.ds` has bare tokens, `.ds.index` the token count up to the end of each
/// document, `.ds.metadata` three lines for people.
///
/// - SeeAlso: datatrove `pipeline/tokens/tokenizer.py`.
func exportDatatrove(
  _ documents: FramedDocuments, to stem: String, name: String
) throws(Fault) -> [String] {
  let path = stem + ".ds"
  var file = try AtomicFile(path: path)
  var index = try AtomicFile(path: path + ".index")
  var bytes = TokenBytes(width: documents.width)
  var entry: [UInt8] = []
  var total: UInt64 = 0
  try documents.forEach { (tokens) throws(Fault) in
    bytes.replace(with: tokens[...])
    try file.write(bytes.bytes)
    total += UInt64(tokens.count)
    entry.removeAll(keepingCapacity: true)
    entry.append(littleEndian: total)
    try index.write(entry)
  }
  try file.commit()
  try index.commit()
  let metadata = "\(name)|\(documents.width.rawValue)\n\(total)\n\(readable(total))\n"
  try writeAtomically(Array(metadata.utf8), to: path + ".metadata")
  return [path, path + ".index", path + ".metadata"]
}

/// A count with its unit, such as `1.40 T`.
private func readable(_ count: UInt64) -> String {
  let units: [(UInt64, String)] = [
    (1_000_000_000_000, "T"), (1_000_000_000, "G"), (1_000_000, "M"), (1_000, "K"),
  ]
  for (size, unit) in units where count >= size {
    let hundredths = count / (size / 100)
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) \(unit)"
  }
  return "\(count)"
}
