import Compute
import Testing

/// A profile adds up, and a wrapped engine computes what the engine computes.
@Suite struct ProfiledTests {
  private let log = ProfileLog(Processor<Float>(workers: WorkerPool(threads: 2)))

  @Test func operationsAreNotedInTheirOrder() {
    let engine = Profiled(log)
    let x = engine.allocate(6 * 8), y = engine.allocate(6 * 8), w = engine.allocate(8 * 8)
    engine.setNoise(x, deviation: 1, seed: 1, stream: 0)
    engine.setNoise(w, deviation: 1, seed: 1, stream: 1)
    engine.zero(y)  // not noted: the log is off
    for _ in 0..<2 {
      log.begin()
      engine.multiply(x, transposed: w, into: y, T: 6, I: 8, O: 8, adding: false)
      engine.copy(y, to: x)
      engine.copy(x, to: y)
      _ = engine.squaredNorm(y)
      log.end()
    }
    engine.zero(y)
    let profile = log.profile()
    let names = ["product 6 x 8 x 8", "copy 48", "copy 48", "norms of 48"]
    #expect(profile.spans.map(\.name) == names + names)
    #expect(profile.steps.count == 2)
    #expect(profile.steps[0].start == 0)
    var end = 0.0
    for span in profile.spans {
      #expect(span.start >= end && span.seconds >= 0)
      end = span.start + span.seconds
    }
    #expect(profile.spans[4].start >= profile.steps[1].start)
    #expect(end <= profile.steps[1].start + profile.steps[1].seconds + 1e-12)
  }

  @Test func whatABrokenOffStepDidIsForgotten() {
    let engine = Profiled(log), x = engine.allocate(8)
    log.begin()
    engine.zero(x)
    log.begin()
    engine.copy(x, to: x)
    #expect(log.profile().spans.isEmpty)
    log.end()
    #expect(log.profile().spans.map(\.name) == ["copy 8"])
    #expect(log.stepCount == 1)
    log.begin()
    log.forget()
    #expect(!log.isOn && log.profile().steps.isEmpty)
  }

  @Test func sumsShareOutTheTimeOfTheSteps() {
    func span(_ kind: OperationClass, _ name: String, _ start: Double, _ seconds: Double)
      -> OperationSpan
    { OperationSpan(kind: kind, name: name, start: start, seconds: seconds) }
    let profile = Profile(
      steps: [.init(start: 0, seconds: 4), .init(start: 10, seconds: 4)],
      spans: [
        span(.norm, "norm 2 x 8", 0, 0.5), span(.products, "product a", 1, 2),
        span(.products, "product b", 10, 1), span(.products, "product a", 12, 2),
      ])
    #expect(profile.seconds == 8)
    #expect(profile.gaps == 2.5)
    #expect(profile.classes.map(\.name) == ["products", "norm"])
    #expect(profile.classes.map(\.count) == [3, 1])
    #expect(profile.classes.map(\.seconds) == [5, 0.5])
    #expect(profile.classes.map(\.share) == [0.625, 0.0625])
    #expect(profile.operations.map(\.name) == ["product a", "product b", "norm 2 x 8"])
    #expect(profile.operations.map(\.count) == [2, 1, 1])
    #expect(profile.operations.map(\.kind) == [.products, .products, .norm])
    #expect(profile.line == "products 62.5 %, norm 6.3 %, gaps 31.3 %")
  }

  @Test func aPassThatHasANameIsDoneOnceEitherWay() {
    let engine = Profiled(log), x = engine.allocate(8)
    let name = PassName(batch: 1, length: 8, scale: 1, kind: 0)
    var count = 0
    engine.perform(name) { count += 1 }
    log.begin()
    engine.perform(name) {
      engine.zero(x)
      count += 1
    }
    log.end()
    #expect(count == 2)
    #expect(log.profile().spans.count == 1)
  }

  @Test func noiseIsTheSameForAnyNumberOfThreads() {
    func noise(threads: Int, stream: UInt64) -> [Float] {
      let engine = Processor<Float>(workers: WorkerPool(threads: threads))
      let memory = engine.allocate(200_000)
      engine.setNoise(memory, deviation: 0.5, seed: 9, stream: stream)
      return memory.array
    }
    let numbers = noise(threads: 1, stream: 3)
    #expect(numbers == noise(threads: 4, stream: 3))
    #expect(numbers != noise(threads: 1, stream: 4))
    let mean = numbers.reduce(0) { $0 + Double($1) } / 200_000
    let square = numbers.reduce(0) { $0 + Double($1) * Double($1) } / 200_000
    #expect(abs(mean) < 0.01 && abs(square - 0.25) < 0.01)
  }
}
