public import Ground

/// Real inputs written by others, which lie beside the checkout and are never committed.
public enum Samples {
  /// The folder, or nil where it is absent: tests that need it are then skipped.
  public static let folder: String? = {
    let root = repository + "/../shared/samples"
    return fileKind(root) == .folder ? root : nil
  }()

  /// The reason that a skipped test states.
  public static let absence = "real samples are not beside this checkout"

  /// The path of one sample, such as `c4/en/c4-train.00000-of-01024.json.gz`.
  public static func path(_ name: String) throws(Fault) -> String {
    guard let folder, fileKind("\(folder)/\(name)") != .nothing else {
      throw Fault(name, at: 0, .unusable(absence))
    }
    return "\(folder)/\(name)"
  }

  public static var areHere: Bool { folder != nil }
}

/// The root of the checkout that these tests were built from.
public let repository = String(#filePath.dropLast("/Tests/TestSupport/Samples.swift".count))
