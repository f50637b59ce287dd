public import Ground

extension ShardReader {
  /// Reads every token and checks it; opening has checked the index.
  ///
  /// - Parameters:
  ///   - vocabulary: Every token must be below it.
  ///   - end: The token that every document must end with; nil to leave that unchecked.
  /// - Returns: What the shard holds.
  /// - Throws: `Fault` at the first token that is wrong.
  @discardableResult
  public func verify(vocabulary: Int, end: UInt32? = nil) throws(Fault) -> ShardSummary {
    var tokens: [UInt32] = []
    for document in 0..<documentCount {
      let range = tokenRange(ofDocument: document)
      tokens.removeAll(keepingCapacity: true)
      append(range, to: &tokens)
      if let wrong = tokens.firstIndex(where: { $0 >= vocabulary }) {
        throw fault(
          range.lowerBound + wrong,
          "token \(tokens[wrong]) of document \(document) is outside the vocabulary of \(vocabulary)"
        )
      }
      if let end, tokens.last != end {
        throw fault(range.upperBound, "document \(document) does not end with token \(end)")
      }
    }
    return summary
  }

  /// The largest token of the shard; nil where there is none.
  ///
  /// - Complexity: O(tokens).
  public var largestToken: UInt32? {
    var largest: UInt32?
    var tokens: [UInt32] = []
    var place = 0
    while place < tokenCount {
      let next = min(place + (1 << 16), tokenCount)
      tokens.removeAll(keepingCapacity: true)
      append(place..<next, to: &tokens)
      for token in tokens { largest = max(largest ?? 0, token) }
      place = next
    }
    return largest
  }

  private func fault(_ token: Int, _ what: String) -> Fault {
    Fault(path + ".bin", at: UInt64(token * width.rawValue), .malformed(what))
  }
}
