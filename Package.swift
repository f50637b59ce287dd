// swift-tools-version: 6.3
// One row per target, lowest floor first; a target may import only rows above it.
// `ROOMS=Tokenizer,TokenizerTests swift build` builds those rooms and what they stand on, alone.

import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),  // every pointer use says `unsafe`
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),  // a file shows what leaks: `public import`
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A C library of the system: `module.modulemap` and `shim.h`, nothing else.
func library(_ name: String, _ pkgConfig: String?, apt package: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// Our own C, where Swift cannot say it.
func kernels(_ name: String, links: [String] = [], excludes: [String] = []) -> Target {
  .target(
    name: name, path: "Sources/C/\(name)", exclude: excludes,
    linkerSettings: links.map { .linkedLibrary($0) })
}

func room(_ wing: String, _ name: String, _ dependencies: Target.Dependency...) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(wing)/\(name)",
    swiftSettings: settings)
}

/// The tests of one room, with its golden files if it has any.
func tests(_ name: String, _ extra: Target.Dependency..., goldens: Bool = false) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.target(name: name), "TestSupport"] + extra,
    resources: goldens ? [.copy("Goldens")] : [], swiftSettings: settings)
}

let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let rows: [Target] = [
  library("CZlib", "zlib", apt: "zlib1g-dev"),
  library("CDeflate", "libdeflate", apt: "libdeflate-dev"),
  library("CZstd", "libzstd", apt: "libzstd-dev"),
  library("CBzip2", nil, apt: "libbz2-dev"),
  library("CArchive", "libarchive", apt: "libarchive-dev"),
  library("CXXHash", "libxxhash", apt: "libxxhash-dev"),
  library("CCrypto", "libcrypto", apt: "libssl-dev"),
  library("CXML2", "libxml-2.0", apt: "libxml2-dev"),
  kernels("CSimdjson", links: ["simdjson"]),
  kernels("CKernels"),
  kernels("CTokenizer"),
  kernels("CTextModels"),
  kernels("CCUDA", excludes: ["kernels"]),

  room(
    "Ground", "Ground",
    "CZlib", "CDeflate", "CZstd", "CBzip2", "CArchive", "CXXHash", "CCrypto"),
  room("Formats", "Formats", "Ground", "CXML2", "CSimdjson"),

  room("Corpus", "Documents", "Formats", "Ground"),
  room("Corpus", "CommonCrawl", "Documents", "Formats", "Ground"),
  room("Corpus", "C4", "Documents", "Formats", "Ground"),
  room("Corpus", "GitHub", "Documents", "Formats", "Ground"),
  room("Corpus", "Wikipedia", "Documents", "Formats", "Ground"),
  room("Corpus", "Books", "Documents", "Formats", "Ground"),
  room("Corpus", "ArXiv", "Documents", "Formats", "Ground"),
  room("Corpus", "StackExchange", "Documents", "Formats", "Ground"),
  room("Tokens", "Tokenizer", "CTokenizer", "Ground"),
  room("Corpus", "TextModels", "Tokenizer", "CTextModels", "Ground"),
  room("Corpus", "Filters", "Documents", "Ground"),
  room("Corpus", "Dedup", "Documents", "Ground"),
  room("Corpus", "Sample", "Formats", "Ground"),

  room("Tokens", "Shards", "Ground"),

  room("Build", "Manifest", yams),
  room("Build", "Ledger", grdb, "Ground"),
  room(
    "Build", "Pipeline",
    "Documents", "Dedup", "Tokenizer", "Shards", "Ledger", "Manifest", "Formats", "Ground"),

  room("Train", "Compute", "CKernels", "Ground"),
  room("Train", "Ranks", "Compute", "Ground"),
  room("Train", "CUDA", "CCUDA", "Ranks", "Compute", "Ground"),
  room("Train", "Llama", "Ranks", "Compute", "Formats", "Ground"),
  room("Train", "Planning", "Llama", "Compute", "Ground"),
  room("Train", "CUDACheck", "CUDA", "Llama", "Ranks", "Compute", "Ground"),
  room(
    "Train", "Evaluation",
    "Llama", "Compute", "Tokenizer", "Shards", "Documents", "Formats", "Ground"),
  room(
    "Train", "Trainer", "Llama", "Ranks", "Compute", "Tokenizer", "Shards", "Formats", "Ground"),

  room(
    "App", "Commands",
    "CommonCrawl", "C4", "GitHub", "Wikipedia", "Books", "ArXiv", "StackExchange", "Filters",
    "Dedup", "Sample", "Tokenizer", "TextModels", "Shards", "Manifest", "Ledger", "Pipeline",
    "Compute", "Ranks", "CUDA", "Llama", "Planning", "Evaluation", "Trainer", "Documents",
    "Formats", "Ground", arguments),
  .executableTarget(
    name: "quipu", dependencies: ["Commands", arguments], path: "Sources/App/quipu",
    swiftSettings: settings),

  .executableTarget(
    name: "gpu-check", dependencies: ["CUDACheck", "CUDA", "Llama", "Compute"],
    path: "Sources/App/gpu-check", swiftSettings: settings),

  .target(
    name: "TestSupport", dependencies: ["Documents", "Shards", "Ground"], path: "Tests/TestSupport",
    swiftSettings: settings),
  tests("Ground"),
  tests("Formats", "Ground"),
  tests("Documents", "Formats", "Ground"),
  tests("CommonCrawl", "Documents", "Formats", "Ground"),
  tests("C4", "Documents", "Ground"),
  tests("GitHub", "Documents", "Ground"),
  tests("Wikipedia", "Documents", "Formats", "Ground"),
  tests("Books", "Documents", "Ground"),
  tests("ArXiv", "Documents", "Ground"),
  tests("StackExchange", "Documents", "Ground"),
  tests("TextModels", "Tokenizer", "CTextModels", "Ground", goldens: true),
  tests("Filters", "Documents", "Ground"),
  tests("Dedup", "Documents", "Ground"),
  tests("Sample", "Formats", "Ground"),
  tests("Tokenizer", "Ground"),
  tests("Shards", "Ground"),
  tests("Manifest"),
  tests("Ledger", "Ground"),
  tests("Pipeline", "Documents", "Ledger", "Manifest", "Ground"),
  tests("Compute", "Ground"),
  .target(name: "CUDAEmulator", dependencies: ["CCUDA"], path: "Tests/CUDAEmulator"),
  tests("Ranks", "Compute", "Ground"),
  tests(
    "CUDA", "CUDACheck", "CUDAEmulator", "CCUDA", "Trainer", "Llama", "Ranks", "Compute", "Ground"),
  tests("Llama", "Ranks", "Compute", "Ground", goldens: true),
  tests("Planning", "CUDA", "Trainer", "Shards", "Llama", "Compute", "Ground"),
  tests("Evaluation", "Llama", "Compute", "Tokenizer", "Shards", "Ground"),
  tests("Trainer", "Llama", "Ranks", "Compute", "Tokenizer", "Shards", "Ground"),
  .testTarget(
    name: "EndToEndTests", dependencies: ["quipu", "TestSupport", "Ground"],
    swiftSettings: settings),
]

/// The rooms that `ROOMS` names and all they stand on; every room where it is unset.
func chosen(from rows: [Target]) -> [Target] {
  guard let names = Context.environment["ROOMS"] else { return rows }
  var wanted = Set(names.split(separator: ",").map(String.init))
  for row in rows.reversed() where wanted.contains(row.name) {
    for case .byNameItem(let name, _) in row.dependencies { wanted.insert(name) }
    for case .targetItem(let name, _) in row.dependencies { wanted.insert(name) }
  }
  return rows.filter { wanted.contains($0.name) }
}

let package = Package(
  name: "quipu",
  platforms: [.macOS(.v26)],
  products: ["Tokenizer", "TextModels"].filter { name in
    chosen(from: rows).contains { $0.name == name }
  }.map { .library(name: $0, targets: [$0]) },
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: chosen(from: rows),
  cxxLanguageStandard: .cxx17
)
