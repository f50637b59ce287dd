public import Ground

/// The names of a checkpoint's files, and their removal.
extension RunFolder {
  /// The steps of the checkpoints whose record is there, ascending.
  public func checkpoints() throws(Fault) -> [Int] {
    guard fileKind(path) == .folder else { return [] }
    return try names(in: path).compactMap { Self.step(ofRecord: $0) }.sorted()
  }

  func recordPath(_ step: Int) -> String { "\(path)/checkpoint-\(digits(step, 6)).json" }

  /// The file of one part, counted from 0; a single part has no number.
  func partPath(_ step: Int, _ number: Int, of parts: Int) -> String {
    let cut = parts == 1 ? "" : "-\(digits(number + 1, 5))-of-\(digits(parts, 5))"
    return "\(path)/checkpoint-\(digits(step, 6))\(cut).safetensors"
  }

  /// Removes a checkpoint: the record first, so that it is never without its tensors.
  func removeCheckpoint(_ step: Int) throws(Fault) {
    try removeFile(recordPath(step))
    try syncFolder(of: recordPath(step))
    for name in try names(in: path) where Self.step(ofPart: name) == step {
      try removeFile("\(path)/\(name)")
    }
  }

  private static func step(ofRecord name: String) -> Int? {
    guard name.hasSuffix(".json") else { return nil }
    return step(ofName: name.dropLast(".json".count))
  }

  /// The step of a file of tensors, whatever part of however many it is.
  static func step(ofPart name: String) -> Int? {
    guard name.hasSuffix(".safetensors") else { return nil }
    let stem = name.dropLast(".safetensors".count)
    let words = stem.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard words.count == 2 || words.count == 5 && words[3].elementsEqual("of".utf8) else {
      return nil
    }
    return step(ofName: stem.prefix(upTo: words[1].endIndex))
  }

  private static func step(ofName name: Substring) -> Int? {
    let start = "checkpoint-"
    guard name.hasPrefix(start) else { return nil }
    let number = name.dropFirst(start.count)
    guard let step = Int(number), step >= 0, digits(step, 6) == number else { return nil }
    return step
  }
}

/// A number with zeros before it, of so many digits at least.
private func digits(_ number: Int, _ count: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
}
