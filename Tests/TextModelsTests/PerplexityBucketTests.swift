import Ground
import TestSupport
import TextModels
import Testing

@Suite struct PerplexityBucketTests {
  /// Of 2,000 perplexities, by sorting them.
  @Test func percentilesAreNearAndDoNotDependOnOrderOrParts() throws {
    var chance = SeededGenerator(seed: 5)
    let values = (0..<2000).map { _ in Double.random(in: 10...1e6, using: &chance) }
    let sorted = values.sorted()
    var whole = PerplexitySketch()
    var parts = [PerplexitySketch(), PerplexitySketch(), PerplexitySketch()]
    for value in values { whole.add(value) }
    for (index, value) in values.reversed().enumerated() { parts[index % 3].add(value) }
    var merged = parts[2]
    merged.merge(parts[0])
    merged.merge(parts[1])
    #expect(merged == whole && whole.count == 2000)
    for percent in 0..<100 {
      let exact = sorted[percent * 20]
      let found = try #require(whole.percentile(Double(percent)))
      // Half a bin of values lie between, and a bin is 0.8 % wide.
      #expect(abs(found / exact - 1) < 0.012 || percent == 0, "\(percent): \(found), not \(exact)")
      #expect(whole.count(below: found) == values.count { $0 < found })
    }
  }

  @Test func whatIsNoPerplexityIsLeftOut() {
    var sketch = PerplexitySketch()
    for value in [-1, .nan, 0, 0.5] { sketch.add(value) }
    #expect(sketch.count == 0 && sketch.percentile(30) == nil)
    for value in [1, .infinity, 1e300] { sketch.add(value) }
    #expect(sketch.count == 3 && sketch.percentile(0) == 1)
    #expect(sketch.count(below: 2) == 1)
  }

  @Test func publishedCutoffsMakeBuckets() {
    let table = CutoffTable.published
    #expect(table.cutoffs.count == 48)
    #expect(table.bucket(of: 339.9, in: "en") == .head)
    #expect(table.bucket(of: 340, in: "en") == .middle)
    #expect(table.bucket(of: 520, in: "en") == .tail)
    #expect(table.bucket(of: 1, in: "sl") == .all)
  }

  @Test func cutoffsOfARunAreThoseOfItsFile() throws {
    let folder = try TemporaryFolder()
    var sketch = PerplexitySketch()
    for value in 1...1000 { sketch.add(Double(value)) }
    let file = CutoffTable.table(of: [("xx", sketch), ("yy", PerplexitySketch())])
    let table = try CutoffTable(path: try folder.write(file, to: "cutoff.csv"))
    let cutoffs = try #require(PerplexityCutoffs(of: sketch))
    #expect(table.cutoffs == ["xx": cutoffs])
    #expect(abs(cutoffs.head - 300) < 3 && abs(cutoffs.middle - 600) < 6)
  }

  @Test(
    arguments: [
      ("", 0, "there is no row with the codes of languages"),
      (",en\nx,1\n", 4, "the row does not begin with a percentile"),
      (",en,de\n0,1\n", 7, "2 languages but 1 numbers"),
      (",en\n30,1\n", 9, "there are no rows 30 and 60"),
    ] as [(String, UInt64, String)])
  func brokenTablesAreRefused(text: String, offset: UInt64, cause: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(text, to: "cutoff.csv")
    #expect(throws: Fault(path, at: offset, .malformed(cause))) { try CutoffTable(path: path) }
  }
}
