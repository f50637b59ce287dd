internal import Llama

/// How the ranks of a run are started.
public enum Launcher: String, CaseIterable, Sendable {
  /// A batch script for Slurm's `sbatch`.
  case slurm
  /// A script that every node runs, with PyTorch's launcher.
  case torchrun
  /// A command for one machine: `quipu train` starts its ranks itself.
  case none
}

/// What starts a planned run, ready to be run once its first lines name the files.
public struct LaunchScript: Sendable {
  /// The model's manifest.
  public var model: String
  /// For the job.
  public var name: String
  public var layout: Layout
  public var cluster: Cluster

  public init(model: String, name: String, layout: Layout, cluster: Cluster) {
    self.model = model
    self.name = name
    self.layout = layout
    self.cluster = cluster
  }

  /// - Returns: A script with a newline at its end; a command of one line for `none`, which is for a
  ///   single node.
  public func text(for launcher: Launcher) -> String {
    switch launcher {
    case .slurm: slurm
    case .torchrun: torchrun
    case .none:
      "quipu train \(quoted(model)) --data work/shards --output run --device cuda\(ownRanks) "
        + "\(flags)\n"
    }
  }

  /// The layout as `quipu train` takes it.
  public var flags: String {
    "--tensor-parallel \(layout.tensorRanks) --zero \(layout.zero.rawValue) "
      + "--recompute \(layout.recompute.rawValue) --accumulation \(layout.accumulation)"
  }

  private var ownRanks: String { cluster.gpus > 1 ? " --nproc \(cluster.gpus)" : "" }
  private var perNode: Int { min(cluster.gpus, cluster.perNode) }

  private var files: String {
    """
    model=\(quoted(model))
    data=work/shards
    run=runs/\(quoted(name))
    """
  }

  /// What every rank runs; a run without a checkpoint begins anew.
  private var command: String {
    """
    quipu train "$model" --data "$data" --output "$run" --resume --device cuda \\
      \(flags)
    """
  }

  private var slurm: String {
    """
    #!/usr/bin/env bash
    # \(title) Submit it with sbatch; sent again, it goes on from the newest checkpoint.
    #SBATCH --job-name=\(quoted("quipu-\(name)"))
    #SBATCH --nodes=\(cluster.nodes)
    #SBATCH --ntasks-per-node=\(perNode)
    #SBATCH --gpus-per-node=\(perNode)
    #SBATCH --exclusive
    #SBATCH --mem=0
    #SBATCH --time=24:00:00
    #SBATCH --signal=TERM@600
    #SBATCH --requeue
    #SBATCH --open-mode=append
    set -euo pipefail
    \(files)

    # Ten minutes before the job's end Slurm sends TERM, and the run saves.
    srun --kill-on-bad-exit=1 --cpu-bind=none \(command)

    """
  }

  private var torchrun: String {
    """
    #!/usr/bin/env bash
    # \(title) Run it on every node, with the first node's name:
    #   bash train.sh FIRST-NODE
    # Where a rank is lost, all begin again from the newest checkpoint, three times at most.
    set -euo pipefail
    \(files)

    first=${1:?the name of the first node is missing}
    torchrun --no-python --nnodes=\(cluster.nodes) --nproc-per-node=\(perNode) --max-restarts=3 \\
      --rdzv-backend=c10d --rdzv-id=\(quoted("quipu-\(name)")) --rdzv-endpoint="$first:29400" \\
      \(command)

    """
  }

  private var title: String {
    "\(name) on \(cluster.gpus) \(cluster.accelerator.name), \(perNode) a node."
  }
}

/// A word as a shell reads it; plain ones stay as they are.
private func quoted(_ word: String) -> String {
  let isPlain = word.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: [UInt8]("-_./+=:,@%".utf8).contains(byte)
    }
  }
  guard !isPlain || word.isEmpty else { return word }
  var text = "'"
  for character in word { text += character == "'" ? "'\\''" : String(character) }
  return text + "'"
}
