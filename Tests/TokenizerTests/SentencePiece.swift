import Foundation
import Ground
import TestSupport
import Tokenizer

/// The sentencepiece package, which trains models and says what it makes of texts.
enum SentencePiece {
  /// A Python with sentencepiece 0.2.3: `QUIPU_PYTHON`, or else `python3`.
  static let python: String? = {
    let name = ProcessInfo.processInfo.environment["QUIPU_PYTHON"] ?? "python3"
    let check = "import sentencepiece, sys; sys.exit(sentencepiece.__version__ != '0.2.3')"
    return (try? run(name, ["-c", check])) == 0 ? name : nil
  }()

  static let absence = "no Python with sentencepiece 0.2.3; set QUIPU_PYTHON"

  static func run(
    _ python: String, _ arguments: [String], errors: String = "/dev/null"
  ) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python] + arguments
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// What the package says of one model.
  struct Answers {
    var model: [UInt8]
    /// By text.
    var normalized: [[UInt8]]
    /// For each byte of `normalized`, and its end, where in the text it comes from.
    var origins: [[Int32]]
    var ids: [[Int32]]
    /// What `ids` decode to.
    var decoded: [[UInt8]]
    /// What given ids, whatever they are, decode to.
    var decodedNoise: [[UInt8]]
  }

  /// Trains a model of `text` for each plan (a name and Python keyword arguments) and asks it.
  ///
  /// `noise` are lists of numbers, which are ids once divided by the number of pieces.
  static func answers(
    plans: [(name: String, arguments: String)], trainedOn text: [UInt8], texts: [[UInt8]],
    noise: [[Int32]], models: [String: [UInt8]] = [:]
  ) throws -> [String: Answers] {
    guard let python else { return [:] }
    let folder = try TemporaryFolder()
    _ = try folder.write(text, to: "train")
    _ = try folder.write(packed(texts), to: "texts")
    _ = try folder.write(packed(noise.map(bytes)), to: "noise")
    for (name, model) in models { _ = try folder.write(model, to: "\(name).model") }
    var program = script
    for (name, arguments) in plans { program += "\nplan(\(quoted(name)), dict(\(arguments)))" }
    for name in models.keys.sorted() { program += "\nask(\(quoted(name)))" }
    let path = try folder.write(program, to: "program.py")
    let errors = try folder.write("", to: "errors")
    guard try run(python, ["-B", path, folder.path], errors: errors) == 0 else {
      let what = String(decoding: try wholeFile(errors).suffix(600), as: UTF8.self)
      throw Fault("sentencepiece", at: 0, .unusable(what))
    }
    var answers: [String: Answers] = [:]
    for name in plans.map(\.name) + models.keys {
      func list(_ kind: String) throws -> [[UInt8]] {
        unpacked(try wholeFile("\(folder.path)/\(name).\(kind)"))
      }
      answers[name] = Answers(
        model: try wholeFile("\(folder.path)/\(name).model"), normalized: try list("normalized"),
        origins: try list("origins").map(numbers),
        ids: try list("ids").map(numbers), decoded: try list("decoded"),
        decodedNoise: try list("noise"))
    }
    return answers
  }

  private static func quoted(_ name: String) -> String { "'\(name)'" }

  private static let script = """
    import io, os, struct, sys
    import sentencepiece
    os.chdir(sys.argv[1])
    def read(name):
        data, place, items = open(name, 'rb').read(), 0, []
        while place < len(data):
            size = struct.unpack_from('<I', data, place)[0]
            items.append(data[place + 4:place + 4 + size])
            place += 4 + size
        return items
    def write(name, items):
        with open(name, 'wb') as file:
            for item in items:
                file.write(struct.pack('<I', len(item)) + item)
    texts = read('texts')
    noise = [struct.unpack('<%di' % (len(item) // 4), item) for item in read('noise')]
    lines = open('train', 'rb').read().decode('utf-8', 'replace').split('\\n')
    def plan(name, settings):
        for key in list(settings):
            if key.endswith('_tsv'):
                with open('rules.tsv', 'w') as file:
                    file.write(settings[key])
                settings[key] = 'rules.tsv'
        standard = dict(
            vocab_size=3000, character_coverage=0.98, hard_vocab_limit=False, minloglevel=3)
        settings = dict(standard, **settings)
        output = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines), model_writer=output, **settings)
        with open(name + '.model', 'wb') as file:
            file.write(output.getvalue())
        ask(name)
    def ask(name):
        processor = sentencepiece.SentencePieceProcessor(
            model_proto=open(name + '.model', 'rb').read())
        size = processor.vocab_size()
        pairs = [processor.normalize(text, with_offsets=True) for text in texts]
        write(name + '.normalized', [bytes(text) for text, _ in pairs])
        write(name + '.origins', [struct.pack('<%di' % len(list), *list) for _, list in pairs])
        ids = [processor.encode(text) for text in texts]
        write(name + '.ids', [struct.pack('<%di' % len(list), *list) for list in ids])
        def decode(ids):
            return processor.decode(ids, out_type=bytes) if ids else b''
        write(name + '.decoded', [decode(list) for list in ids])
        write(name + '.noise', [decode([id % size for id in list]) for list in noise])
    """
}

func wholeFile(_ path: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}

private func packed(_ items: [[UInt8]]) -> [UInt8] {
  items.flatMap { bytes([Int32($0.count)]) + $0 }
}

private func unpacked(_ data: [UInt8]) -> [[UInt8]] {
  var items: [[UInt8]] = []
  var place = 0
  while place < data.count {
    let size = Int(numbers(Array(data[place..<place + 4]))[0])
    items.append(Array(data[place + 4..<place + 4 + size]))
    place += 4 + size
  }
  return items
}

private func bytes(_ numbers: [Int32]) -> [UInt8] {
  numbers.flatMap { number in
    (0..<4).map { UInt8(truncatingIfNeeded: number >> Int32(8 * $0)) }
  }
}

private func numbers(_ bytes: [UInt8]) -> [Int32] {
  stride(from: 0, to: bytes.count, by: 4).map { place in
    (0..<4).reduce(0) { $0 | Int32(bytes[place + $1]) << Int32(8 * $1) }
  }
}
