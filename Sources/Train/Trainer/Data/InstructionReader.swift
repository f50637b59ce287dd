import Formats
public import Ground
public import Tokenizer

/// A conversation as tokens, of which the answers are targets.
struct Instruction: Equatable {
  var tokens: [Int32]
  /// For each token, whether it is to be predicted; never the first.
  var isLearnt: [Bool]
  /// From 0.
  var line: Int
}

/// What became of the lines of a file.
public struct InstructionReport: Equatable, Sendable {
  public var file: String
  /// Lines that are not blank.
  public var lines = 0
  public var kept = 0
  /// Conversations that do not fit the context.
  public var tooLong = 0
  public var bad = 0
  /// The first few bad lines, with their place.
  public var faults: [Fault] = []

  init(file: String) { self.file = file }
}

/// How instructions become tokens.
public struct InstructionReader: Sendable {
  /// Faults that a report keeps.
  private static let faultsKept = 10

  public var encoder: TokenEncoder
  public var template: ConversationTemplate
  /// The token that a conversation begins with.
  public var start: Int32
  /// The token that ends each answer.
  public var end: Int32
  /// The most inputs of a sample; longer conversations are left out, as a cut one would teach the
  /// model to stop in the middle, or to answer what it has not seen.
  public var context: Int

  /// - Parameters:
  ///   - encoder: Of the tokenizer that the model was trained with.
  ///   - template: How turns become text.
  ///   - start: Nil takes the end token, as shards have one before each document.
  ///   - context: The most inputs of a sample.
  ///   - file: The tokenizer's, for the fault.
  /// - Throws: `Fault` where the tokenizer has no end token.
  public init(
    encoder: TokenEncoder, template: ConversationTemplate = .plain, start: Int32? = nil,
    context: Int, file: String = "tokenizer.model"
  ) throws(Fault) {
    guard let end = encoder.endID else {
      throw Fault(
        file, at: 0,
        .unusable("the tokenizer has no end token, so a model could not learn where to stop"))
    }
    self.encoder = encoder
    self.template = template
    self.start = start ?? end
    self.end = end
    self.context = context
  }

  /// Reads a file of JSON lines, which may be compressed.
  ///
  /// - Throws: `Fault` where the file cannot be read; bad lines are counted, located and skipped.
  func read(_ path: String) throws(Fault) -> ([Instruction], InstructionReport) {
    let reader = try openDecoded(path)
    let parser = JSONParser()
    var report = InstructionReport(file: path)
    var instructions: [Instruction] = []
    var scratch = EncoderScratch()
    var line: [UInt8] = []
    var number = -1
    func note(_ fault: Fault) {
      report.bad += 1
      if report.faults.count < Self.faultsKept { report.faults.append(fault) }
    }
    while true {
      guard try !reader.isAtEnd() else { break }
      let start = reader.offset
      guard let piece = try reader.readLine(into: &line) else { break }
      number += 1
      if line.allSatisfy({ $0 <= 0x20 }) { continue }
      report.lines += 1
      if piece == .tooLong {
        note(reader.fault(.tooLong(limit: line.count), at: start))
        continue
      }
      do {
        let conversation = try Conversation(try parser.parse(line))
        let instruction = instruction(conversation, line: number, &scratch)
        if instruction.tokens.count - 1 > context {
          report.tooLong += 1
        } else {
          report.kept += 1
          instructions.append(instruction)
        }
      } catch let refusal as Conversation.Refusal {
        note(reader.fault(.malformed("line \(number + 1): \(refusal.what)"), at: start))
      } catch {
        note(reader.fault(.malformed("line \(number + 1): not JSON: \(error)"), at: start))
      }
    }
    return (instructions, report)
  }

  /// Encodes exchange by exchange, what is read and its answer as one text.
  ///
  /// A token that reaches from the one into the other is learnt: no byte of an answer is given away.
  func instruction(
    _ conversation: Conversation, line: Int, _ scratch: inout EncoderScratch
  ) -> Instruction {
    var instruction = Instruction(tokens: [start], isLearnt: [false], line: line)
    for exchange in template.exchanges(conversation) {
      var read: [Int32] = []
      var whole: [Int32] = []
      encoder.encode(exchange.read, into: &read, scratch: &scratch)
      encoder.encode(exchange.read + exchange.learnt, into: &whole, scratch: &scratch)
      let given = zip(read, whole).prefix { $0 == $1 }.count
      instruction.tokens += whole + [end]
      instruction.isLearnt += whole.indices.map { $0 >= given } + [true]
    }
    return instruction
  }
}
