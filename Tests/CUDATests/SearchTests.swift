import CCUDA
import CUDA
import Ground
import Glibc
import TestSupport
import Testing

@Suite struct SearchTests {
  @Test func nothingFoundIsSaidInWords() {
    let libraries = CUDALibraries(LibrarySearch(asksSystem: false) { _ in nil })
    #expect(
      libraries.verdict
        == "no training on CUDA here: missing the driver (libcuda.so), "
        + "the run-time compiler (libnvrtc.so), matrix products (libcublasLt.so)")
    #expect(
      libraries.report.contains(
        "fused attention: libcudnn.so: not found by the loader; "
          + "set QUIPU_CUDA_LIBRARIES to its folder"))
  }

  @Test func aFileThatIsNoLibraryIsNamed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("no library", to: "libnvrtc.so.13")
    let libraries = CUDALibraries(
      LibrarySearch(asksSystem: false) { $0 == LibrarySearch.variable ? folder.path : nil })
    #expect(libraries.report.contains(path))
    #expect(libraries.version(of: .compiler) == nil)
  }

  /// The loader would map it, and the process would end with a bus error.
  @Test(arguments: [64, 5000]) func aLibraryThatIsCutIsNamed(bytes: Int) throws {
    let folder = try TemporaryFolder()
    let whole = try MappedFile(path: "/proc/self/exe")
    let program = unsafe whole.withBytes { unsafe [UInt8]($0.prefix(bytes)) }
    let path = "\(folder.path)/libnvrtc.so.13"
    try writeAtomically(program, to: path)
    let libraries = CUDALibraries(
      LibrarySearch(asksSystem: false) { $0 == LibrarySearch.variable ? folder.path : nil })
    #expect(libraries.report.contains("\(path) is cut: \(bytes) of "), "\(libraries.report)")
    #expect(libraries.version(of: .compiler) == nil)
  }

  @Test func foldersComeInOrder() throws {
    let folder = try TemporaryFolder()
    let root = folder.path
    _ = try folder.write("", to: "venv/bin/python3")
    for package in ["cu13", "cudnn"] {
      _ = try folder.write(
        "", to: "venv/lib/python3.12/site-packages/nvidia/\(package)/lib/libx.so")
    }
    let variables = [
      LibrarySearch.variable: "/first:/second", "CUDA_HOME": "/cuda", "PATH": "\(root)/venv/bin",
    ]
    let search = LibrarySearch(asksSystem: false) { variables[$0] }
    let packages = "\(root)/venv/lib/python3.12/site-packages/nvidia"
    #expect(search.named == ["/first", "/second"])
    #expect(
      search.folders == [
        "/cuda/lib64", "/cuda/targets/x86_64-linux/lib", "\(packages)/cu13/lib",
        "\(packages)/cudnn/lib",
      ])
  }

  @Test func errorsNameCallCodeAndCause() {
    #expect(
      "\(CUDAError("cuMemAlloc", code: 2, "out of memory"))"
        == "cuMemAlloc failed with 2: out of memory; "
        + "the device's memory is full: use a smaller batch, or recompute more")
    #expect("\(CUDAError("libnccl.so", "not found"))" == "libnccl.so: not found")
    #expect(CUDAError("cublasLtMatmul", code: 7, "a value is invalid").likelyCause == nil)
  }

  /// As Swift sees them: the C side asserts the same.
  @Test func mirrorsHaveTheLibrariesSizes() {
    #expect(MemoryLayout<quipu_algorithm>.size == 64)
    #expect(MemoryLayout<quipu_proposal>.stride == 96)
    #expect(MemoryLayout<quipu_proposal>.offset(of: \.workspace) == 64)
    #expect(MemoryLayout<quipu_group_id>.size == 128)
  }

  /// NCCL has every function that is called of it, by its name.
  @Test(.enabled(if: Libraries.here.version(of: .collective) != nil, Libraries.hint))
  func theCollectivesAreAllThere() {
    for case (.collective, .success(let path)) in Libraries.here.findings {
      var table = quipu_collective()
      let library = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL)
      let missing = unsafe library.map { unsafe quipu_fill_collective($0, &table) }
      #expect(missing == 0)
    }
  }
}
