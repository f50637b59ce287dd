import Ground
import Ranks
import Synchronization

/// Reads the samples that a rank needs next while it computes with those before.
///
/// What was not foreseen is read when it is asked for, so a wrong guess costs time alone.
final class BatchAhead {
  private let source: any SampleSource
  private let context: Int
  private let vocabulary: Int
  private let lane = Lane()
  private var next: (numbers: [Int], read: ReadBatch, ticket: Ticket)?

  init(_ source: any SampleSource, context: Int, vocabulary: Int) {
    self.source = source
    self.context = context
    self.vocabulary = vocabulary
  }

  /// Begins to read samples, in place of any that were begun before.
  func begin(_ numbers: [Int]) {
    let (source, context, vocabulary) = (source, context, vocabulary)
    let read = ReadBatch()
    let ticket = lane.start { () throws(Fault) in
      do throws(Fault) {
        read.set(
          .success(try source.samples(numbers, context: context, vocabulary: vocabulary)))
      } catch { read.set(.failure(error)) }
    }
    next = (numbers, read, ticket)
  }

  /// The samples of these numbers.
  ///
  /// - Throws: `Fault` where they cannot be read.
  func take(_ numbers: [Int]) throws(Fault) -> SampleBatch {
    if let next, next.numbers == numbers {
      self.next = nil
      try next.ticket.wait()
      if let read = next.read.value { return try read.get() }
    }
    return try source.samples(numbers, context: context, vocabulary: vocabulary)
  }
}

/// What became of reading; nil while it goes on.
private final class ReadBatch: Sendable {
  private let state = Mutex<Result<SampleBatch, Fault>?>(nil)

  var value: Result<SampleBatch, Fault>? { state.withLock { $0 } }

  func set(_ value: Result<SampleBatch, Fault>) { state.withLock { $0 = value } }
}
