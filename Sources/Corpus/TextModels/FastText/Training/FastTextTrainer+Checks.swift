internal import Ground

extension FastTextTrainer {
  /// - Throws: `Fault` where a setting makes no sense by itself or with another.
  func check() throws(Fault) {
    func require(_ isGood: Bool, _ what: @autoclosure () -> String) throws(Fault) {
      if !isGood { throw fault(what()) }
    }
    let settings = settings
    try require(jobs > 0, "jobs is \(jobs); it must be at least 1")
    try require(
      (1...65_536).contains(settings.dim), "dim is \(settings.dim); it must be from 1 to 65536")
    try require(lr > 0 && lr.isFinite, "lr is \(lr); it must be a positive number")
    try require(settings.epoch > 0, "epoch is \(settings.epoch); it must be at least 1")
    try require(settings.minCount >= 0, "minCount is \(settings.minCount); it must not be negative")
    try require(minCountLabel >= 0, "minCountLabel is \(minCountLabel); it must not be negative")
    try require(
      (1...64).contains(settings.wordNgrams),
      "wordNgrams is \(settings.wordNgrams); it must be from 1 to 64")
    try require(
      settings.minn >= 0 && (0...64).contains(settings.maxn),
      "minn and maxn are \(settings.minn) and \(settings.maxn); they must be from 0 to 64")
    try require(
      settings.minn <= settings.maxn,
      "minn is \(settings.minn), more than maxn, which is \(settings.maxn)")
    let hashes = settings.wordNgrams > 1 || settings.maxn > 0
    try require(
      !hashes || settings.bucket > 0,
      "bucket is \(settings.bucket); n-grams need at least 1")
    try require(settings.neg > 0 || settings.loss != .negativeSampling, "neg must be at least 1")
    try require(
      settings.lrUpdateRate >= 0,
      "lrUpdateRate is \(settings.lrUpdateRate); it must not be negative")
    try require(!labelPrefix.isEmpty, "the label prefix is empty: every token would be a label")
    try require(settings.kind == .supervised, "only supervised models are trained")
  }

  /// - Throws: `Fault` where a text has nothing to learn from.
  func check(_ text: borrowing TrainingText, _ entries: FastTextEntries, _ files: [String])
    throws(Fault)
  {
    let files = files.joined(separator: ", ")
    guard text.counts.lines > 0 else { throw fault("there is no text", files) }
    guard text.labelCount > 0 else {
      throw fault("no line has a label, a word that begins with \(labelPrefix)", files)
    }
    guard entries.labelCount > 0 else {
      throw fault("no label comes \(minCountLabel) times: lower minCountLabel", files)
    }
    guard entries.labelCount > 1 else {
      throw fault("there is one label only, and two are the least that can be told apart", files)
    }
    let hasSubwords = settings.maxn > 0
    guard entries.wordCount > 0 || hasSubwords && text.table.count > entries.labelCount + 1 else {
      throw fault("no word comes \(settings.minCount) times: lower minCount", files)
    }
    guard entries.count < Int(Int32.max) - Int(settings.bucket) else {
      throw fault(
        "\(entries.count) words and \(settings.bucket) n-grams are more than 2³¹ rows", files)
    }
  }

  /// - Throws: `Fault` where the matrices, with `text` bytes of text, take more than `memory`.
  func checkMemory(rows: Int, labels: Int, text: Int) throws(Fault) {
    let dim = Int(settings.dim)
    guard let input = RowMatrix.size(rows: rows, dim: dim),
      let output = RowMatrix.size(rows: labels, dim: dim)
    else { throw fault("\(rows) rows of \(dim) numbers are more than memory can hold") }
    let needed = input + output + text
    guard let memory, needed > memory else { return }
    throw fault(
      "training needs \(needed) bytes of memory, \(input) of them for \(rows) rows of \(dim) numbers, "
        + "and may use \(memory): give it more, or lower dim or bucket")
  }

  func fault(_ what: String, _ files: String = "training") -> Fault {
    Fault(files, at: 0, .unusable(what))
  }
}
