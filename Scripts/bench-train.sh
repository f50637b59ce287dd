#!/usr/bin/env bash
# Training steps of a 21 M model: ours and PyTorch's in turn, so that both meet the same machine.
# Prints a table of medians over the rounds, with the least and the most, and their ratios.
#   QUIPU_PYTHON=.venv/bin/python Scripts/bench-train.sh [ROUNDS] [STEPS]
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-3} steps=${2:-4}
python=${QUIPU_PYTHON:-python3}
quipu=${QUIPU:-.build/release/quipu}
runs=$(mktemp)
trap 'rm -f "$runs"' EXIT
for _ in $(seq "$rounds"); do
  for threads in ${THREADS:-1 2}; do
    for precision in f32 bf16; do
      ours=$("$quipu" bench train --threads "$threads" --products "$precision" --steps "$steps" \
        --steps-only --profile-steps 0 --json)
      theirs=$("$python" Scripts/bench-train.py --threads "$threads" --precision "$precision" \
        --steps "$steps")
      printf 'quipu %s %s %s\ntorch %s %s %s\n' \
        "$precision" "$threads" "$ours" "$precision" "$threads" "$theirs" | tee -a "$runs" >&2
    done
  done
done
"$python" Scripts/bench-train.py --table < "$runs"
