import Glibc
import Ground
import Testing
import Trainer

@Suite struct ScheduleTests {
  /// LLaMA 7B: 3e-4, 2,000 warm-up steps, 238,419 steps of 4 Mi tokens.
  let schedule = Schedule(peak: 3e-4, warmUp: 2000, steps: 238_419)

  @Test func itBeginsWithOnePartOfTheWarmUp() { #expect(schedule.rate(step: 1) == 3e-4 / 2000) }

  @Test func thePeakIsAtTheEndOfTheWarmUp() { #expect(schedule.rate(step: 2000) == 3e-4) }

  @Test func itEndsAtATenthOfThePeak() {
    #expect(abs(schedule.rate(step: 238_419) - 3e-5) < 1e-18)
    #expect(schedule.rate(step: 300_000) == schedule.rate(step: 238_419))
  }

  @Test func halfWayIsTheMeanOfPeakAndMinimum() {
    let schedule = Schedule(peak: 1, warmUp: 10, steps: 110)
    #expect(abs(schedule.rate(step: 60) - 0.55) < 1e-15)
  }

  @Test func itIsACosine() {
    let schedule = Schedule(peak: 1, warmUp: 100, steps: 10_100, minimumRatio: 0)
    for step in stride(from: 101, through: 10_100, by: 37) {
      let expected = 0.5 * (1 + cos(.pi * Double(step - 100) / 10_000))
      #expect(abs(schedule.rate(step: step) - expected) < 1e-15, "step \(step)")
    }
  }

  @Test func withoutWarmUpItFallsFromTheStart() {
    let schedule = Schedule(peak: 1, warmUp: 0, steps: 4)
    #expect(
      (1...4).map { schedule.rate(step: $0) }
        == (1...4).map { schedule.rate(step: $0) }.sorted(by: >))
    #expect(schedule.rate(step: 1) < 1)
  }
}

@Suite struct SettingsTests {
  private func cause(ranks: Int = 1, _ change: (inout TrainingSettings) -> Void) -> String? {
    var settings = tinySettings(steps: 10)
    change(&settings)
    do {
      try settings.check(ranks: ranks)
      return nil
    } catch { return "\(error.cause)" }
  }

  @Test func goodOnesPass() { #expect(cause { _ in } == nil) }

  @Test func aBatchThatCannotBeSharedIsRefused() {
    #expect(
      cause(ranks: 3) { $0.accumulation = 2 }
        == """
        a batch of 4 sequences cannot be shared by 3 ranks in 2 parts; \
        choose a batch that is a multiple of 6
        """)
  }

  @Test func aWarmUpLongerThanTheRunIsRefused() {
    #expect(
      cause { $0.warmUp = 10 }
        == "the warm-up of 10 steps does not end before the run of 10; shorten it")
  }

  @Test func nonsenseIsRefused() {
    #expect(cause { $0.steps = 0 } != nil)
    #expect(cause { $0.batch = 0 } != nil)
    #expect(cause { $0.peakLearningRate = .nan } != nil)
    #expect(cause { $0.beta2 = 1 } != nil)
    #expect(cause { $0.keep = 0 } != nil)
    #expect(cause { $0.checkpointEvery = 0 } != nil)
  }
}
