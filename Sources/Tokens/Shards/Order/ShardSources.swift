public import Ground

/// Which source each document of some shards is from.
///
/// A shard itself does not say; the build writes it into the `.sqlite` beside the shard.
public struct ShardSources: Sendable {
  /// In byte order, each once.
  public let names: [String]
  private let places: [[Int32]]  // of each document, shard by shard, in `names`

  /// - Parameters:
  ///   - sources: The source of each document, shard by shard.
  ///   - stream: The shards.
  /// - Throws: `Fault` where a shard has another number of documents.
  public init(_ sources: [[String]], of stream: TokenStream) throws(Fault) {
    precondition(
      sources.count == stream.shards.count,
      "sources of \(sources.count) shards, not \(stream.shards.count)")
    for (sources, shard) in zip(sources, stream.shards)
    where sources.count != shard.documentCount {
      throw Fault(
        shard.path, at: 0,
        .unusable(
          "the shard has \(shard.documentCount) documents, and sources are known for "
            + "\(sources.count): the files beside it are of another build"))
    }
    var place: [String: Int32] = [:]
    for shard in sources { for name in shard { place[name] = 0 } }
    names = place.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    for (number, name) in names.enumerated() { place[name] = Int32(number) }
    places = sources.map { $0.map { place[$0] ?? 0 } }
  }

  /// The place in `names` of a document's source.
  ///
  /// - Precondition: The shards have that document.
  public func place(shard: Int, document: Int) -> Int { Int(places[shard][document]) }

  /// The source of a document.
  ///
  /// - Precondition: The shards have that document.
  public subscript(shard: Int, document: Int) -> String {
    names[place(shard: shard, document: document)]
  }

  /// For each token of a range of the stream, the place in `names` of its source.
  ///
  /// - Precondition: The range lies in the stream that the sources were given for.
  /// - Complexity: O(tokens + documents of the range · log of the shard's).
  public func places(of range: Range<Int>, in stream: TokenStream) -> [Int] {
    var result: [Int] = []
    result.reserveCapacity(range.count)
    while result.count < range.count {
      let token = range.lowerBound + result.count
      let (origin, end) = stream.document(at: token)
      let place = place(shard: origin.shard, document: origin.document)
      result += repeatElement(place, count: min(end, range.upperBound) - token)
    }
    return result
  }
}

extension TokenStream {
  /// The document that a token belongs to, and the token after the document's last.
  fileprivate func document(at token: Int) -> (origin: (shard: Int, document: Int), end: Int) {
    let origin = origin(of: token)
    let before = shards[..<origin.shard].reduce(0) { $0 + $1.tokenCount }
    return (
      origin, before + shards[origin.shard].tokenRange(ofDocument: origin.document).upperBound
    )
  }
}
