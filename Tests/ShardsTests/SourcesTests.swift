import Ground
import Shards
import TestSupport
import Testing

@Suite struct SourcesTests {
  let folder: TemporaryFolder
  let stream: TokenStream

  /// Two shards: documents of 3 and 2 tokens, and of 4.
  init() throws {
    folder = try TemporaryFolder()
    for (name, documents) in [("00000", [3, 2]), ("00001", [4])] {
      var writer = try ShardWriter(path: "\(folder.path)/\(name)", width: .two)
      for count in documents { try writer.write([UInt32](repeating: 7, count: count)) }
      try writer.commit()
    }
    stream = try TokenStream(folder: folder.path)
  }

  @Test func everyTokenHasTheSourceOfItsDocument() throws {
    let sources = try ShardSources([["wikipedia", "books"], ["wikipedia"]], of: stream)
    #expect(sources.names == ["books", "wikipedia"])
    #expect(sources[0, 0] == "wikipedia")
    #expect(sources.place(shard: 0, document: 1) == 0)
    #expect(sources.places(of: 0..<9, in: stream) == [1, 1, 1, 0, 0, 1, 1, 1, 1])
    #expect(sources.places(of: 2..<6, in: stream) == [1, 0, 0, 1])
    #expect(sources.places(of: 4..<4, in: stream) == [])
  }

  @Test func sourcesOfAnotherBuildAreAFault() {
    let error = #expect(throws: Fault.self) {
      try ShardSources([["books"], ["books"]], of: stream)
    }
    #expect(error?.file == folder.path + "/00000")
  }
}
