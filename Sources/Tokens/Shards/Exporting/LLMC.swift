import Ground

/// Files of llm.c: 256 little-endian 32-bit numbers (magic, version, token count, zeros), then tokens.
///
/// `NAME_val_000000.bin` is validation, `NAME_train_000001.bin` and on are training. A document may
/// be cut where a file ends.
///
/// - SeeAlso: llm.c `dev/data/data_common.py`, `llmc/dataloader.h`.
func exportLLMC(
  _ documents: FramedDocuments, to stem: String, split: Split, tokensPerFile: Int
) throws(Fault) -> [String] {
  precondition(
    tokensPerFile > 0 && tokensPerFile <= Int(Int32.max), "\(tokensPerFile) tokens a file")
  let total = try documents.count()
  let name = split == .validation ? "val" : "train"
  var number = split == .validation ? 0 : 1
  var written: [String] = []
  var left = total  // tokens not yet given to a file
  var room = 0  // tokens that the open file still takes
  var file: AtomicFile?
  var bytes = TokenBytes(width: documents.width)
  try documents.forEach { (tokens) throws(Fault) in
    var rest = tokens[...]
    while !rest.isEmpty {
      if room == 0 {
        if let full = file.take() { try full.commit() }
        room = min(left, tokensPerFile)
        let digits = String(number)
        let padded = String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
        let path = "\(stem)_\(name)_\(padded).bin"
        var next = try AtomicFile(path: path)
        try next.write(llmcHeader(width: documents.width, tokens: room))
        file = consume next
        written.append(path)
        left -= room
        number += 1
      }
      let part = rest.prefix(room)
      bytes.replace(with: part)
      try file?.write(bytes.bytes)
      room -= part.count
      rest = rest.dropFirst(part.count)
    }
  }
  if let last = file.take() { try last.commit() }
  return written
}

/// 20240520, version 1, for 16-bit tokens; 20240801, version 7, for 32-bit ones.
private func llmcHeader(width: TokenWidth, tokens: Int) -> [UInt8] {
  var header: [UInt8] = []
  header.append(littleEndian: Int32(width == .two ? 20_240_520 : 20_240_801))
  header.append(littleEndian: Int32(width == .two ? 1 : 7))
  header.append(littleEndian: Int32(tokens))
  return header + [UInt8](repeating: 0, count: 1024 - header.count)
}
