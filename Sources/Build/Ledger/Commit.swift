/// What one finished unit of work leaves behind: the mark that it is done, and all it counted.
///
/// The same facts go into the ledger; a ledger can be made again from the commits alone.
public struct Commit: Equatable, Sendable {
  /// The stage, such as `documents`.
  public var stage: String
  /// Named by what went in: 32 hexadecimal digits.
  public var key: String
  public var source: String
  /// The input's name; empty for stages that read other stages.
  public var input: String
  public var counts: [Count]
  public var artifacts: [Artifact]
  /// The first faults of bad records, as they print.
  public var faults: [String]

  public init(stage: String, key: String, source: String = "", input: String = "") {
    self.stage = stage
    self.key = key
    self.source = source
    self.input = input
    counts = []
    artifacts = []
    faults = []
  }

  /// One number: how many `what`, for what `reason` where there is one.
  public struct Count: Equatable, Sendable {
    /// Such as `records`, `kept`, `dropped`, `errors`, `bytes`, `tokens`.
    public var what: String
    public var reason: String
    public var count: Int

    public init(_ what: String, reason: String = "", _ count: Int) {
      self.what = what
      self.reason = reason
      self.count = count
    }
  }

  /// One file that the unit wrote.
  public struct Artifact: Equatable, Sendable {
    /// Below the work directory.
    public var path: String
    public var bytes: Int
    /// SHA-256, as `sha256sum` prints it.
    public var digest: String

    public init(path: String, bytes: Int, digest: String) {
      self.path = path
      self.bytes = bytes
      self.digest = digest
    }
  }

  /// The sum of all counts of `what`.
  public func total(_ what: String) -> Int {
    counts.reduce(0) { $0 + ($1.what == what ? $1.count : 0) }
  }

  /// True where every record went somewhere: records = kept + dropped + errors.
  public var isBalanced: Bool {
    total("records") == total("kept") + total("dropped") + total("errors")
  }
}
