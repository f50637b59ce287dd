import Ground
import Llama

/// What a replica saves and restores: every tensor, whole.
extension Replica {
  /// Parameters by their Hugging Face names, and the moments with a word before.
  var pieces: [TensorPiece] {
    wholePieces(model.tensors, of: model.parameters)
      + wholePieces(model.tensors, of: firstMoments, prefix: "first_moment.")
      + wholePieces(model.tensors, of: secondMoments, prefix: "second_moment.")
  }

  func restore(from checkpoint: CheckpointReader) throws(Fault) { try checkpoint.read(pieces) }
}
