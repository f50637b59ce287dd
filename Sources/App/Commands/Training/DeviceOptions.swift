import ArgumentParser
import CUDA
import Compute
import Ground
import Llama
import Ranks
import Trainer

/// What a command computes on.
struct DeviceOptions: ParsableArguments {
  enum Kind: String, CaseIterable, ExpressibleByArgument { case cpu, cuda }

  @Option(name: .customLong("device"), help: "Where to compute: each rank takes one GPU.")
  var kind = Kind.cpu

  @Flag(
    help: """
      On a GPU: the same bits on every run, for slower attention and products that are not measured.
      """)
  var deterministic = false

  func validate() throws {
    guard kind == .cuda || !deterministic else {
      throw ValidationError("--deterministic is for --device cuda; a CPU is so always.")
    }
  }

  /// Refuses more ranks than this machine has GPUs, where they are to compute on them.
  func check(localRanks: Int) throws {
    guard kind == .cuda, localRanks > 1 else { return }
    let count = try CUDADevice.count(CUDALibraries())
    guard localRanks <= count else {
      throw Fault(
        "--nproc", at: 0,
        .unusable(
          "\(localRanks) ranks take a GPU each, and this machine has \(count): --nproc \(count) "
            + "starts as many as there are"))
    }
  }

  /// The GPU of a rank: the one that its machine's ranks count to it, or the only one it may see.
  func gpu(localRank: Int) throws(CUDAError) -> CUDADevice {
    let libraries = CUDALibraries()
    let count = try CUDADevice.count(libraries)
    return try CUDADevice(libraries, ordinal: count == 1 ? 0 : localRank)
  }

  /// What was found of CUDA on this machine, and what can be done with it.
  func found() -> Table {
    var table = Table("library", "version", "where")
    let libraries = CUDALibraries()
    for (kind, finding) in libraries.findings {
      switch finding {
      case .success(let path):
        table.add(kind.purpose, libraries.version(of: kind) ?? "unknown", path)
      case .failure(let error): table.add(kind.purpose, "missing", "\(error)")
      }
    }
    table.add("verdict", "", libraries.verdict)
    return table
  }
}

extension CUDAError: UserFacing {
  var remedy: String? { "quipu train --device cuda --check says what is found on this machine" }
}

/// This rank's end of a run, and its part of the machine.
struct Seat {
  let channel: any Communicator<View<Float>>
  let threads: Int
  /// Among the ranks of this machine, from 0.
  let localRank: Int
}
