import Synchronization

/// Notes when the operations of some steps were carried out.
///
/// Off, which it is between `end` and `begin`, it notes nothing and costs a look at a flag.
public final class ProfileLog<Engine: TimedBackend>: Sendable {
  private struct Entry {
    let kind: OperationClass
    let name: String
    let from, to: Engine.Mark
  }

  private struct State {
    var entries: [Entry] = []
    var steps: [(from: Engine.Mark, to: Engine.Mark)] = []
    /// Where the step at hand began, and how many operations there were before.
    var open: (from: Engine.Mark, entries: Int)?
  }

  let engine: Engine
  private let flag = Atomic<Bool>(false)
  private let state = Mutex(State())

  public init(_ engine: Engine) { self.engine = engine }

  /// True while operations are noted.
  public var isOn: Bool { flag.load(ordering: .relaxed) }

  /// Begins a step; an earlier one that did not end is forgotten.
  public func begin() {
    let from = engine.mark()
    state.withLock { state in
      if let open = state.open { state.entries.removeSubrange(open.entries...) }
      state.open = (from, state.entries.count)
    }
    flag.store(true, ordering: .relaxed)
  }

  /// Ends the step.
  public func end() {
    flag.store(false, ordering: .relaxed)
    let to = engine.mark()
    state.withLock { state in
      guard let open = state.open else { return }
      state.steps.append((open.from, to))
      state.open = nil
    }
  }

  /// Does what `body` does and, while the log is on, notes when.
  ///
  /// - Parameters:
  ///   - kind: What it is for.
  ///   - name: With its sizes; asked for only while the log is on, and outside of the time.
  ///   - body: Gives operations to the engine.
  /// - Returns: What `body` gives.
  /// - Throws: What `body` throws; nothing is noted then.
  package func timed<Result, Failure: Error>(
    _ kind: OperationClass, _ name: @autoclosure () -> String,
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard isOn else { return try body() }
    let from = engine.mark()
    let result = try body()
    let to = engine.mark()
    let entry = Entry(kind: kind, name: name(), from: from, to: to)
    state.withLock { $0.entries.append(entry) }
    return result
  }

  /// Steps that ended.
  public var stepCount: Int { state.withLock { $0.steps.count } }

  /// Forgets all steps.
  public func forget() {
    flag.store(false, ordering: .relaxed)
    state.withLock { $0 = State() }
  }

  /// What was noted in the steps that ended; waits until they are over.
  public func profile() -> Profile {
    let (entries, steps) = state.withLock { state in
      (state.entries.prefix(state.open?.entries ?? state.entries.count), state.steps)
    }
    guard let base = steps.first?.from else { return Profile(steps: [], spans: []) }
    func seconds(_ mark: Engine.Mark) -> Double { engine.seconds(from: base, to: mark) }
    return Profile(
      steps: steps.map {
        Profile.Step(start: seconds($0.from), seconds: engine.seconds(from: $0.from, to: $0.to))
      },
      spans: entries.map {
        OperationSpan(
          kind: $0.kind, name: $0.name, start: seconds($0.from),
          seconds: engine.seconds(from: $0.from, to: $0.to))
      })
  }
}
