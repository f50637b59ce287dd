import Ground
import Synchronization
import Testing

@Suite struct OrderedMapTests {
  private struct Refusal: Error, Equatable { var item: Int }

  /// Counts up to `count` for `next`.
  private func counter(_ count: Int) -> @Sendable () -> Int? {
    let next = Box()
    return {
      let item = next.value.add(1, ordering: .relaxed).oldValue
      return item < count ? item : nil
    }
  }

  private final class Box: Sendable { let value = Atomic<Int>(0) }

  @Test(arguments: [1, 2, 4, 9])
  func resultsComeInTheOrderOfTheItems(jobs: Int) throws {
    var results: [Int] = []
    try orderedMap(jobs: jobs, next: counter(500)) { item in
      // Uneven work, so that later items often finish first.
      (0..<(item % 7) * 1000).reduce(item) { $0 &* 31 &+ $1 }
    } accept: {
      results.append($0)
    }
    let expected = (0..<500).map { item in
      (0..<(item % 7) * 1000).reduce(item) { $0 &* 31 &+ $1 }
    }
    #expect(results == expected)
  }

  @Test(arguments: [1, 4])
  func theEarliestFailureWinsAndAllBeforeItAreAccepted(jobs: Int) {
    for failing in [0, 1, 37, 99] {
      var results: [Int] = []
      #expect(throws: Refusal(item: failing)) {
        try orderedMap(jobs: jobs, next: counter(100)) { item in
          if item == failing || item == failing + 3 { throw Refusal(item: item) }
          return item
        } accept: {
          results.append($0)
        }
      }
      #expect(results == Array(0..<failing))
    }
  }

  @Test(arguments: [1, 4])
  func aFailureInNextOrAcceptEndsAllThreads(jobs: Int) {
    let items = counter(100)
    #expect(throws: Refusal(item: 50)) {
      try orderedMap(jobs: jobs) {
        let item = items() ?? 0
        if item == 50 { throw Refusal(item: 50) }
        return item
      } transform: {
        $0
      } accept: { _ in
      }
    }
    #expect(throws: Refusal(item: 20)) {
      try orderedMap(jobs: jobs, next: counter(100)) {
        $0
      } accept: {
        if $0 == 20 { throw Refusal(item: 20) }
      }
    }
  }

  @Test func noMoreResultsWaitThanTheWindow() throws {
    let items = Box()
    var accepted = 0
    var furthest = 0
    try orderedMap(jobs: 2) {
      let item = items.value.add(1, ordering: .relaxed).oldValue
      return item < 1000 ? item : nil
    } transform: {
      $0
    } accept: { _ in
      accepted += 1
      furthest = max(furthest, items.value.load(ordering: .relaxed) - accepted)
    }
    #expect(accepted == 1000)
    #expect(furthest <= 4 * 2 + 3)
  }
}
