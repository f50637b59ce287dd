import Formats
import Ground

/// A question or an answer.
struct Post: Sendable {
  /// The number of the question: its own, or that of the one it answers.
  var thread = 0
  var isAnswer = false
  var number = 0
  var score = 0
  /// The number of the answer that the asker chose; 0 for none.
  var accepted = 0
  var place = Place()
  var created: [UInt8] = []
  var title: [UInt8] = []
  /// Without HTML.
  var text: [UInt8] = []
  var tags: [UInt8] = []
  var licence: [UInt8] = []

  /// Questions in order, each before its answers, those in the order of the file.
  static func precedes(_ left: Post, _ right: Post) -> Bool {
    (left.thread, left.isAnswer ? 1 : 0, left.place.order)
      < (right.thread, right.isAnswer ? 1 : 0, right.place.order)
  }

  /// About the bytes that it takes in memory.
  var size: Int { 256 + created.count + title.count + text.count + tags.count + licence.count }
}

/// Where a row lies.
struct Place: Sendable {
  var order: UInt64 = 0
  var offset: UInt64 = 0
  var skip: UInt64 = 0
  var length = 0

  init() {}

  init(_ row: XMLRecord) {
    order = row.offset
    offset = row.location.offset
    skip = row.location.skip
    length = row.bytes.count
  }
}

/// Why a row cannot be used.
struct RowError: Error, CustomStringConvertible { var description: String }

/// What a row of `Posts.xml` is.
enum Row {
  case post(Post)
  /// Neither question nor answer: a tag's wiki, a nomination.
  case other(type: Int, created: String)

  static func parsed(_ bytes: [UInt8], by parser: XMLParser) -> Result<Row, RowError> {
    do throws(RowError) { return .success(try Row(bytes, by: parser)) } catch {
      return .failure(error)
    }
  }

  /// - SeeAlso: meta.stackexchange.com/questions/2677, the dumps' schema.
  private init(_ bytes: [UInt8], by parser: XMLParser) throws(RowError) {
    let row: XMLElement
    do throws(XMLError) { row = try parser.parse(bytes) } catch {
      throw RowError(description: "a row is no XML: \(error)")
    }
    func number(_ name: String) -> Int? {
      row[name].flatMap { Int(String(decoding: $0, as: UTF8.self)) }
    }
    guard let type = number("PostTypeId"), type >= 0, let id = number("Id"), id >= 0 else {
      throw RowError(description: "a row has no Id or PostTypeId")
    }
    let created = row["CreationDate"] ?? []
    guard type == 1 || type == 2 else {
      self = .other(type: type, created: String(decoding: created, as: UTF8.self))
      return
    }
    var post = Post()
    post.isAnswer = type == 2
    post.number = id
    // An answer to nothing comes before all questions, as an orphan.
    post.thread = post.isAnswer ? number("ParentId") ?? -1 : id
    post.score = number("Score") ?? 0
    post.accepted = number("AcceptedAnswerId") ?? 0
    post.created = created
    post.title = row["Title"] ?? []
    post.text = plainText(html: row["Body"] ?? [], options: Self.text)
    post.tags = row["Tags"] ?? []
    post.licence = row["ContentLicense"] ?? []
    self = .post(post)
  }

  /// RedPajama marks list items with a star; paragraphs are an empty line apart.
  private static let text = HTMLTextOptions(listMarker: "* ", paragraphBreaks: 2)
}
