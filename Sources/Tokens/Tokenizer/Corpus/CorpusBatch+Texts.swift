import Ground

extension CorpusBatch {
  /// A text whose lines are sentences.
  struct Text {
    var bytes: [UInt8]
    /// A hash that tells texts apart.
    var document: UInt64
    /// Where `bytes` begin in it.
    var offset: UInt64
  }

  /// Hands over the batch's texts: itself, or each document in it.
  ///
  /// - Returns: How many documents begin here, and why lines are none.
  func forEachText(
    of corpus: TrainingCorpus, _ body: (Text) -> Void
  ) -> (documents: Int, faults: [Fault]) {
    guard corpus.format == .jsonl else {
      body(Text(bytes: bytes, document: file, offset: offset))
      return (corpus.format == .files && offset == 0 ? 1 : 0, [])
    }
    let read = corpus.documentReader()
    var documents = 0
    var faults: [Fault] = []
    forEachLine(in: bytes.span) { line in
      if bytes[line].allSatisfy({ $0 <= 0x20 }) { return }
      do {
        let text = try read(Array(bytes[line]))
        documents += 1
        body(Text(bytes: text, document: xxh3(text), offset: 0))
      } catch {
        let place = stored + (isPlain ? UInt64(line.lowerBound) : 0)
        faults.append(Fault(corpus.inputs[input].path, at: place, .malformed("\(error)")))
      }
    }
    return (documents, faults)
  }
}
