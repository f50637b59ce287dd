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
      redirect: "WEITERLEITUNG", topics: [Topic("Alltag", of: german)]),
    Language(
      code: "fr", longCode: "fra", fileName: "Fichier", categoryName: "Catégorie",
      redirect: "REDIRECTION", topics: [Topic("quotidien", of: french)]),
    Language(
      code: "es", longCode: "spa", fileName: "Archivo", categoryName: "Categoría",
      redirect: "REDIRECCIÓN", topics: [Topic("cotidiano", of: spanish)]),
    Language(
      code: "ru", longCode: "rus", fileName: "Файл", categoryName: "Категория",
      redirect: "ПЕРЕНАПРАВЛЕНИЕ", topics: [Topic("быт", of: russian)]),
    Language(
      code: "it", longCode: "ita", fileName: "Immagine", categoryName: "Categoria",
      redirect: "RINVIA", topics: [Topic("quotidiano", of: italian)]),
  ]

  static let all = [english] + foreign
}
