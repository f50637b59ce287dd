#!/usr/bin/env bash
# Trains a tokenizer and a 5-gram model on one language of a folder of texts, scores the others with it,
# and prints how their perplexities are spread: that of its own language should be far below the rest.
#   Scripts/perplexity-histogram.sh TRAIN TEST [LANGUAGE]
#   TRAIN, TEST  folders with a folder a language, such as samples/langid/train and samples/langid/test
set -euo pipefail
cd "$(dirname "$0")/.."
train=$1 test=$2 language=${3:-en}
quipu=${QUIPU:-.build/release/quipu}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat "$train/$language"/* >"$work/text"
"$quipu" tokenizer train "$work/text" --output "$work/pieces.model" --preset llama --vocab-size 2000 --quiet
"$quipu" model train-lm "$work/text" --tokenizer "$work/pieces.model" --output "$work/model.bin" \
  --discount-fallback --quiet
python3 Scripts/language_identification.py documents "$test" 300 "$work/languages" >"$work/documents"
"$quipu" model score "$work/model.bin" "$work/documents" --tokenizer "$work/pieces.model" \
  --language "$language" --cutoffs run --json >"$work/scores" 2>"$work/report"

python3 - "$language" "$work/languages" "$work/scores" <<'PYTHON'
import collections, json, math, sys
language, languages, scores = sys.argv[1:]
rows, buckets = collections.defaultdict(list), collections.defaultdict(collections.Counter)
for name, line in zip(open(languages), open(scores)):
    score = json.loads(line)
    rows[name.strip()].append(score["perplexity"])
    buckets[name.strip()][score["bucket"]] += 1
edges = [2 ** power for power in range(5, 14)]
print(f"documents of 300 characters by their perplexity for the model of {language}")
print("language   median" + "".join(f"{'<' + str(edge):>7}" for edge in edges) + f"{'more':>7}   head middle tail")
for name in sorted(rows, key=lambda name: sorted(rows[name])[len(rows[name]) // 2]):
    row = sorted(rows[name])
    counts = collections.Counter(next((i for i, e in enumerate(edges) if p < e), len(edges)) for p in row)
    cells = "".join(f"{counts[i] or '.':>7}" for i in range(len(edges) + 1))
    cut = buckets[name]
    print(f"{name:8} {row[len(row) // 2]:8.1f}{cells}  {cut['head']:5} {cut['middle']:6} {cut['tail']:4}")
PYTHON
