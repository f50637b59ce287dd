import Foundation
import Ground
import TestSupport
import Testing

/// NVIDIA's five libraries as the emulated devices of `Tests/CUDAEmulator` would give them: the program
/// finds, opens and calls them as those of a machine with GPUs.
///
/// Made here by a C++ compiler, once for all tests. Each exported name is one that
/// `Sources/C/CCUDA/tables.c` asks for, and answers with the emulator's function for that row.
enum EmulatedGPU {
  static let hint: Comment = "needs a C++ compiler, and no driver of NVIDIA's"

  /// The folder of the libraries; nil where they cannot be made.
  static let folder: TemporaryFolder? = try? made()

  static var isHere: Bool { folder != nil }

  /// Variables that make a program find these libraries and nothing else.
  static var environment: [String: String] {
    ["QUIPU_CUDA_LIBRARIES": folder?.path ?? "", "XDG_CACHE_HOME": "\(folder?.path ?? "")/cache"]
  }

  private static func made() throws -> TemporaryFolder? {
    let folder = try TemporaryFolder()
    let source = try folder.write(try exports(), to: "exports.cpp")
    let emulator = "\(repository)/Tests/CUDAEmulator"
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/bin/sh")
    compiler.currentDirectoryURL = URL(filePath: folder.path)
    compiler.arguments = [
      "-ec",
      """
      ls "$1" "$2"/*.cpp | xargs -P 4 -I {} \\
        c++ -w -O1 -std=c++17 -fPIC -pthread "-I$3" "-I$2/include" -c {}
      c++ -shared -pthread *.o -o libcuda.so.1
      """, "sh", source, emulator, "\(repository)/Sources/C/CCUDA/include",
    ]
    try compiler.run()
    compiler.waitUntilExit()
    guard compiler.terminationStatus == 0 else { return nil }
    for name in ["libnvrtc.so.13", "libcublasLt.so.13", "libcudnn.so.9", "libnccl.so.2"] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder.path)/\(name)", withDestinationPath: "libcuda.so.1")
    }
    return folder
  }

  /// A function for each row of the tables, found when the loader asks for it.
  private static func exports() throws -> String {
    let rows = String(
      decoding: try openDecoded("\(repository)/Sources/C/CCUDA/tables.c").readToEnd(),
      as: UTF8.self)
    var text = """
      #include "CUDAEmulator.h"
      namespace {
      struct Tables {
        quipu_driver driver{}; quipu_compiler compiler{}; quipu_product product{};
        quipu_attention attention{}; quipu_collective collective{};
      };
      Tables &tables() {
        static Tables *made = [] {
          auto *t = new Tables;
          quipu_emulate(&t->driver, &t->compiler, &t->product, &t->attention, &t->collective);
          return t;
        }();
        return *made;
      }
      }

      """
    var table = ""
    for line in rows.split(separator: "\n") {
      if line.hasPrefix("long quipu_fill_") {
        table = String(line.dropFirst("long quipu_fill_".count).prefix { $0 != "(" })
      }
      guard line.hasPrefix("  ROW("), let quote = line.firstIndex(of: "\"") else { continue }
      let field = line.dropFirst("  ROW(".count).prefix { $0 != "," }
      let name = line[line.index(after: quote)...].prefix { $0 != "\"" }
      text += """
        extern "C" void *find_\(name)() { return (void *)tables().\(table).\(field); }
        extern "C" void \(name)() __attribute__((ifunc("find_\(name)")));

        """
    }
    return text
  }
}
