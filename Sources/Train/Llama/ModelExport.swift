public import Ground

extension LlamaModel {
  /// Writes what transformers' `LlamaForCausalLM.from_pretrained` reads: two files of settings and the
  /// parameters.
  ///
  /// The folder is made where it is absent. Rotation is in Hugging Face's layout already.
  ///
  /// - Parameters:
  ///   - folder: Where to.
  ///   - type: `.f32`, `.bf16` or `.f16`.
  ///   - shardBytes: Above this, parameters are in several files; a tensor is never cut.
  /// - Throws: `Fault` where a file cannot be written, or a number is too large for f16.
  public func exportHuggingFace(
    to folder: String, as type: ElementType = .f32, shardBytes: Int = 5_000_000_000
  ) throws(Fault) {
    try config.exportHuggingFace(parameters, to: folder, as: type, shardBytes: shardBytes)
  }

  /// Writes what `model.py` of the LLaMA release reads: `params.json` and `consolidated.NN.pth`.
  ///
  /// The folder is made where it is absent. The layout does not say the context.
  ///
  /// - Parameters:
  ///   - folder: Where to.
  ///   - type: `.f32`, `.bf16` or `.f16`.
  ///   - parts: Files that the model is cut into, one for each GPU of tensor parallelism.
  /// - Throws: `Fault` where heads, widths or vocabulary cannot be cut so, and as for Hugging Face.
  public func exportMeta(
    to folder: String, as type: ElementType = .f32, parts: Int = 1
  ) throws(Fault) {
    try config.exportMeta(parameters, to: folder, as: type, parts: parts)
  }

  /// Reads the parameters of a folder in either layout.
  ///
  /// - Throws: `Fault` where the folder's model is of other sizes or damaged.
  public func load(from folder: ModelFolder) throws(Fault) {
    var other = folder.config
    other.context = config.context
    guard other == config else {
      throw Fault(folder.path, at: 0, .unusable("the folder has a model of other sizes"))
    }
    try folder.load(tensors, into: parameters)
  }
}
