#!/usr/bin/env bash
# Compares Quipu with the field's own programs where they are installed; says what it leaves out.
#   PYTHON   the interpreter that has sentencepiece, transformers and torch; python3 by default
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
quipu=$(swift build -c release --show-bin-path)/quipu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$quipu" sample "$folder/inputs" --size 1MB --quiet
"$quipu" build Manifests/sample.yaml --inputs "$folder/inputs" --work "$folder/work" --quiet
"$quipu" train Manifests/models/tiny.yaml --data "$folder/work/shards" --output "$folder/run" \
  --steps 3 --quiet
"$quipu" export "$folder/run" --output "$folder/model" --quiet

"$python" Scripts/tokenizer-parity.py --quipu "$quipu"
