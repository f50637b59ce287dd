import CUDA
import CUDACheck
import Ground
import TestSupport
import Testing

@Suite struct KernelTextTests {
  @Test func everyKernelStandsInItsFile() {
    for name in KernelName.allCases {
      let text = KernelText.all.first { $0.name == name.file }?.text ?? ""
      let own = name.rawValue
      let isMade =
        own.hasPrefix("rms_norm_backward_") && text.contains("NORM_BACKWARD(\(own.suffix(1)))")
      #expect(text.contains(" \(own)(") || isMade, "\(name)")
    }
  }

  @Test func textsBeginWithWhatTheyShare() {
    #expect(KernelText.all.count == 6)
    for file in KernelText.all { #expect(file.text.contains("struct __align__(16) V8")) }
  }
}

/// What NVRTC makes of the kernels, without a GPU.
@Suite(.enabled(if: Libraries.hasCompiler, Libraries.hint)) struct CompilerTests {
  @Test func kernelsCompileWithoutSpills() throws {
    var rows: [CheckRow] = []
    try CompilerChecks.run(Libraries.here) { rows.append($0) }
    #expect(rows.count == KernelText.all.count * CompilerChecks.architectures.count)
    for row in rows { #expect(row.isPassed, "\(row.line)") }
  }

  @Test func imagesHaveTheirKernels() throws {
    let compiler = try KernelCompiler(Libraries.here)
    for file in KernelText.all {
      let image = try compiler.compile(file.text, name: file.name, architecture: "sm_90a").image
      let text = String(decoding: image, as: Unicode.ASCII.self)
      for name in KernelName.allCases where name.file == file.name {
        #expect(text.contains(".text.\(name.rawValue)\0"), "\(name)")
      }
    }
  }

  @Test func whatIsWrongIsSaid() throws {
    let compiler = try KernelCompiler(Libraries.here)
    let error = #expect(throws: CUDAError.self) {
      try compiler.compile("no kernel", name: "wrong.cu", architecture: "sm_90a")
    }
    #expect(error?.call == "nvrtcCompileProgram")
    #expect(error?.text.contains("wrong.cu(1)") == true)
  }
}

/// What cuBLASLt makes of our descriptors, without a GPU: the numbers and sizes of its attributes.
@Suite(.enabled(if: Libraries.here.version(of: .product) != nil, Libraries.hint))
struct ProductTests {
  @Test func descriptorsAreTaken() throws {
    for adding in [false, true] {
      var product = Product.layer(T: 64, I: 128, O: 96, isWide: adding, adding: adding)
      try Libraries.here.describe(product)
      product.batch = 3
      try Libraries.here.describe(product)
    }
    try Libraries.here.describe(.weightGradient(T: 64, I: 128, O: 96, isWide: true))
  }
}

/// Images that are kept; compiled by the emulated device's compiler, which is never wrong.
extension EmulatedTests {
  @Suite struct CacheTests {
    @Test func imagesAreKeptByAllTheyDependOn() throws {
      let folder = try TemporaryFolder()
      let cache = KernelCache(folder: "\(folder.path)/kernels")
      let compiler = try KernelCompiler(try EmulatedDevice.make().libraries)
      let text = KernelText.all[0]
      let image = try cache.image(of: text, architecture: "sm_90a", compiler)
      #expect(try names(in: "\(folder.path)/kernels").count == 1)
      #expect(try cache.image(of: text, architecture: "sm_90a", compiler) == image)
      #expect(try names(in: "\(folder.path)/kernels").count == 1)
      _ = try cache.image(of: text, architecture: "sm_80", compiler)
      _ = try cache.image(of: KernelText.all[1], architecture: "sm_90a", compiler)
      #expect(try names(in: "\(folder.path)/kernels").count == 3)
    }

    @Test func aSpoiltImageIsCompiledAnew() throws {
      let folder = try TemporaryFolder()
      let cache = KernelCache(folder: folder.path)
      let compiler = try KernelCompiler(try EmulatedDevice.make().libraries)
      let image = try cache.image(of: KernelText.all[0], architecture: "sm_90a", compiler)
      let name = try names(in: folder.path)[0]
      _ = try folder.write("not an image", to: name)
      #expect(try cache.image(of: KernelText.all[0], architecture: "sm_90a", compiler) == image)
    }

    @Test func noFolderIsNoError() throws {
      let compiler = try KernelCompiler(try EmulatedDevice.make().libraries)
      for folder in [nil, "/proc/nowhere/kernels"] {
        let cache = KernelCache(folder: folder)
        #expect(try !cache.image(of: KernelText.all[0], architecture: "sm_90a", compiler).isEmpty)
      }
    }
  }
}
