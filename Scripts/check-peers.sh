#!/usr/bin/env bash
# Compares Quipu with the field's own programs on what the program itself writes; skips, and says so,
# what is not installed.
#   QUIPU_PYTHON  the interpreter that has sentencepiece, numpy, transformers and torch; python3 by default
set -euo pipefail
cd "$(dirname "$0")/.."

python=${QUIPU_PYTHON:-python3}
quipu=$(swift build -c release --show-bin-path)/quipu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$quipu" sample "$folder/inputs" --size 4MB --quiet
"$quipu" build Manifests/sample.yaml --inputs "$folder/inputs" --work "$folder/work" --quiet
"$quipu" train Manifests/models/tiny.yaml --data "$folder/work/shards" --output "$folder/run" \
  --steps 20 --quiet
"$quipu" export "$folder/run" --output "$folder/model" --shard-size 2MB --quiet
"$quipu" export "$folder/model" --output "$folder/meta" --format meta --parts 2 --quiet

echo "tokenizer against sentencepiece:"
"$quipu" ingest c4 "$folder/inputs/c4" --quiet 2>/dev/null | "$python" -c '
import json, sys
lines = [line for text in sys.stdin for line in json.loads(text)["text"].splitlines() if line]
print("\n".join(lines[:1000]))' >"$folder/lines.txt"
"$python" Scripts/tokenizer-parity.py --quipu "$quipu" --quick --text "$folder/lines.txt" \
  --model "$folder/work/tokenizer/tokenizer.model" 2>/dev/null | tail -9

"$python" Scripts/check-scripts.py --quipu "$quipu" --step 16

echo "shards against numpy, whose reader is Megatron's layout written down again:"
"$python" Scripts/read-shards.py "$folder/work/shards/train" "$("$quipu" shards list "$folder/work/shards/train" |
  awk 'NR > 1 { gsub(",", ""); documents += $2; tokens += $3 } END { print documents, tokens }')"

echo "exported models against transformers and against a forward pass in Meta's layout:"
"$python" -B Scripts/check-generation.py "$quipu" "$folder/run" "$folder/model" "$folder/meta"

echo "evaluation against transformers:"
"$quipu" ingest c4 "$folder/inputs/c4" --quiet 2>/dev/null >"$folder/documents.jsonl"
"$python" Scripts/check-evaluation.py "$quipu" "$folder/run" "$folder/model" \
  "$folder/documents.jsonl" 2>/dev/null
