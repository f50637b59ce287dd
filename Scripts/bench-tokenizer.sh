#!/usr/bin/env bash
# Tokenizers beside ours, in turn and each in a fresh process, so that all meet the same machine.
# Prints tables of medians over the rounds, with the least and the most, and ratios.
#   QUIPU_PYTHON=.venv/bin/python Scripts/bench-tokenizer.sh MODEL EVAL TRAIN [ROUNDS] [CASES]
#   MODEL  a SentencePiece BPE model, such as LLaMA's tokenizer.model
#   EVAL   text to encode, TRAIN text to encode in bulk and to train on; plain text
#   CASES  some of documents,threads,single,bulk,letters,spaces,random,train; all by default
# The interpreter needs sentencepiece, gigatoken, fastokens, tokie, iree-tokenizer and numpy; what is
# not installed is left out.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${QUIPU_PYTHON:-python3}
QUIPU=${QUIPU:-.build/release/quipu} exec "$python" Scripts/bench-tokenizer.py "$@"
