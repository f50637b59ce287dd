import Documents
import Ground

/// Makes a document of a question and its answers.
///
/// The text is RedPajama's: `Q: ` title, space, body; then for every answer a new line, `A: ` and its
/// text. Answers are ordered by score as numbers, high to low, where RedPajama compares digits; of
/// equal ones the accepted comes first, then the older.
///
/// - SeeAlso: togethercomputer/RedPajama-Data `data_prep/stack_exchange`; LLaMA section 2.1.
struct ThreadMaker {
  let site: String
  let unit: Unit
  let member: String?

  /// Hands over what becomes of `posts`, which are of one question, the question first.
  func records(of posts: [Post], to accept: (Record) throws -> Void) throws {
    guard let question = posts.first, !question.isAnswer else {
      for post in posts { try accept(.dropped(document(of: post), reason: "orphan")) }
      return
    }
    let answers = posts.filter { $0.isAnswer && !$0.text.isEmpty }
    var document = document(of: question)
    document.metadata["answers"] = .integer(answers.count)
    if question.title.isEmpty && question.text.isEmpty && answers.isEmpty {
      try accept(.dropped(document, reason: "empty"))
    } else {
      document.text = text(question, answers)
      try accept(.document(document))
    }
    for post in posts.dropFirst() {
      if !post.isAnswer {
        try accept(.dropped(self.document(of: post), reason: "duplicate"))
      } else if post.text.isEmpty {
        try accept(.dropped(self.document(of: post), reason: "empty"))
      }
    }
  }

  private func text(_ question: Post, _ answers: [Post]) -> [UInt8] {
    var text = Array("Q: ".utf8) + question.title
    if !question.title.isEmpty && !question.text.isEmpty { text.append(0x20) }
    text += question.text
    func rank(_ answer: Post) -> (Int, Int, Int) {
      (-answer.score, answer.number == question.accepted ? 0 : 1, answer.number)
    }
    for answer in answers.sorted(by: { rank($0) < rank($1) }) {
      text += Array("\nA: ".utf8) + answer.text
    }
    return text
  }

  private func document(of post: Post) -> Document {
    let created = String(decoding: post.created, as: UTF8.self)
    var document = Document(
      source: StackExchangeSource.name, text: [], created: created,
      origin: unit.origin(
        Location(offset: post.place.offset, skip: post.place.skip), length: post.place.length,
        member: member))
    document.metadata["site"] = .string(site)
    document.metadata["url"] = .string(
      "https://\(site)/\(post.isAnswer ? "a" : "questions")/\(post.number)")
    document.metadata[post.isAnswer ? "answer" : "question"] = .integer(post.number)
    document.metadata["score"] = .integer(post.score)
    if !post.isAnswer { document.metadata["tags"] = .strings(tags(post.tags)) }
    document.metadata["licence"] = .string(licence(post, created: created))
    return document
  }

  /// The tags of `<a><b>`, or of `|a|b|`, as dumps since 2023 write them.
  private func tags(_ bytes: [UInt8]) -> [String] {
    bytes.split { [UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "|")].contains($0) }
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// As the row says, else by the day it was written.
  ///
  /// - SeeAlso: stackoverflow.com/help/licensing.
  private func licence(_ post: Post, created: String) -> String {
    if !post.licence.isEmpty { return String(decoding: post.licence, as: UTF8.self) }
    if created.utf8.lexicographicallyPrecedes("2011-04-08".utf8) { return "CC BY-SA 2.5" }
    return created.utf8.lexicographicallyPrecedes("2018-05-02".utf8)
      ? "CC BY-SA 3.0" : "CC BY-SA 4.0"
  }
}
