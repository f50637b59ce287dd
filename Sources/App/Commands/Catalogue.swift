import ArXiv
import Books
import C4
import CommonCrawl
import Documents
import Filters
import GitHub
import Ground
import Manifest
import Pipeline
import StackExchange
import Wikipedia

/// A source that manifests and `ingest` can name.
struct SourceEntry: Sendable {
  /// A clause for lists.
  var summary: String
  /// The keys of its `settings`.
  var settings: [String]
  /// The setting that `--language` means; nil where languages mean nothing to it.
  var languages: String?
  var make: @Sendable (SourceSettings) throws -> any DocumentSource
}

/// The one place that names concrete sources.
let sourceCatalogue: [String: SourceEntry] = [
  CommonCrawlSource.name: SourceEntry(
    summary: "web pages: WET, and WARC made text here",
    settings: ["minimum-length", "languages", "record-limit"], languages: "languages"
  ) { wishes in
    var settings = CommonCrawlSource.Settings()
    if let length = try wishes.integer("minimum-length") { settings.minimumLength = length }
    if let languages = try wishes.texts("languages") {
      settings.languages = languages.map(crawlLanguage)
    }
    if let limit = try wishes.integer("record-limit") { settings.recordLimit = limit }
    return CommonCrawlSource(settings: settings)
  },
  C4Source.name: SourceEntry(
    summary: "the public C4: json.gz", settings: ["language", "record-limit"], languages: "language"
  ) { wishes in
    var settings = C4Source.Settings()
    if let language = try wishes.text("language") { settings.language = language }
    if let limit = try wishes.integer("record-limit") { settings.recordLimit = limit }
    return C4Source(settings: settings)
  },
  GitHubSource.name: SourceEntry(
    summary: "code: BigQuery's JSON export, tarballs and folders of repositories",
    settings: ["licences", "maximum-bytes", "suffixes"]
  ) { wishes in
    var settings = GitHubSource.Settings()
    if let licences = try wishes.texts("licences") { settings.licences = licences }
    if let bytes = try wishes.integer("maximum-bytes") { settings.maximumBytes = bytes }
    if let suffixes = try wishes.texts("suffixes") { settings.suffixes = suffixes }
    return GitHubSource(settings)
  },
  WikipediaSource.name: SourceEntry(
    summary: "articles: pages-articles and multistream dumps, xml.bz2",
    settings: ["languages"], languages: "languages"
  ) { wishes in
    WikipediaSource(languages: try wishes.texts("languages") ?? WikipediaSource.llamaLanguages)
  },
  BooksSource.name: SourceEntry(
    summary: "books: Gutenberg's texts, zip, and tar of texts such as Books3",
    settings: ["strips-transcriber-notes", "maximum-bytes"]
  ) { wishes in
    var settings = BooksSource.Settings()
    if let strips = try wishes.flag("strips-transcriber-notes") {
      settings.stripsTranscriberNotes = strips
    }
    if let bytes = try wishes.integer("maximum-bytes") { settings.maximumBytes = bytes }
    return BooksSource(settings)
  },
  ArXivSource.name: SourceEntry(
    summary: "papers: arXiv_src tars of LaTeX sources, or single papers",
    settings: ["keeps-appendix", "keeps-sectionless", "expands-macros"]
  ) { wishes in
    var settings = ArXivSource.Settings()
    if let keeps = try wishes.flag("keeps-appendix") { settings.keepsAppendix = keeps }
    if let keeps = try wishes.flag("keeps-sectionless") { settings.keepsSectionless = keeps }
    if let expands = try wishes.flag("expands-macros") { settings.expandsMacros = expands }
    return ArXivSource(settings)
  },
  StackExchangeSource.name: SourceEntry(
    summary: "questions with their answers: SITE.7z or Posts.xml", settings: ["sites"]
  ) { wishes in
    StackExchangeSource(sites: try wishes.texts("sites") ?? [])
  },
]

/// The names that a manifest may use.
let vocabulary = Vocabulary(
  sources: sourceCatalogue.keys.sorted().map {
    .init($0, settings: (sourceCatalogue[$0]?.settings ?? []) + ["bad-words"])
  },
  rewrites: filterCatalogue.filter { $0.kind == .rewrite }.map(\.name),
  signals: filterCatalogue.flatMap(\.signals))

/// Turns one source of a manifest into code.
///
/// The path of `bad-words` starts from `inputs`. Settings that the source does not understand are a
/// `ManifestError`, a list of words that cannot be read is a `Fault`.
func plan(_ recipe: SourceRecipe, inputs: String) throws -> SourcePlan {
  guard let entry = sourceCatalogue[recipe.name] else {
    throw Fault(recipe.name, at: 0, .unusable("there is no such source"))
  }
  let words = try recipe.settings.text("bad-words").map { path in
    path.hasPrefix("/") ? path : "\(inputs)/\(path)"
  }
  let badWords = try words.map { try BadWords(path: $0) }
  return SourcePlan(
    recipe: recipe, source: try entry.make(recipe.settings),
    judge: Judge(
      rewrites: recipe.rewrites.compactMap { rewrite(named: $0, badWords: badWords) },
      measures: measures(for: recipe.rules.map(\.signal)),
      rules: recipe.rules.map { Rule(signal: $0.signal, keeps: $0.keeps) }),
    materials: words.map { [$0] } ?? [])
}

/// The measures that set at least one of the signals.
func measures(for signals: [String]) -> [any Measure] {
  filterCatalogue
    .filter { $0.kind == .measure && !Set($0.signals).isDisjoint(with: signals) }
    .compactMap { measure(named: $0.name) }
}

/// Common Crawl identifies languages by ISO 639-3; the two letters of ISO 639-1 are understood too.
private func crawlLanguage(_ code: String) -> String {
  [
    "ar": "ara", "bg": "bul", "ca": "cat", "cs": "ces", "da": "dan", "de": "deu", "el": "ell",
    "en": "eng", "es": "spa", "et": "est", "fa": "fas", "fi": "fin", "fr": "fra", "he": "heb",
    "hi": "hin", "hr": "hrv", "hu": "hun", "id": "ind", "it": "ita", "ja": "jpn", "ko": "kor",
    "lt": "lit", "lv": "lav", "nl": "nld", "no": "nor", "pl": "pol", "pt": "por", "ro": "ron",
    "ru": "rus", "sk": "slk", "sl": "slv", "sr": "srp", "sv": "swe", "th": "tha", "tr": "tur",
    "uk": "ukr", "vi": "vie", "zh": "zho",
  ][code] ?? code
}
