import Ground
import TestSupport
import Testing
import TextModels

@Suite struct KneserNeyFaultTests {
  private func message(
    _ text: String, _ change: (inout KneserNeySettings) -> Void = { _ in }
  ) -> String {
    do {
      _ = try trained(Array(text.utf8), change)
      return "no fault"
    } catch {
      return "\(error)"
    }
  }

  @Test func settingsOutOfRangeAreNamed() {
    #expect(message("a") { $0.order = 0 }.contains("order is 0"))
    #expect(message("a") { $0.order = 7 }.contains("order is 7"))
    #expect(message("a") { $0.prune = [0, 2, 1] }.contains("1 after 2"))
    #expect(message("a") { $0.prune = [0, 0, 0, 0, 0, 1] }.contains("6 values"))
    #expect(message("a") { $0.memory = 1000 }.contains("at least 4194304"))
    #expect(message("a") { $0.discountFallback = [] }.contains("1, 2 or 3"))
    #expect(message("a") { $0.discountFallback = [0.5, 2.5] }.contains("not within 0...2"))
    #expect(message("a") { $0.discountFallback = [.nan] }.contains("not within"))
    #expect(message("a") { $0.jobs = 0 }.contains("at least 1"))
    #expect(
      message("a") {
        $0.vocabPad = 10
        $0.interpolateUnigrams = false
      }.contains("interpolated"))
    #expect(message("a") { $0.temporaryFolder = "/no/such" }.contains("No such file"))
    #expect(message("a\n") { $0.limitVocabFile = "/no/such" }.contains("No such file"))
  }

  @Test func textsThatAreTooSmallSayWhatToDo() {
    #expect(message("").contains("no text"))
    #expect(message("a b c\n").contains("--discount-fallback"))
    #expect(message("\n\n") { $0.discountFallback = [0.5] } == "no fault")
  }

  @Test func marksInTheTextAreFoundByTheirByte() {
    #expect(message("a b\nc <s> d\n").contains("text: byte 6: the word <s>"))
    #expect(message("</s>\n").contains("byte 0: the word </s>"))
    #expect(message("a <unk>").contains("--skip-symbols"))
    #expect(
      message("a <s> b </s>\n<unk>\n") {
        $0.skipSymbols = true
        $0.discountFallback = [0.5]
      } == "no fault")
  }

  @Test func wordsThatAreNoneAreRefused() throws {
    for word in ["", " ", "a b", "a\n", "\0", "<s>"] {
      var trainer = try KneserNeyTrainer(KneserNeySettings())
      var caught: Fault?
      do {
        try trainer.add(word: Array(word.utf8).span)
      } catch {
        caught = error
      }
      #expect(caught != nil, "\(word)")
    }
  }

  @Test func marksThatAreSkippedAreWhiteSpace() throws {
    let change: (inout KneserNeySettings) -> Void = {
      $0.skipSymbols = true
      $0.discountFallback = [0.5]
    }
    let skipped = try trained(Array("a <s> b </s>\n<unk>\n".utf8), change)
    let plain = try trained(Array("a b\n\n".utf8), change)
    #expect(skipped.model == plain.model && skipped.report == plain.report)
  }

  /// Words and lines longer than any buffer; bytes that are no text.
  @Test func longLinesAndAnyBytes() throws {
    let long = String(repeating: "x", count: 700_000)
    let many = String(repeating: "a b ", count: 300_000)
    let (model, report) = try trained(Array("\(long) \(many)\nb\n".utf8)) {
      $0.order = 2
      $0.discountFallback = [0.5]
      $0.memory = 32 << 20
    }
    #expect(report.tokens == 600_002 && report.types == 6 && report.sentences == 2)
    #expect(model.count > 700_000 * 3)
    #expect(
      message(String(repeating: "y", count: 1 << 21)).contains("longer than the limit of 1048576"))
    let noise = try trained([0xff, 0x00, 0xfe, 0x20, 0x0a, 0xc3, 0x0a]) {
      $0.discountFallback = [0.5]
    }
    #expect(noise.report.tokens == 3 && noise.report.sentences == 2)
  }

  @Test func aVocabularyAboveTheMemorySaysSo() {
    var text = ""
    for word in 0..<200_000 { text += "word\(word) " }
    #expect(message(text) { $0.memory = 4 << 20 }.contains("allow more memory"))
  }

  @Test func aModelThatCannotBeWrittenLeavesNothing() throws {
    let folder = try TemporaryFolder()
    var settings = KneserNeySettings()
    settings.temporaryFolder = folder.path
    settings.discountFallback = [0.5]
    var trainer = try KneserNeyTrainer(settings)
    try trainer.add(sentence: Array("a b".utf8).span)
    var caught: Fault?
    do {
      _ = try trainer.finish(writing: "\(folder.path)/no/such/model")
    } catch {
      caught = error
    }
    #expect(caught?.description.contains("No such file") == true)
    #expect(try files(under: folder.path).isEmpty)
  }
}
