#!/usr/bin/env bash
# The whole way on a synthetic corpus: packages, release build, raw files, documents, tokenizer,
# shards, statistics, some steps of training, a line of text. Leaves everything in ./quickstart.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/packages.sh
swift build -c release --product quipu
quipu=$(swift build -c release --show-bin-path)/quipu
folder=${1:-quickstart}
began=$SECONDS

rm -rf "$folder"
"$quipu" sample "$folder/inputs" --size 20MB
"$quipu" build Manifests/sample.yaml --inputs "$folder/inputs" --work "$folder/work"
"$quipu" stats "$folder/work"
"$quipu" verify "$folder/work"
"$quipu" train Manifests/models/tiny.yaml --data "$folder/work/shards" --output "$folder/run"
"$quipu" generate "$folder/run" --prompt "The history of" --max-tokens 48 --temperature 0.7

echo "everything after compiling took $((SECONDS - began)) s; it lies in $folder/"
