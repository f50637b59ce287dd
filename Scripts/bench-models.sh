#!/usr/bin/env bash
# Text models beside fastText, KenLM and sentencepiece, in turn and each in a fresh process, so that all
# meet the same machine. Prints medians over the rounds, with the least and the most, and ratios.
#   QUIPU_PYTHON=.venv/bin/python KENLM_BIN=kenlm/build/bin Scripts/bench-models.sh OPTION...
#   --rounds N                  of each measurement; 3 by default
#   --text FILE                 plain text to judge, in documents of about 4 kB
#   --classifier MODEL          a fastText model, to classify it with
#   --language-model MODEL      a KenLM binary, and --tokenizer MODEL, the SentencePiece model of its pieces
#   --labelled FILE             lines for fastText to train on
#   --corpus FILE               text for lmplz to train on
# What is not given is not measured. The interpreter needs fasttext, kenlm and sentencepiece; the programs
# are fasttext on the path, and lmplz in KENLM_BIN. What is not installed is left out.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${QUIPU_PYTHON:-python3}
QUIPU=${QUIPU:-.build/release/quipu} exec "$python" Scripts/bench-models.py "$@"
