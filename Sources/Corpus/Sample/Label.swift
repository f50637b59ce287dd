internal import Formats

/// What should become of one raw record when `Manifests/sample.yaml` is built.
public struct Label: Sendable, Equatable {
  public enum Expectation: String, Sendable {
    case keep, drop, error
  }

  /// The raw file, below the sample's folder.
  public var input: String
  /// What names the record in its file: a URL, title, path, id, or a line such as `line 3`.
  public var record: String
  public var source: String
  public var expect: Expectation
  /// Why it is dropped or wrong, such as `near-duplicate`; a remark where it is kept.
  public var reason: String?
  /// The record of which this one is a copy.
  ///
  /// Which of the two survives is the pipeline's choice.
  public var twin: String?

  public init(
    input: String, record: String, source: String, expect: Expectation = .keep,
    reason: String? = nil, twin: String? = nil
  ) {
    self.input = input
    self.record = record
    self.source = source
    self.expect = expect
    self.reason = reason
    self.twin = twin
  }

  /// One JSON object on a line.
  var line: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.key("input")
      json.string(input)
      json.key("record")
      json.string(record)
      json.key("source")
      json.string(source)
      json.key("expect")
      json.string(expect.rawValue)
      if let reason {
        json.key("reason")
        json.string(reason)
      }
      if let twin {
        json.key("twin")
        json.string(twin)
      }
    }
    return json.bytes + [0x0a]
  }
}
