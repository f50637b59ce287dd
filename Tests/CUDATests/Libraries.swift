import CUDA
import Testing

/// NVIDIA's libraries as this machine has them, for tests that need them and no GPU.
///
/// `QUIPU_CUDA_LIBRARIES` names their folders, as the wheels `nvidia-cuda-nvrtc`, `nvidia-cublas` and
/// `nvidia-cudnn-cu13` of PyPI have them.
enum Libraries {
  static let here = CUDALibraries()
  static let hasCompiler = here.version(of: .compiler) != nil
  static let hasAttention = here.version(of: .attention) != nil
  static let hasDriver = here.version(of: .driver) != nil
  static let hint: Comment =
    "set QUIPU_CUDA_LIBRARIES to the folders of NVIDIA's wheels: lib of cu13 and of cudnn"
}
