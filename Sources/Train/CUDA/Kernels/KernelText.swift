internal import CCUDA

/// A file of kernels, embedded in the program.
public struct KernelText: Sendable {
  public let name: String
  public let text: String

  /// All files, in the order that they were embedded in.
  public static let all: [KernelText] = {
    var texts: [KernelText] = []
    var name: UnsafePointer<CChar>?
    while let text = unsafe quipu_kernel_text(texts.count, &name), let name = unsafe name {
      unsafe texts.append(KernelText(name: String(cString: name), text: String(cString: text)))
    }
    return texts
  }()
}

/// Every kernel that the engine launches, by its name in the text.
public enum KernelName: String, CaseIterable, Sendable {
  case rmsNorm = "rms_norm"
  case rmsNormAgain = "rms_norm_again"
  case rmsNormBackward1 = "rms_norm_backward_1"
  case rmsNormBackward2 = "rms_norm_backward_2"
  case rmsNormBackward4 = "rms_norm_backward_4"
  case addSums = "add_sums"
  case rotate
  case swiGLU = "swiglu"
  case swiGLUBackward = "swiglu_backward"
  case embed
  case embedBackward = "embed_backward"
  case crossEntropy = "cross_entropy"
  case softmaxShard = "softmax_shard"
  case joinSoftmax = "join_softmax"
  case softmaxShardGradient = "softmax_shard_gradient"
  case adamW = "adamw"
  case adamWByChance = "adamw_bf16"
  case squares
  case total
  case firstBroken = "first_broken"
  case addBF16 = "add_bf16"
  case addF32 = "add_f32"
  case round = "round_to_bf16"
  case noise
  case causalSoftmax = "causal_softmax"
  case causalSoftmaxAgain = "causal_softmax_again"
  case scoreGradient = "score_gradient"
  case headDots = "head_dots"

  /// The file that has it.
  public var file: String {
    switch self {
    case .rmsNorm, .rmsNormAgain, .rmsNormBackward1, .rmsNormBackward2, .rmsNormBackward4,
      .addSums:
      "norm.cu"
    case .rotate, .swiGLU, .swiGLUBackward: "pointwise.cu"
    case .embed, .embedBackward: "embedding.cu"
    case .crossEntropy, .softmaxShard, .joinSoftmax, .softmaxShardGradient: "loss.cu"
    case .adamW, .adamWByChance, .squares, .total, .firstBroken, .addBF16, .addF32, .round,
      .noise:
      "flat.cu"
    case .causalSoftmax, .causalSoftmaxAgain, .scoreGradient, .headDots: "softmax.cu"
    }
  }
}
