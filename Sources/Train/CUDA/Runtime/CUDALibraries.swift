package import CCUDA

/// NVIDIA's libraries as this machine has them, each found or missing with a reason.
///
/// Opening them needs no GPU; nothing of them is linked.
@safe public final class CUDALibraries: @unchecked Sendable {
  let driver: quipu_driver?
  let compiler: quipu_compiler?
  let product: quipu_product?
  let attention: quipu_attention?
  let collective: quipu_collective?
  /// Where each was found, or why not.
  public let findings: [(kind: LibraryKind, finding: Result<String, CUDAError>)]

  public init(_ search: LibrarySearch = LibrarySearch()) {
    var findings: [(LibraryKind, Result<String, CUDAError>)] = []
    func table<Table>(
      _ kind: LibraryKind, _ empty: Table,
      _ fill: (UnsafeMutableRawPointer, UnsafeMutablePointer<Table>) -> Int
    ) -> Table? {
      switch search.open(kind) {
      case .failure(let error):
        findings.append((kind, .failure(error)))
        return nil
      case .success(let library):
        var table = empty
        _ = unsafe fill(library.handle, &table)
        findings.append((kind, .success(library.path)))
        return table
      }
    }
    driver = unsafe table(.driver, quipu_driver()) { unsafe quipu_fill_driver($0, $1) }
    compiler = unsafe table(.compiler, quipu_compiler()) {
      unsafe quipu_fill_compiler($0, $1)
    }
    product = unsafe table(.product, quipu_product()) { unsafe quipu_fill_product($0, $1) }
    attention = unsafe table(.attention, quipu_attention()) {
      unsafe quipu_fill_attention($0, $1)
    }
    collective = unsafe table(.collective, quipu_collective()) {
      unsafe quipu_fill_collective($0, $1)
    }
    self.findings = findings
  }

  /// Libraries that are functions of this program: an emulated device.
  package init(
    driver: quipu_driver, compiler: quipu_compiler, product: quipu_product,
    attention: quipu_attention, collective: quipu_collective
  ) {
    self.driver = driver
    self.compiler = compiler
    self.product = product
    self.attention = attention
    self.collective = collective
    findings = LibraryKind.allCases.map { ($0, .success("emulated")) }
  }

  /// Why a library is not there.
  func refusal(of kind: LibraryKind) -> CUDAError {
    for (found, finding) in findings where found == kind {
      if case .failure(let error) = finding { return error }
    }
    return CUDAError(kind.rawValue, "lacks what is needed of it")
  }

  /// The version of a library in its own words; nil where it is missing or does not say.
  public func version(of kind: LibraryKind) -> String? {
    var first: CInt = 0, second: CInt = 0
    switch kind {
    case .driver:
      guard unsafe driver?.version?(&first) == 0 else { return nil }
      return "\(first / 1000).\(first % 1000 / 10)"
    case .compiler:
      guard unsafe compiler?.version?(&first, &second) == 0 else { return nil }
      return "\(first).\(second)"
    case .product: return (product?.version?()).map { dotted($0) }
    case .attention: return (attention?.version?()).map { dotted($0) }
    case .collective:
      guard unsafe collective?.version?(&first) == 0 else { return nil }
      return dotted(Int(first))
    }
  }

  /// 91900 as 9.19.0, and 130002 as 13.0.2.
  private func dotted(_ number: Int) -> String {
    "\(number / 10_000).\(number / 100 % 100).\(number % 100)"
  }

  /// One line for each library: what was found, or what is missing and why.
  public var report: String {
    findings.map { kind, finding in
      switch finding {
      case .success(let path):
        "\(kind.purpose): \(path)\(version(of: kind).map { ", version \($0)" } ?? "")"
      case .failure(let error): "\(kind.purpose): \(error)"
      }
    }.joined(separator: "\n")
  }

  /// Whether this machine can train on a GPU, in one sentence.
  public var verdict: String {
    let missing = findings.filter {
      if case .failure = $0.finding { $0.kind.isNeeded } else { false }
    }
    guard missing.isEmpty else {
      let names = missing.map { "\($0.kind.purpose) (\($0.kind.rawValue))" }.joined(separator: ", ")
      return "no training on CUDA here: missing \(names)"
    }
    do {
      let device = try CUDADevice(self)
      let fused: String =
        if case .failure? = findings.first(where: { $0.kind == .attention })?.finding {
          "; attention is not fused, for want of cuDNN"
        } else { "" }
      return "training on CUDA can begin: \(device.description)\(fused)"
    } catch {
      return "no training on CUDA here: \(error)"
    }
  }
}
