import Glibc
internal import Ground

/// Where NVIDIA's libraries are looked for: the folder that a variable names, the loader's path,
/// CUDA's own folder, then the packages of the Python on the path, as PyTorch installs them.
public struct LibrarySearch: Sendable {
  /// The folders, in order, behind what the loader finds by itself.
  public let folders: [String]
  /// The folders that the user named; before the loader's.
  public let named: [String]

  /// The variable that names folders, separated by colons.
  public static let variable = "QUIPU_CUDA_LIBRARIES"

  /// What the loader and the system's own folders are asked for as well.
  private let asksSystem: Bool

  /// - Parameters:
  ///   - asksSystem: False looks only where variables say.
  ///   - environment: Asked for variables; the process's own where nil.
  public init(asksSystem: Bool = true, environment: ((String) -> String?)? = nil) {
    self.asksSystem = asksSystem
    let value =
      environment ?? { name in unsafe getenv(name).map { unsafe String(cString: $0) } }
    func list(_ name: String) -> [String] {
      (value(name) ?? "").split(separator: ":").map(String.init)
    }
    named = list(Self.variable)
    let roots =
      ["CUDA_HOME", "CUDA_PATH"].compactMap(value) + (asksSystem ? ["/usr/local/cuda"] : [])
    let homes = roots.flatMap { ["\($0)/lib64", "\($0)/targets/x86_64-linux/lib"] }
    let bins =
      (value("QUIPU_PYTHON").map { [folder(of: $0)] } ?? [])
      + (value("VIRTUAL_ENV").map { ["\($0)/bin"] } ?? []) + list("PATH")
    var packages: [String] = []
    for bin in bins where fileKind("\(bin)/python3") == .file {
      for found in Self.packages(beside: bin) where !packages.contains(found) {
        packages.append(found)
      }
    }
    folders = homes + (asksSystem ? ["/usr/local/nvidia/lib64"] : []) + packages
  }

  /// The folders `nvidia/*/lib` of the Python whose programs are in `bin`.
  private static func packages(beside bin: String) -> [String] {
    let library = "\(folder(of: bin))/lib"
    return listed(library).filter { $0.hasPrefix("python3") }.flatMap { python in
      ["site-packages", "dist-packages"].flatMap { kind in
        let root = "\(library)/\(python)/\(kind)/nvidia"
        return listed(root).map { "\(root)/\($0)/lib" }
      }
    }.filter { fileKind($0) == .folder }
  }

  private static func listed(_ folder: String) -> [String] { (try? names(in: folder)) ?? [] }

  /// Every path and name to try for a library, in order.
  func candidates(_ kind: LibraryKind) -> [String] {
    func files(in folder: String) -> [String] {
      kind.names.map { "\(folder)/\($0)" }.filter { fileKind($0) == .file }
    }
    return named.flatMap(files) + (asksSystem ? kind.names : []) + folders.flatMap(files)
  }

  /// Opens the first of a library's candidates that can be opened.
  func open(_ kind: LibraryKind) -> Result<Library, CUDAError> {
    var refusals: [String] = []
    for path in candidates(kind) {
      openCompanions(of: kind, at: path)
      switch Library.open(path, isGlobal: kind != .collective) {
      case .success(let library): return .success(library)
      case .failure(let error): if path.contains("/") { refusals.append(error.text) }
      }
    }
    let searched = (named + folders).isEmpty ? "" : " nor in \((named + folders).count) folders"
    return .failure(
      CUDAError(
        kind.rawValue,
        refusals.first
          ?? "not found by the loader\(searched); set \(Self.variable) to its folder"))
  }

  /// Opens what a library later opens by its bare name, which no loader would find beside it.
  ///
  /// NVRTC 13.0 does so with its built-ins.
  private func openCompanions(of kind: LibraryKind, at path: String) {
    guard kind == .compiler, path.contains("/") else { return }
    let beside = folder(of: path)
    for name in Self.listed(beside)
    where name.hasPrefix("libnvrtc-builtins.so") {
      _ = Library.open("\(beside)/\(name)", isGlobal: true)
    }
  }
}
