public import CUDA

/// The check that every kernel compiles, for an A100 and for Hopper, without spilling a register.
public enum CompilerChecks {
  public static let architectures = ["sm_80", "sm_90a"]

  public static func run(
    _ libraries: CUDALibraries, report: (CheckRow) -> Void
  ) throws(CUDAError) {
    let compiler = try KernelCompiler(libraries)
    for text in KernelText.all {
      for architecture in architectures {
        let start = ContinuousClock.now
        let (image, log) = try compiler.compile(
          text.text, name: text.name, architecture: architecture)
        let spent = (ContinuousClock.now - start).components
        report(
          CheckRow(
            name: "compile \(text.name)", sizes: "\(architecture), \(image.count) bytes",
            error: Double(spills(in: log)), limit: 0,
            milliseconds: Double(spent.seconds) * 1e3 + Double(spent.attoseconds) * 1e-15))
      }
    }
  }

  /// The kernels that spill registers, by the compiler's words.
  public static func spills(in log: String) -> Int {
    log.split(separator: "\n").filter {
      $0.contains("spill") && !$0.contains("0 bytes spill stores, 0 bytes spill loads")
    }.count
  }
}
