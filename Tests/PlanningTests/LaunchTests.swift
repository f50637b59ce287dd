import Planning
import Testing

@Suite struct LaunchTests {
  private func script(gpus: Int, model: String = "Manifests/models/65b.yaml") -> LaunchScript {
    LaunchScript(
      model: model, name: "65b", layout: Layout(tensorRanks: 8, zero: .three, accumulation: 2),
      cluster: Cluster(.a100, gpus: gpus))
  }

  private let flags = "--tensor-parallel 8 --zero 3 --recompute cheap --accumulation 2"

  @Test func slurmStartsARankForEachGPU() {
    let text = script(gpus: 2048).text(for: .slurm)
    #expect(text.hasPrefix("#!/usr/bin/env bash\n") && text.hasSuffix("\n"))
    for line in [
      "#SBATCH --nodes=256", "#SBATCH --ntasks-per-node=8", "#SBATCH --gpus-per-node=8",
      "model=Manifests/models/65b.yaml",
    ] {
      #expect(text.contains("\n\(line)\n"), "\(line)")
    }
    #expect(text.contains(" quipu train \"$model\" ") && text.contains(" --device cuda "))
    #expect(text.contains(flags) && !text.contains("--nproc"))
  }

  @Test func torchrunStartsAProgramThatIsNotPython() {
    let text = script(gpus: 64).text(for: .torchrun)
    #expect(text.contains("torchrun --no-python --nnodes=8 --nproc-per-node=8 "))
    #expect(text.contains(flags) && !text.contains("--nproc "))
  }

  @Test func oneNodeNeedsNoLauncher() {
    #expect(
      script(gpus: 8).text(for: .none)
        == "quipu train Manifests/models/65b.yaml --data work/shards --output run --device cuda "
        + "--nproc 8 \(flags)\n")
    #expect(!script(gpus: 1).text(for: .none).contains("--nproc"))
    #expect(script(gpus: 4).text(for: .slurm).contains("\n#SBATCH --ntasks-per-node=4\n"))
  }

  @Test func namesAreQuotedForTheShell() {
    let text = script(gpus: 8, model: "my models/a'b;$(rm).yaml").text(for: .slurm)
    #expect(text.contains("\nmodel='my models/a'\\''b;$(rm).yaml'\n"))
  }
}
