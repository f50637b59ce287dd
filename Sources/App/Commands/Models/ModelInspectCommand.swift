import ArgumentParser
import Ground
import TextModels

struct ModelInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what is inside a classifier or language model, and the memory it takes.",
    discussion: """
        quipu model inspect lid.176.ftz
        quipu model inspect en.arpa.bin --json
        quipu model inspect languages.bin --labels
      """)

  @Argument(help: "The model file.")
  var model: String

  @Flag(help: "List the labels of a classifier, with how often they came in training.")
  var labels = false

  @OptionGroup var result: ResultOptions

  func run() throws {
    switch try AnyTextModel(path: model) {
    case .classifier(let model): try result.print(labels ? labelTable(model) : table(model))
    case .language(let model): try result.print(table(model))
    }
  }

  private func labelTable(_ model: FastTextModel) -> Table {
    var table = Table("label", "times")
    for number in 0..<model.labelCount {
      table.add(model.label(number), grouped(Int(model.occurrences(ofLabel: number))))
    }
    return table
  }

  private func table(_ model: FastTextModel) -> Table {
    let summary = model.summary
    let settings = summary.settings
    var table = Table("what", "value")
    table.add("kind", "fastText, \(settings.kind), version \(summary.version)")
    table.add("words", grouped(summary.words))
    table.add("labels", grouped(summary.labels))
    table.add("tokens of training", grouped(Int(summary.tokens)))
    table.add("loss", settings.loss.name)
    table.add("dim", "\(settings.dim)")
    table.add("word n-grams", settings.wordNgrams > 1 ? "1 to \(settings.wordNgrams)" : "none")
    let hasCharacters = settings.maxn > 0
    table.add("character n-grams", hasCharacters ? "\(settings.minn) to \(settings.maxn)" : "none")
    table.add("rows for n-grams", grouped(Int(settings.bucket)))
    if let kept = summary.keptGrams { table.add("n-grams kept", grouped(kept)) }
    table.add("epochs", "\(settings.epoch)")
    if summary.isInputQuantised {
      let parts =
        ["\(summary.codeWidth ?? 0) numbers a code"]
        + (summary.areNormsQuantised ? ["lengths apart"] : [])
        + (summary.isOutputQuantised ? ["labels too"] : [])
      table.add("quantised", parts.joined(separator: ", "))
    } else {
      table.add("quantised", "no")
    }
    table.add("bytes of the file, mapped", grouped(summary.fileBytes))
    table.add("of the vocabulary", grouped(summary.vocabularyBytes))
    table.add("of the input matrix", grouped(summary.inputBytes))
    table.add("of the output matrix", grouped(summary.outputBytes))
    table.add("bytes of memory beside it", grouped(summary.indexBytes))
    return table
  }

  private func table(_ model: NGramModel) -> Table {
    let summary = model.summary
    var table = Table("what", "value")
    table.add(
      "kind", summary.isText ? "ARPA text, in memory" : "KenLM \(summary.kind.name), mapped")
    table.add("order", "\(summary.order)")
    for (length, count) in summary.counts.enumerated() {
      table.add("\(length + 1)-grams", grouped(count))
    }
    table.add("words", grouped(summary.words) + (summary.hasWords ? "" : ", without their strings"))
    if let multiplier = summary.multiplier { table.add("buckets an n-gram", "\(multiplier)") }
    if let bits = summary.probabilityBits { table.add("bits of a probability", "\(bits)") }
    if let bits = summary.backoffBits { table.add("bits of backing off", "\(bits)") }
    if let bits = summary.pointerBits { table.add("bits an array takes off pointers", "\(bits)") }
    if summary.hasRestCosts { table.add("rest costs", "yes") }
    table.add("bytes", grouped(summary.bytes))
    for part in summary.parts { table.add("of the \(part.name)", grouped(part.bytes)) }
    return table
  }
}
