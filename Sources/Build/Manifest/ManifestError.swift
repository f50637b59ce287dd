/// A mistake in a manifest; prints as `Manifests/x.yaml: line 12: unknown key "epoch"; …`.
public struct ManifestError: Error, Equatable, Sendable, CustomStringConvertible {
  public var file: String
  /// Counted from 1; nil where the file cannot be read at all.
  public var line: Int?
  /// What is wrong, with the path of the key, and the remedy if one is known.
  public var message: String

  public init(file: String, line: Int?, message: String) {
    self.file = file
    self.line = line
    self.message = message
  }

  public var description: String {
    line.map { "\(file): line \($0): \(message)" } ?? "\(file): \(message)"
  }
}
