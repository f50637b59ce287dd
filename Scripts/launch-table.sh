#!/usr/bin/env bash
# Writes the tables of Docs/Launch.md and the example scripts from what `quipu plan` says.
#   Scripts/launch-table.sh [--check] [QUIPU]
# With --check it changes nothing, and fails where a file says something else than the program.
set -euo pipefail
cd "$(dirname "$0")/.."

check=
if [ "${1:-}" = --check ]; then
  check=yes
  shift
fi
python3 - "${1:-.build/release/quipu}" "$check" << 'PYTHON'
import json, re, subprocess, sys

program, check = sys.argv[1:]
names = ["7b", "13b", "33b", "65b"]
# GPU hours of LLaMA's table 15, and the tokens of its table 2.
paper = {"7b": (82432, 1.0e12), "13b": (135168, 1.0e12), "33b": (530432, 1.4e12), "65b": (1022362, 1.4e12)}


def plan(name, gpu, gpus, *more):
    return subprocess.run(
        [program, "plan", "--train", f"Manifests/models/{name}.yaml", "--gpu", gpu, "--gpus", str(gpus), *more],
        capture_output=True, text=True)


def found(name, gpu, gpus):
    run = plan(name, gpu, gpus, "--json")
    if run.returncode == 0:
        return json.loads(run.stdout), None
    return None, re.search(r"no such layout fits: (.*)", run.stderr).group(1)


def layout(found):
    share = f"{found['tensorParallel']} a layer, " if found["tensorParallel"] > 1 else ""
    parts = found["accumulation"]
    return (f"{share}ZeRO {found['zero']}, recompute {found['recompute']}, {parts:,} part{'s' if parts > 1 else ''} "
            f"of {found['sequences']}")


def row(name, gpu, gpus):
    result, why = found(name, gpu, gpus)
    if result is None:
        return f"| {name} | {gpus:,} | does not fit: {why} | | | | |"
    return (f"| {name} | {gpus:,} | {layout(result)} | {result['memoryBytes'] / 1e9:.0f} of "
            f"{result['gpuMemoryBytes'] / 1e9:.0f} GB | {result['tokensPerSecondPerGPU']:,.0f} | "
            f"{100 * result['mfu']:.0f} / {100 * result['mfuWithAttention']:.0f} % | {days(result['days'])} |")


def days(count):
    return f"{count:,.0f}" if count >= 100 else f"{count:.1f}"


lines = ["| model | paper, tokens/s/GPU | model's, tokens/s/GPU | ratio | layout | memory |",
         "|---|---|---|---|---|---|"]
for name in names:
    hours, tokens = paper[name]
    result, _ = found(name, "a100", 2048)
    speed, theirs = result["tokensPerSecondPerGPU"], tokens / hours / 3600
    lines.append(f"| {name} | {theirs:,.0f} | {speed:,.0f} | {speed / theirs:.2f} | {layout(result)} | "
                 f"{result['memoryBytes'] / 1e9:.0f} of {result['gpuMemoryBytes'] / 1e9:.0f} GB |")
tables = {"paper": lines}
for gpu in ["h100", "h200"]:
    tables[gpu] = ["| model | GPUs | layout | memory of a GPU | tokens/s/GPU | MFU 6N / with attention | days |",
                   "|---|---|---|---|---|---|---|"]
    tables[gpu] += [row(name, gpu, gpus) for name in names for gpus in [1, 8, 64, 2048]]

with open("Docs/Launch.md") as file:
    page = file.read()
for name, lines in tables.items():
    page, count = re.subn(
        rf"(<!-- {name}: Scripts/launch-table.sh -->\n).*?(<!-- end -->)",
        lambda match: match[1] + "\n".join(lines) + "\n" + match[2], page, flags=re.S)
    if count != 1:
        sys.exit(f"error: Docs/Launch.md: {count} places for the table {name}; there should be one")
files = {"Docs/Launch.md": page}
for path, launcher in [("Scripts/train.sbatch", "slurm"), ("Scripts/train-torchrun.sh", "torchrun")]:
    files[path] = plan("7b", "h100", 64, "--launcher", launcher).stdout

for path, text in files.items():
    if check:
        with open(path) as file:
            if file.read() != text:
                sys.exit(f"error: {path}: not what {program} plan says; run Scripts/launch-table.sh")
    else:
        with open(path, "w") as file:
            file.write(text)
print("the tables are " + ("as quipu plan says" if check else "written"))
PYTHON
