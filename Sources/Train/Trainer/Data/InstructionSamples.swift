public import Ground

/// Conversations for fine-tuning, one a row, with the answers as targets.
///
/// They are not packed: attention is not cut within a row, so an answer would be learnt from the
/// conversations before it as well. A batch is as long as its longest row, so that little is padding.
public struct InstructionSamples: SampleSource {
  /// Lengths of batches are multiples of this, as kernels like them; ours to choose.
  private static let grain = 16

  /// What became of the lines, file by file.
  public let reports: [InstructionReport]
  public let marks: [ShardMark]
  public let count: Int

  private let context: Int
  private let files: [String]
  private let homes: [(file: Int, line: Int)]
  /// Tokens of all samples, and where each begins; whether each is a target.
  private let tokens: [Int32]
  private let isLearnt: [Bool]
  private let starts: [Int]
  /// Targets before each sample.
  private let targetsBefore: [Int]

  /// Reads files of instructions.
  ///
  /// - Throws: `Fault` where a file cannot be read, or has no conversation that can be learnt.
  public init(files: [String], reader: InstructionReader) throws(Fault) {
    var reports: [InstructionReport] = []
    var marks: [ShardMark] = []
    var homes: [(file: Int, line: Int)] = []
    var tokens: [Int32] = []
    var isLearnt: [Bool] = []
    var starts = [0], targetsBefore = [0]
    for (number, file) in files.enumerated() {
      let (instructions, report) = try reader.read(file)
      reports.append(report)
      guard !instructions.isEmpty else {
        if let fault = report.faults.first { throw fault }
        let why =
          report.tooLong > 0
          ? "all of its \(report.tooLong) conversations are longer than the context of "
            + "\(reader.context) tokens; choose a longer context"
          : "the file has no conversations"
        throw Fault(file, at: 0, .unusable(why))
      }
      var digest: [UInt8] = Array("quipu instructions".utf8)
      let first = tokens.count
      for instruction in instructions {
        homes.append((number, instruction.line))
        tokens += instruction.tokens
        isLearnt += instruction.isLearnt
        starts.append(tokens.count)
        targetsBefore.append(
          targetsBefore[targetsBefore.count - 1] + instruction.isLearnt.count { $0 })
        digest.append(number: UInt32(instruction.tokens.count))
      }
      for index in first..<tokens.count {
        digest.append(number: UInt32(bitPattern: tokens[index]) << 1 | (isLearnt[index] ? 1 : 0))
      }
      marks.append(
        ShardMark(
          name: fileName(of: file), tokens: tokens.count - first,
          fingerprint: xxh3Wide(digest).description))
    }
    self.reports = reports
    self.marks = marks
    self.homes = homes
    self.tokens = tokens
    self.isLearnt = isLearnt
    self.starts = starts
    self.targetsBefore = targetsBefore
    self.files = files
    context = reader.context
    count = tokens.count
  }

  public func sampleCount(context: Int) -> Int { homes.count }

  /// - Complexity: O(numbers).
  public func size(of numbers: [Int], context: Int) -> SampleSize {
    numbers.reduce(into: SampleSize(inputs: 0, targets: 0)) { size, number in
      size.inputs += starts[number + 1] - starts[number] - 1
      size.targets += targetsBefore[number + 1] - targetsBefore[number]
    }
  }

  public func samples(
    _ numbers: [Int], context: Int, vocabulary: Int
  ) throws(Fault) -> SampleBatch {
    let longest = numbers.map { starts[$0 + 1] - starts[$0] - 1 }.max() ?? 0
    let length = min(context, (longest + Self.grain - 1) / Self.grain * Self.grain)
    var inputs: [Int32] = []
    var targets: [Int32] = []
    inputs.reserveCapacity(numbers.count * length)
    targets.reserveCapacity(numbers.count * length)
    for number in numbers {
      let range = starts[number]..<starts[number + 1]
      try check(tokens[range], of: number, vocabulary)
      inputs += tokens[range.dropLast()]
      for index in range.dropFirst() { targets.append(isLearnt[index] ? tokens[index] : -1) }
      let padding = length - (range.count - 1)
      inputs += repeatElement(0, count: padding)
      targets += repeatElement(-1, count: padding)
    }
    return SampleBatch(inputs: inputs, targets: targets, length: length)
  }

  public func origins(of number: Int, context: Int) -> [SampleOrigin] {
    [SampleOrigin(file: files[homes[number].file], document: homes[number].line)]
  }

  public func check(vocabulary: Int, context: Int, role: String) throws(Fault) {
    guard context >= self.context else {
      throw Fault(
        files.first ?? "\(role) data", at: 0,
        .unusable(
          "the \(role) data was read for a context of \(self.context) tokens, and the run's is "
            + "\(context)"))
    }
    for number in homes.indices {
      try check(tokens[starts[number]..<starts[number + 1]], of: number, vocabulary)
    }
  }

  private func check(
    _ tokens: ArraySlice<Int32>, of number: Int, _ vocabulary: Int
  ) throws(Fault) {
    guard let wrong = tokens.first(where: { $0 < 0 || $0 >= vocabulary }) else { return }
    throw Fault(
      files[homes[number].file], at: 0,
      .unusable(
        "line \(homes[number].line + 1) has token \(wrong), and the model's vocabulary is "
          + "\(vocabulary): use the tokenizer that the model was trained with"))
  }
}

extension [UInt8] {
  fileprivate mutating func append(number: UInt32) {
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }
}
