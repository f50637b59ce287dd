// The operations of flat memory, noted.

extension Profiled {
  public func copy(_ source: Memory, to target: Memory) {
    log.timed(.memory, "copy \(source.count)") { engine.copy(source, to: target) }
  }

  public func add(_ source: Memory, to sum: Memory) {
    log.timed(.memory, "add \(source.count)") { engine.add(source, to: sum) }
  }

  public func zero(_ memory: Memory) {
    log.timed(.memory, "zero \(memory.count)") { engine.zero(memory) }
  }

  public func load(_ values: View<Float>, into memory: Memory) {
    log.timed(.memory, "load \(memory.count)") { engine.load(values, into: memory) }
  }

  public func round(_ wide: Memory, into memory: Memory) {
    log.timed(.memory, "round \(memory.count)") { engine.round(wide, into: memory) }
  }

  /// On a device, with what the host waits for them.
  public func squaredNorms(_ all: [Memory]) -> [Double] {
    log.timed(.optimizer, "norms of \(all.reduce(0) { $0 + $1.count })") {
      engine.squaredNorms(all)
    }
  }

  public func adamW(
    _ parameters: Memory, master: Memory?, gradients: Memory, firstMoments: Memory,
    secondMoments: Memory, settings: AdamW, step: Int, gradientScale: Double
  ) {
    log.timed(.optimizer, "AdamW \(parameters.count)") {
      engine.adamW(
        parameters, master: master, gradients: gradients, firstMoments: firstMoments,
        secondMoments: secondMoments, settings: settings, step: step,
        gradientScale: gradientScale)
    }
  }
}
