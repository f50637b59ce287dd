/// What a page says: its visible text, its title and its language.
public struct HTMLPage: Equatable, Sendable {
  /// The text of the first `title` element, on one line; empty where there is none.
  public var title: [UInt8]
  /// The `lang` of the `html` element, as written.
  public var language: String?
  /// As `plainText` gives it.
  public var text: [UInt8]

  /// - Parameters:
  ///   - html: UTF-8; see `declaredCharset` for pages that are not yet.
  ///   - options: How the text is written.
  /// - Complexity: O(n).
  public init(html: [UInt8], options: HTMLTextOptions = HTMLTextOptions()) {
    var builder = HTMLTextBuilder(html, options: options)
    builder.run()
    text = builder.writer.text
    title = builder.title ?? []
    language = builder.language.map { String(decoding: $0, as: UTF8.self) }
  }
}
