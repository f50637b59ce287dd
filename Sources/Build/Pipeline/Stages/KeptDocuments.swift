import Dedup
import Documents
import Ground

/// The documents of one unit after duplicates are resolved: the second time that text is read.
struct KeptDocuments: Sendable {
  let source: String
  /// The key of the unit whose documents these are.
  let unit: String
  let duplicates: DuplicatesUnit
  /// Which of the source's units this is.
  let index: Int

  /// Calls `accept` with each document, its text as it stays, in the order of the file; `dropped`
  /// with the reason of each that does not.
  ///
  /// - Throws: `Fault` where the file is not what this toolkit wrote, or what the closures throw.
  func forEach(
    in work: WorkFolder, _ accept: (Document) throws -> Void,
    dropped: (String) throws -> Void = { _ in }
  ) throws {
    let verdicts = try duplicates.verdicts(forUnit: index, in: work)
    let path = WorkFolder.documents(source, unit)
    let reader = DocumentLineReader(try openDecoded(work(path)), name: path)
    var keys = LineKeys()
    while let line = try reader.next() {
      var document = try line.get()
      switch verdicts.keep(document.id, text: document.text, keys: &keys) {
      case .text(let text):
        document.text = text
        try accept(document)
      case .dropped(let reason): try dropped(reason)
      }
    }
  }
}
