#!/usr/bin/env bash
# Trains a language identifier on files of known languages and scores it on others: accuracy and
# confusion over documents of 300 characters and more, and over shorter ones.
#   $1  a folder to learn from, with a folder LANG/*.txt for each language, a paragraph a line
#   $2  such a folder to be scored on
#   $3  least accuracy over documents of 300 characters of the languages in LANGUAGES; 0.98 by default
# Without folders, those of ../shared/samples are taken, and nothing is done where these are absent.
#   LANGUAGES  what must be that accurate; by default LLaMA's twenty of Wikipedia and seven more
#   OPTIONS    of `quipu model train-language`, for example "--epoch 5"
set -euo pipefail
cd "$(dirname "$0")/.."

learn=${1:-../shared/samples/langid/train}
test=${2:-../shared/samples/langid/test}
least=${3:-0.98}
llama="bg ca cs da de en es fr hr hu it nl pl pt ro ru sl sr sv uk"
languages=${LANGUAGES:-$llama zh ja ko ar hi tr fi}
if [[ $# == 0 && ! -d $learn ]]; then
  echo "skipped: real samples are not at $learn"
  exit 0
fi
quipu=${QUIPU:-$(swift build -c release --show-bin-path)/quipu}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

script=Scripts/language_identification.py
python3 $script learn "$learn" >"$work/learn.txt"
# shellcheck disable=SC2086
"$quipu" model train-language "$work/learn.txt" --output "$work/model.bin" ${OPTIONS:-}
for size in 50 100 300; do
  python3 $script documents "$test" $size "$work/labels" >"$work/documents.txt"
  "$quipu" model score "$work/model.bin" "$work/documents.txt" --json >"$work/scores.jsonl"
  echo "documents of $size characters and more:"
  [[ $size == 300 ]] && wanted=$least || wanted=0
  python3 $script score "$work/labels" "$work/scores.jsonl" "$wanted" "$languages"
done
