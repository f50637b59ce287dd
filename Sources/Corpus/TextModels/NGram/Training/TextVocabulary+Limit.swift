import CTextModels
import Ground

extension TextVocabulary {
  /// By word, whether the file at `path` lacks it; empty where there is no file.
  ///
  /// Marks of the model are never excluded, and words of the file that the text lacks mean nothing.
  func excluded(by path: String?) throws(Fault) -> [Bool] {
    guard let path else { return [] }
    var excluded = [Bool](repeating: true, count: count)
    for special in Self.specials.indices { excluded[special] = false }
    let reader = try openDecoded(path)
    let cut = Room<quipu_word>(1 << 10)
    var line: [UInt8] = []
    while let piece = try reader.readLine(into: &line) {
      guard piece == .whole else { throw reader.fault(.tooLong(limit: line.count)) }
      // One byte that ends the last word, and eight that may be read behind it.
      line.append(contentsOf: [UInt8](repeating: 0x20, count: 9))
      unsafe line.withUnsafeBufferPointer { bytes in
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while true {
          var used = 0
          let made = unsafe quipu_words_cut(
            base + done, bytes.count - 8 - done, cut.start, 1 << 10, &used)
          for index in 0..<made {
            let start = unsafe base + done + Int(cut[index].start)
            excluded[Int(unsafe known(start, Int(cut[index].length), cut[index].hash))] = false
          }
          if used == 0 { break }
          done += used
        }
      }
    }
    return excluded
  }
}
