public import Compute
import Formats
public import Ground

/// A profile as a file that chrome://tracing, Perfetto and PyTorch's tools show.
///
/// One process for the rank, with a row of steps and a row of operations; times in microseconds.
///
/// - SeeAlso: Trace Event Format, its complete events (`ph` is X) and metadata events (M):
///   docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
public struct ChromeTrace: Sendable {
  public let profile: Profile
  /// The rank that was profiled.
  public let rank: Int
  /// The number of the profile's first step.
  public let firstStep: Int

  private static let steps = 0, operations = 1

  public init(_ profile: Profile, rank: Int = 0, firstStep: Int = 1) {
    self.profile = profile
    self.rank = rank
    self.firstStep = firstStep
  }

  /// One JSON object, an event a line.
  ///
  /// - Complexity: O(operations).
  public var json: [UInt8] {
    var lines = [
      name("process_name", "rank \(rank)", thread: Self.steps),
      name("thread_name", "steps", thread: Self.steps),
      name("thread_name", "operations", thread: Self.operations),
    ]
    for (number, step) in profile.steps.enumerated() {
      lines.append(
        event(
          "step \(firstStep + number)", "step", step.start, step.seconds, thread: Self.steps))
    }
    for span in profile.spans {
      lines.append(
        event(span.name, span.kind.rawValue, span.start, span.seconds, thread: Self.operations))
    }
    var text = Array("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n".utf8)
    for (number, line) in lines.enumerated() {
      if number > 0 { text += Array(",\n".utf8) }
      text += line
    }
    return text + Array("\n]}\n".utf8)
  }

  /// Writes it whole or not at all.
  public func write(to path: String) throws(Fault) { try writeAtomically(json, to: path) }

  private func event(
    _ name: String, _ category: String, _ start: Double, _ seconds: Double, thread: Int
  ) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.key("name")
      json.string(name)
      json.key("cat")
      json.string(category)
      json.key("ph")
      json.string("X")
      json.key("ts")
      json.number(microseconds(start))
      json.key("dur")
      json.number(microseconds(seconds))
      place(thread, &json)
    }
    return json.bytes
  }

  /// The name of a process or of one of its rows.
  private func name(_ kind: String, _ name: String, thread: Int) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.key("name")
      json.string(kind)
      json.key("ph")
      json.string("M")
      place(thread, &json)
      json.key("args")
      json.object { json in
        json.key("name")
        json.string(name)
      }
    }
    return json.bytes
  }

  private func place(_ thread: Int, _ json: inout JSONWriter) {
    json.key("pid")
    json.integer(rank)
    json.key("tid")
    json.integer(thread)
  }

  /// To a nanosecond.
  private func microseconds(_ seconds: Double) -> Double { (seconds * 1e9).rounded() / 1e3 }
}
