import Planning
import Testing

/// Rings, and what they are hidden behind.
@Suite struct NetworkTests {
  private func ring(_ ranks: Int, perNode: Int, node: Double, network: Double) -> Ring {
    var gpu = Plain.accelerator
    gpu.nodeBandwidth = node
    gpu.networkBandwidth = network
    return Ring(ranks: ranks, perNode: perNode, gpu, Plain.efficiency)
  }

  private func isNear(_ seconds: Double, _ expected: Double) -> Bool {
    abs(seconds - expected) <= 1e-9 * expected
  }

  @Test func aRingPassesAllPartsButOne() {
    #expect(ring(1, perNode: 8, node: 1, network: 1).pass(1 << 30) == 0)
    // A large buffer goes by the protocol with the whole bandwidth.
    let inNode = ring(8, perNode: 8, node: 1e9, network: 1)
    #expect(isNear(inNode.pass(8_000_000_000), 7 + 8.4e-6 + 7 * 3.4e-6))
    #expect(inNode.sum(8_000_000_000) == 2 * inNode.pass(8_000_000_000))
    // A small one by that with the shortest latency, at a third of the bandwidth.
    #expect(isNear(inNode.pass(800), 6.6e-6 + 7 * 0.6e-6 + 3 * 700e-9))
  }

  @Test func cardsOfANodeAddUpUnderNVLink() {
    let seconds = 8.4e-6 + 3 * 14e-6
    // Four nodes of eight: eight cards of 1 GB/s, or NVLink if that is less.
    let cards = ring(32, perNode: 8, node: 1e12, network: 1e9)
    #expect(isNear(cards.pass(32_000_000_000), 31.0 / 8 + seconds + 28 * 3.4e-6))
    let links = ring(32, perNode: 8, node: 2e9, network: 1e9)
    #expect(isNear(links.pass(32_000_000_000), 31.0 / 2 + seconds + 28 * 3.4e-6))
    // One rank a node needs no NVLink.
    let apart = ring(4, perNode: 1, node: 1, network: 1e9)
    #expect(isNear(apart.pass(4_000_000_000), 3 + seconds))
  }

  private func timeline(
    gather: [Double], scatter: [Double], parts: Int = 1, occupied: Double = 0
  ) -> StepTimeline {
    StepTimeline(
      forward: [1, 2, 2, 1], backward: [1, 4, 4, 1], gather: gather, scatter: scatter,
      parts: parts, occupied: occupied)
  }

  @Test func nothingIsExposedWhereNothingIsSent() {
    let none = [0.0, 0, 0, 0]
    for parts in [1, 3] {
      let line = timeline(gather: none, scatter: none, parts: parts, occupied: 0.5)
      #expect(line.withWholeParameters == Double(16 * parts))
      #expect(line.withSharedParameters == Double(16 * parts))
    }
  }

  @Test func wholeParametersComeOnceAndGradientsGoOnce() {
    // Units arrive at 1, 2, 3, 4: the first is waited for. Gradients go at 8, 12, 16, 17.
    let line = timeline(gather: [1, 1, 1, 1], scatter: [1, 1, 1, 1])
    #expect(line.withWholeParameters == 18)
    // With more parts, still once.
    let parts = timeline(gather: [1, 1, 1, 1], scatter: [1, 1, 1, 1], parts: 3)
    #expect(parts.withWholeParameters == 50)
    // A slow lane: all gathers by 20, then one second of the head and ten units of scattering.
    let slow = timeline(gather: [5, 5, 5, 5], scatter: [10, 10, 10, 10])
    #expect(slow.withWholeParameters == 20 + 1 + 1 + 40)
  }

  @Test func sharedParametersAreGatheredForwardAndBack() {
    // Forward: 1 waits from 0 to 1; the next is gathered meanwhile. The last unit and the one before
    // it stay for the way back, where units 1 follows behind 2. All ends with the last scatter.
    let line = timeline(gather: [1, 1, 1, 1], scatter: [1, 1, 1, 1])
    #expect(line.withSharedParameters == 1 + 16 + 1)
    // Each part gathers again, and begins by waiting for the embedding and the last gradients.
    let parts = timeline(gather: [1, 1, 1, 1], scatter: [1, 1, 1, 1], parts: 2)
    #expect(parts.withSharedParameters == 18 + 1 + 16 + 1)
    // A lane that is slower than the pass: all it carries, one after another, and what it waits for.
    let slow = timeline(gather: [10, 10, 10, 10], scatter: [0, 0, 0, 0])
    #expect(slow.withSharedParameters == 40 + 1 + 1 + 4 + 4 + 1 + 6)
  }

  /// What lets the timeline multiply instead of walking through hundreds of parts.
  @Test func partsSoonTakeEquallyLong() {
    var state: UInt64 = 7
    func seconds(_ most: Double) -> [Double] {
      (0..<9).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return most * Double(state >> 40) / Double(1 << 24)
      }
    }
    for trial in 0..<300 {
      let (forward, backward) = (seconds(1), seconds(2))
      let (gather, scatter) = (seconds(Double(trial % 7)), seconds(Double(trial % 5)))
      let times = (2...6).map { parts in
        StepTimeline(
          forward: forward, backward: backward, gather: gather, scatter: scatter, parts: parts,
          occupied: 0.15
        ).withSharedParameters
      }
      let last = times[4] - times[3]
      #expect(abs(times[2] - times[1] - last) < 1e-9 && abs(times[1] - times[0] - last) < 1e-9)
    }
  }

  @Test func exchangesTakeMultiprocessors() {
    // The lane is busy for 2 of the pass's seconds, which gets half as far meanwhile.
    let line = timeline(gather: [0, 2, 0, 0], scatter: [0, 0, 0, 0], occupied: 0.5)
    #expect(line.withWholeParameters == 17)
  }
}
