public import Compute
public import Ground

/// A folder with a model that others can have made: Hugging Face's layout or Meta's.
///
/// Opening reads headers only, and checks that every parameter of the sizes is there in its shape and
/// nothing else is: after that, memory for the model can be asked for safely, and loading fails only
/// where bytes are damaged.
public struct ModelFolder: Sendable {
  public enum Layout: Sendable {
    /// `config.json` and `model*.safetensors`.
    case huggingFace
    /// `params.json` and `consolidated.NN.pth` (or `.safetensors`).
    case meta
  }

  public let path: String
  public let layout: Layout
  /// Meta's folders do not say the context; there it is LLaMA-1's, 2,048.
  public let config: LlamaConfig
  /// Which tensor of which file has what of each parameter.
  private let places: [String: [Place]]

  struct Place {
    let source: any TensorSource
    let matrix: StoredMatrix
    let piece: TensorPiece
  }

  /// What the folder holds by its names; nil where it is neither.
  public static func layout(of path: String) -> Layout? {
    if fileKind(path + "/config.json") == .file { return .huggingFace }
    if fileKind(path + "/params.json") == .file { return .meta }
    return nil
  }

  /// - Throws: `Fault` where the folder is neither, where the model is of another kind, and where a
  ///   parameter is absent, of another shape, or one too many.
  public init(path: String) throws(Fault) {
    self.path = path
    switch Self.layout(of: path) {
    case .huggingFace:
      layout = .huggingFace
      let found = try LlamaConfig(huggingFace: path + "/config.json")
      config = found
      places = try find(found, in: [huggingFaceFiles(in: path)]) { _, _ in
        found.tensors.map { ($0, TensorPiece(whole: $0)) }
      }
    case .meta:
      layout = .meta
      let files = try metaFiles(in: path)
      let found = try LlamaConfig(meta: path + "/params.json", files: files)
      config = found
      places = try find(found, in: files.map { [$0] }) { part, parts in
        found.metaPieces(part: part, of: parts)
      }
    case nil:
      throw Fault(
        path, at: 0,
        .unusable("no model is here: neither Hugging Face's config.json nor Meta's params.json"))
    }
  }

  /// SentencePiece's `tokenizer.model`, in the folder or, as Meta has it, in the one above; nil for none.
  public var tokenizerPath: String? {
    let own = path + "/tokenizer.model", above = path + "/../tokenizer.model"
    if fileKind(own) == .file { return own }
    return layout == .meta && fileKind(above) == .file ? above : nil
  }

  /// Reads a tensor, or a rank's block of it, as f32.
  ///
  /// - Parameters:
  ///   - tensor: One of `config.units(share).tensors`; its offset does not matter.
  ///   - target: Receives `tensor.count` numbers, row by row.
  /// - Throws: `Fault` where the stored bytes are damaged.
  public func read(_ tensor: NamedTensor, into target: View<Float>) throws(Fault) {
    precondition(target.count == tensor.count, "\(tensor.count) elements into \(target.count)")
    guard let places = places[tensor.name] else {
      throw Fault(path, at: 0, .unusable("the folder's model has no \(tensor.name)"))
    }
    let block = tensor.block
    for place in places {
      try place.source.verify(place.piece.name)
      place.matrix.read(place.piece, rows: block.rows, columns: block.columns, into: target)
    }
  }

  /// Reads tensors into a flat buffer, each at its offset.
  public func load(_ tensors: [NamedTensor], into parameters: View<Float>) throws(Fault) {
    for tensor in tensors { try read(tensor, into: parameters.part(tensor.range)) }
  }
}

/// Finds the places of all parameters, part by part, and refuses what is wrong.
private func find(
  _ config: LlamaConfig, in parts: [[any TensorSource]],
  pieces: (_ part: Int, _ parts: Int) -> [(tensor: NamedTensor, piece: TensorPiece)]
) throws(Fault) -> [String: [ModelFolder.Place]] {
  var places: [String: [ModelFolder.Place]] = [:]
  for (part, sources) in parts.enumerated() {
    var homes: [String: any TensorSource] = [:]
    for source in sources {
      for name in source.tensorNames {
        guard homes.updateValue(source, forKey: name) == nil else {
          throw Fault(source.path, at: 0, .malformed("\(name) is in another file too"))
        }
      }
    }
    for (tensor, piece) in pieces(part, parts.count) {
      guard let source = homes.removeValue(forKey: piece.name),
        let matrix = try source.matrix(piece.name)
      else {
        throw Fault(sources.first?.path ?? "", at: 0, .malformed("no tensor \(piece.name)"))
      }
      guard matrix.shape == piece.shape else {
        throw Fault(
          source.path, at: UInt64(matrix.start),
          .malformed("\(piece.name) is \(matrix.shape), not \(piece.shape)"))
      }
      // Every part has all gains; the first's are taken.
      if part == 0 || tensor.shape.count > 1 {
        places[tensor.name, default: []].append(
          ModelFolder.Place(source: source, matrix: matrix, piece: piece))
      }
    }
    // Tables of angles, which follow from the sizes, are in some checkpoints.
    let rest = homes.keys.filter {
      !$0.hasSuffix("rope.freqs") && !$0.hasSuffix("rotary_emb.inv_freq")
    }
    if let name = rest.min(), let source = homes[name] {
      throw Fault(
        source.path, at: 0, .unusable("\(name) is no parameter of a LLaMA of these sizes"))
    }
  }
  return places
}
