import Dedup
import Documents
import Ground
import Manifest

/// The methods by which a source's duplicates are found, as they name fingerprint files.
enum Method: String, CaseIterable {
  case exact, lines, minhash, containment
}

extension DuplicatesRecipe {
  var methods: [Method] {
    Method.allCases.filter { method in
      switch method {
      case .exact: exact
      case .lines: lines != nil
      case .minhash: minhash != nil
      case .containment: containment != nil
      }
    }
  }

  var minhashSettings: Dedup.MinHash {
    var settings = Dedup.MinHash()
    if let minhash {
      settings.shingle = minhash.ngram
      settings.bands = minhash.bands
      settings.rows = minhash.rows
      settings.seed = minhash.seed
    }
    return settings
  }

  var containmentSettings: Dedup.Containment {
    var settings = Dedup.Containment()
    if let containment {
      settings.shingle = containment.ngram
      settings.threshold = containment.threshold
    }
    return settings
  }
}

/// Writes all fingerprints of a unit's kept documents while their text is in memory.
final class FingerprintWriter {
  private var exact: ExactWriter?
  private var lines: LineKeyWriter?
  private var near: SignatureWriter?
  private var contained: ShingleWriter?
  private var lineKeys = LineKeys()
  private var signer: MinHashSigner
  private let paths: [String]

  init(_ recipe: DuplicatesRecipe, source: String, key: String, in work: WorkFolder) throws(Fault) {
    signer = MinHashSigner(recipe.minhashSettings)
    var paths: [String] = []
    for method in recipe.methods {
      let relative = WorkFolder.fingerprints(source, key, method.rawValue)
      paths.append(relative)
      let path = try work.prepared(relative)
      switch method {
      case .exact: exact = try ExactWriter(path: path)
      case .lines: lines = try LineKeyWriter(path: path)
      case .minhash: near = try SignatureWriter(path: path, recipe.minhashSettings)
      case .containment: contained = try ShingleWriter(path: path, recipe.containmentSettings)
      }
    }
    self.paths = paths
  }

  func add(_ document: Document) throws(Fault) {
    try exact?.add(document.id, text: document.text)
    if lines != nil { try lines?.add(lineKeys.keys(of: document.text)) }
    if near != nil, let signature = signer.signature(of: document.text) {
      try near?.add(document.id, signature)
    }
    try contained?.add(document.id, text: document.text)
  }

  /// Publishes the files; gives their paths below the work directory.
  func commit() throws(Fault) -> [String] {
    try exact.take()?.commit()
    try lines.take()?.commit()
    try near.take()?.commit()
    try contained.take()?.commit()
    return paths
  }
}
