/// A language that the sample is written in.
struct Language: Sendable {
  /// ISO 639-1, as in Wikipedia's names of wikis.
  var code: String
  /// ISO 639-3, as in `WARC-Identified-Content-Language`.
  var longCode: String
  /// What Wikipedia calls files and categories there.
  var fileName: String
  var categoryName: String
  var redirect: String
  var topics: [Topic]

  static let english = Language(
    code: "en", longCode: "eng", fileName: "File", categoryName: "Category", redirect: "REDIRECT",
    topics: Topic.all)

  static let foreign = [
    Language(
      code: "de", longCode: "deu", fileName: "Datei", categoryName: "Kategorie",
      redirect: "WEITERLEITUNG", topics: [Topic("Alltag", Grammar(german, compoundNames, figures))]),
    Language(
      code: "fr", longCode: "fra", fileName: "Fichier", categoryName: "Catégorie",
      redirect: "REDIRECTION", topics: [Topic("quotidien", Grammar(french, compoundNames, figures))]
    ),
    Language(
      code: "es", longCode: "spa", fileName: "Archivo", categoryName: "Categoría",
      redirect: "REDIRECCIÓN",
      topics: [Topic("cotidiano", Grammar(spanish, compoundNames, figures))]),
    Language(
      code: "ru", longCode: "rus", fileName: "Файл", categoryName: "Категория",
      redirect: "ПЕРЕНАПРАВЛЕНИЕ", topics: [Topic("быт", Grammar(russian, figures))]),
    Language(
      code: "it", longCode: "ita", fileName: "Immagine", categoryName: "Categoria",
      redirect: "RINVIA", topics: [Topic("quotidiano", Grammar(italian, compoundNames, figures))]),
  ]

  static let all = [english] + foreign
}
