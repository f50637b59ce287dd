#!/usr/bin/env bash
# Checks this machine's NVIDIA GPU: what is found, every operation against the CPU, a whole step, then
# speed beside a copy, a large product and PyTorch. Prints one table; fails where a check fails.
#   Scripts/gpu-check.sh [PROGRAM] [FOLDER]
# PROGRAM is gpu-check, as `swift build -c release --static-swift-stdlib --product gpu-check` makes it and
# Scripts/bundle.sh takes it to a machine without Swift; logs go to FOLDER. Every check is a process of
# its own with a time limit.
set -uo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
program=${1:-$scripts/../.build/release/gpu-check}
folder=${2:-$(mktemp -d)}
python=${QUIPU_PYTHON:-python3}
libraries=$(cd "$(dirname "$program")" && pwd)/lib
mkdir -p "$folder"
rows=$folder/rows.txt training=$folder/training.txt
: > "$rows"
: > "$training"

# run SECONDS NAME ARGUMENTS...: carries out one check; what stops it becomes a row that failed.
run() {
  local limit=$1 name=$2 log status
  shift
  log=$folder/$(tr ' ' '-' <<< "$*").log
  LD_LIBRARY_PATH=$libraries:${LD_LIBRARY_PATH:-} timeout "$limit" "$program" "$@" > "$log" 2>&1
  status=$?
  grep -a '^ROW' "$log" >> "$rows"
  grep -a '^TRAIN' "$log" | sed 's/^TRAIN/quipu/' >> "$training"
  if [ $status -ne 0 ]; then
    printf 'ROW\t%s\t%s\t-\t-\t-\t-\t-\t-\tFAILED\n' "$*" \
      "status $status: $(tail -n 1 "$log" | tr '\t' ' ' | cut -c 1-200)" >> "$rows"
  fi
  echo "$*: status $status, $(grep -ac $'\tok$' "$log") rows right" >&2
}

torch() {
  timeout 150 "$python" "$scripts/gpu-torch.py" "$@" 2> "$folder/torch-$1-$3.log" >> "$training" \
    || echo "PyTorch $*: $(tail -n 1 "$folder/torch-$1-$3.log")" | tee -a "$training" >&2
}

nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || true
run 30 discover
cat "$folder/discover.log"
names=$(LD_LIBRARY_PATH=$libraries:${LD_LIBRARY_PATH:-} "$program")
for name in $names; do [ "$name" = discover ] || run 30 "$name"; done
run 60 train 1b 8 2048 8 none
run 60 train 1b 4 4096 8 none
run 60 train 7b 2 2048 5 cheap
if "$python" -c 'import torch; assert torch.cuda.is_available()' 2> "$folder/torch.log"; then
  torch 1b 8 2048 8
  torch 1b 4 4096 8
else
  echo "no PyTorch with CUDA to compare with" >> "$training"
fi

echo
{
  printf 'check\tsizes\terror\tlimit\tms\trate\tunit\tshare\tresult\n'
  cut -f 2- "$rows"
} | column -t -s $'\t'
echo
column -t -s $'\t' "$training"
failed=$(grep -c FAILED "$rows")
echo "$failed of $(wc -l < "$rows") rows failed; logs in $folder"
[ "$failed" -eq 0 ]
