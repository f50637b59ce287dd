/// The local names of the namespaces that plain text does not want, as a dump's head gives them.
public struct LocalNames: Hashable, Sendable {
  public var media: [String]
  public var category: [String]

  public init(media: [String] = [], category: [String] = []) {
    self.media = media
    self.category = category
  }
}

/// Tells by the prefix of a link what its target is.
struct Namespaces: Sendable {
  enum Kind { case media, category, language }

  private var kinds: [[UInt8]: Kind] = [:]

  init(language: String, names: LocalNames) {
    for name in ["File", "Image", "Media"] + (mediaAliases[language] ?? []) + names.media {
      kinds[Self.folded(Array(name.utf8))] = .media
    }
    for name in ["Category"] + (categoryAliases[language] ?? []) + names.category {
      kinds[Self.folded(Array(name.utf8))] = .category
    }
  }

  /// What `target` is by its prefix; nil for an article, and for anything that begins with a colon.
  func kind(of target: ArraySlice<UInt8>) -> Kind? {
    guard let colon = target.prefix(longest).firstIndex(of: UInt8(ascii: ":")),
      colon > target.startIndex
    else { return nil }
    let prefix = target[..<colon]
    if let kind = kinds[Self.folded(prefix)] { return kind }
    if isFile(target) { return .media }
    return isLanguage(prefix) ? .language : nil
  }

  /// True for the name of a picture, a film or a sound: media are called otherwise in every language,
  /// and dumps do not always say how.
  private func isFile(_ target: ArraySlice<UInt8>) -> Bool {
    let ending = target.suffix(6).drop { $0 != UInt8(ascii: ".") }.dropFirst()
    return mediaEndings.contains(Self.folded(ending))
  }

  /// In lower case, `_` as a space, without spaces around.
  private static func folded(_ name: some Collection<UInt8>) -> [UInt8] {
    let isASCII = name.allSatisfy { $0 < 0x80 }
    var folded =
      isASCII
      ? name.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }
      : Array(String(decoding: name, as: UTF8.self).lowercased().utf8)
    for index in folded.indices where folded[index] == UInt8(ascii: "_") { folded[index] = 0x20 }
    while folded.last == 0x20 { folded.removeLast() }
    return Array(folded.drop { $0 <= 0x20 })
  }

  /// True for codes of wikis, `de` and `als`, `be-x-old`: a bare link there stands for the article in
  /// another language, and is not shown where it is written.
  private func isLanguage(_ prefix: ArraySlice<UInt8>) -> Bool {
    let first = prefix.prefix { $0 >= 0x61 && $0 <= 0x7a }
    if first.count == prefix.count {
      return first.count == 2 || first.count == 3 || prefix.elementsEqual("simple".utf8)
    }
    guard first.count == 2 || first.count == 3 || first.elementsEqual("roa".utf8) else {
      return false
    }
    return prefix[first.endIndex] == UInt8(ascii: "-")
      && prefix.allSatisfy { $0 == UInt8(ascii: "-") || $0 >= 0x61 && $0 <= 0x7a }
  }
}

/// No prefix is longer, in bytes.
private let longest = 64

/// The kinds of files that Wikimedia Commons takes; `pdf` and `djvu` are books one may link to.
private let mediaEndings = Set(
  ["gif", "jpeg", "jpg", "mp3", "oga", "ogg", "ogv", "opus", "png", "svg", "tif", "tiff", "webm"]
    .map { Array($0.utf8) } + [Array("webp".utf8), Array("wav".utf8), Array("flac".utf8)])

/// - SeeAlso: the Hugging Face `wikipedia` script, `MEDIA_ALIASES`.
private let mediaAliases: [String: [String]] = [
  "bg": ["Медия", "Файл", "Картинка"],
  "ca": ["Fitxer", "Imatge"],
  "cs": ["Soubor", "Média", "Obrázok"],
  "da": ["Billede", "Fil"],
  "de": ["Medium", "Datei", "Bild"],
  "es": ["Medio", "Archivo", "Imagen"],
  "fr": ["Média", "Fichier"],
  "hr": ["Mediji", "DT", "Slika", "F", "Datoteka"],
  "hu": ["Kép", "Fájl", "Média"],
  "it": ["Immagine"],
  "nl": ["Bestand", "Afbeelding"],
  "pl": ["Plik", "Grafika"],
  "pt": ["Multimédia", "Ficheiro", "Arquivo", "Imagem"],
  "ro": ["Fişier", "Imagine", "Fișier"],
  "ru": ["Медиа", "Файл", "Изображение"],
  "sl": ["Slika", "Datoteka"],
  "sr": [
    "Датотека", "Medij", "Slika", "Медија", "Datoteka", "Медиј", "Medija", "Слика",
  ],
  "sv": ["Fil", "Bild"],
  "uk": ["Медіа", "Медиа", "Файл", "Изображение", "Зображення"],
]

/// - SeeAlso: the Hugging Face `wikipedia` script, `CAT_ALIASES`.
private let categoryAliases: [String: [String]] = [
  "bg": ["Категория"],
  "ca": ["Categoria"],
  "cs": ["Kategorie"],
  "da": ["Kategori"],
  "de": ["Kategorie"],
  "es": ["CAT", "Categoría"],
  "fr": ["Catégorie"],
  "hr": ["CT", "KT", "Kategorija"],
  "hu": ["Kategória"],
  "it": ["CAT", "Categoria"],
  "nl": ["Categorie"],
  "pl": ["Kategoria"],
  "pt": ["Categoria"],
  "ro": ["Categorie"],
  "ru": ["Категория", "К"],
  "sl": ["Kategorija"],
  "sr": ["Kategorija", "Категорија"],
  "sv": ["Kategori"],
  "uk": ["Категория", "Категорія"],
]
