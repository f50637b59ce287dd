/// A call into one of NVIDIA's libraries that failed: which, with what, and what is likely the cause.
public struct CUDAError: Error, Equatable, Sendable {
  /// The library's own name of the function, such as `cuMemAlloc`; or what was looked for.
  public let call: String
  /// What it gave; nil where it could not be called.
  public let code: Int?
  /// The library's words, or ours.
  public let text: String

  package init(_ call: String, code: Int? = nil, _ text: String) {
    self.call = call
    self.code = code
    self.text = text
  }

  /// What is likely wrong, where that is known.
  public var likelyCause: String? {
    guard let code else { return nil }
    switch (call.prefix(4), code) {
    case ("cuMe", 2): return "the device's memory is full: use a smaller batch, or recompute more"
    case ("cuIn", 100), ("cuDe", 100):
      return
        "there is no GPU here, or this process may not see it (CUDA_VISIBLE_DEVICES, containers)"
    case ("cuIn", 803), ("cuIn", 804):
      return "the driver's library and the kernel module are of different versions: reboot"
    case ("cuMo", 209), ("cuMo", 200):
      return "the kernels were compiled for another GPU: remove the kernel cache"
    case (_, 700), (_, 716), (_, 719):
      return "an earlier kernel broke the device's context: run again with CUDA_LAUNCH_BLOCKING=1"
    default: return nil
    }
  }
}

extension CUDAError: CustomStringConvertible {
  public var description: String {
    let head = code.map { "\(call) failed with \($0): \(text)" } ?? "\(call): \(text)"
    return likelyCause.map { "\(head); \($0)" } ?? head
  }
}
