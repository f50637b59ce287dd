#!/usr/bin/env bash
# Checks this machine's NVIDIA GPU and prints one table; fails where a check fails.
#   Scripts/gpu-check.sh [--programs FOLDER] [--logs FOLDER] [--seconds N] [--only STAGE,STAGE…]
#                        [--model MANIFEST] [--device cuda|cpu]
# Stages, in this order, all by default:
#   smoke       what is found, every kernel compiled, the driver
#   operations  every operation and a whole step against the CPU; speed beside a copy or a large product
#   train       tokens a second and MFU of models of 1.1 and 7 billion parameters; the memory of 7B
#   resume      a run that is killed and resumed against one that is not: the same bits
#   curve       200 losses beside PyTorch's
#   torch       the same models in PyTorch, and how many times as fast Quipu is
# All are over after N seconds, 480 by default: a check that no longer fits is a row that says so. Every check is a
# process of its own, whose output is the log named in its row.
# FOLDER has gpu-check and quipu, or both with .gz, as Scripts/static.sh makes them: the machine needs no Swift.
# QUIPU_PYTHON is a Python with PyTorch and NumPy; without one the rows beside PyTorch say so.
# --device cpu is for this script's own sake: resume and curve on a machine without a GPU.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
programs=.build/static logs='' seconds=480 only=smoke,operations,train,resume,curve,torch
model=Scripts/gpu-check.yaml device=cuda
while (($# > 0)); do
  case $1 in
    --programs) programs=$2 ;;
    --logs) logs=$2 ;;
    --seconds) seconds=$2 ;;
    --only) only=$2 ;;
    --model) model=$2 ;;
    --device) device=$2 ;;
    *) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift 2 || exit 2
done
for stage in ${only//,/ }; do
  [[ ,smoke,operations,train,resume,curve,torch, == *",$stage,"* ]] || {
    echo "error: no stage is called $stage" >&2
    exit 2
  }
done

logs=${logs:-$(mktemp -d)}
mkdir -p "$logs"
logs=$(realpath "$logs")
rm -f "$logs"/*.log
rows=$logs/rows.txt
: >"$rows"
python=${QUIPU_PYTHON:-python3}
export PYTHONDONTWRITEBYTECODE=1
for name in gpu-check quipu; do
  if [[ ! -e $programs/$name && -e $programs/$name.gz ]]; then
    gunzip -c "$programs/$name.gz" >"$logs/$name"
    chmod +x "$logs/$name"
  fi
done
gpu_check=$programs/gpu-check quipu=$programs/quipu
[[ ! -e $logs/gpu-check ]] || gpu_check=$logs/gpu-check
[[ ! -e $logs/quipu ]] || quipu=$logs/quipu

chosen() { [[ ,$only, == *",$1,"* ]]; }
left() { echo $((seconds - SECONDS)); }

# row CHECK SIZES ERROR LIMIT MS RATE UNIT SHARE RESULT LOG
row() {
  local IFS=$'\t'
  printf '%s\n' "$*" >>"$rows"
}

# skip CHECK WHY: a check that was not carried out, for no fault of Quipu's.
skip() {
  row "$1" "$2" - - - - - - 'not run' -
  echo "$1: not run: $2" >&2
}

# check MOST LEAST CHECK COMMAND...: carries out one check within MOST seconds, if LEAST are left, and takes over
# its rows; fails where it has failed, been cut off, or not been carried out.
check() {
  local most=$1 least=$2 name=$3 log limit began=$SECONDS status
  shift 3
  log=$logs/${name// /-}.log
  limit=$(left)
  if ((limit < least)); then
    skip "$name" "$limit s left, it wants $least"
    return 1
  fi
  ((limit < most)) || limit=$most
  timeout -k 5 "$limit" "$@" >"$log" 2>&1
  status=$?
  grep -a $'^ROW\t' "$log" | cut -f 2- | sed "s#\$#\t${log##*/}#" >>"$rows"
  echo "$name: status $status after $((SECONDS - began)) s" >&2
  if ((status == 124 || status == 137)) && ((limit < most)); then
    row "$name" "cut off after $limit s, no time left" - - - - - - 'not run' "${log##*/}"
  elif ((status == 124 || status == 137)); then
    row "$name" "not done after $limit s" - - - - - - FAILED "${log##*/}"
  elif ((status != 0)); then
    row "$name" "status $status: $( (grep -aim 1 '^error' "$log" || tail -n 1 "$log") | tr '\t' ' ' | cut -c 1-120)" \
      - - - - - - FAILED "${log##*/}"
  fi
  return $status
}

# speed WHO LOG: the row of a line that begins with TRAIN; Quipu's MFU has a bar.
speed() {
  grep -a $'^TRAIN\t' "$logs/$2" | awk -F '\t' -v who="$1" -v log_name="$2" '
    { rate = mfu = "-"; falls = 0
      for (i = 3; i <= NF; i++) {
        if ($i ~ /^B[0-9]+ S[0-9]+$/) { sizes = $i; split($i, n, /[BS ]+/); tokens = n[2] * n[3] }
        if ($i ~ /^recompute /) recompute = substr($i, 11)
        if ($i ~ /tokens\/s$/) rate = $i + 0
        if ($i ~ /^MFU [0-9.]+ %$/) mfu = substr($i, 5) / 100
        if ($i ~ /^losses /) { count = split($i, losses, " "); falls = losses[count] + 0 < losses[2] + 0 }
        if ($i ~ /MiB free$/) free = $i
      }
      result = !falls ? "FAILED" : who != "quipu" || mfu == "-" ? "-" : mfu < 0.5 ? "below 0.5" : "ok"
      printf "train %s %s\t%s recompute %s, %s\t-\t-\t%.2f\t%s\ttokens/s\t%s\t%s\t%s\n", $2, who, sizes, recompute,
        free, (rate > 0 ? 1000 * tokens / rate : 0), rate, mfu, result, log_name }' >>"$rows"
}

# What is trained, without recomputation: a model of 1.1 or 7 billion parameters, sequences, length.
trained=('1b 8 2048' '1b 4 4096' '7b 2 2048' '7b 1 4096')

# named 'MODEL SEQUENCES LENGTH': as rows say it.
named() {
  local words
  read -ra words <<<"$1"
  echo "${words[0]} B${words[1]} S${words[2]}"
}

# train 'MODEL SEQUENCES LENGTH': Quipu's side of a comparison with PyTorch, once.
train() {
  local name
  name="train $(named "$1")"
  [[ ! -e $logs/${name// /-}.log ]] || return
  # shellcheck disable=SC2086  # three words
  check 90 20 "$name" "$gpu_check" train $1 6 none && speed quipu "${name// /-}.log"
}

# Shards of a synthetic corpus, once.
corpus() {
  [[ ! -e $logs/work/mix.json ]] || return 0
  check 60 10 'make raw files' "$quipu" sample "$logs/inputs" --size 4MB --quiet &&
    check 120 10 'make shards' "$quipu" build Manifests/sample.yaml --inputs "$logs/inputs" --work "$logs/work" --quiet
}

# PyTorch's answer to whether it can be compared with, asked once.
torch_missing=
pytorch() {
  [[ -n $torch_missing ]] || torch_missing=$("$python" -c '
import sys
try:
    import numpy, torch
    here = sys.argv[1] == "cpu" or torch.cuda.is_available()
    print("no" if here else "PyTorch finds no CUDA")
except ImportError as error:
    print(error)' "$device" 2>&1 | tail -n 1 | sed 's/.*: line [0-9]*: //')
  [[ $torch_missing == no ]]
}

# Whether 7B fits this GPU by its plan, asked once: MiB planned for two sequences of 2048.
plan_7b=
fits_7b() {
  if [[ -z $plan_7b ]]; then
    corpus && check 60 5 'plan 7b' "$quipu" train Manifests/models/7b.yaml --data "$logs/work/shards" \
      --output "$logs/7b" --device cuda --accumulation 1024 --recompute none --plan || return
    plan_7b=$(awk '$1 == "all" { gsub(",", "", $2); printf "%d", $2 / 1048576; exit }' "$logs/plan-7b.log")
    ((plan_7b <= memory)) || skip '7b' "planned $plan_7b MiB, the GPU has $memory"
  fi
  ((plan_7b <= memory))
}

# What 7B took beside what was planned: no more.
memory_7b() {
  local free taken
  free=$(grep -aEo '[0-9]+ MiB free' "$logs/train-7b-B2-S2048.log" 2>/dev/null | cut -d ' ' -f 1)
  [[ -n $free ]] || return
  taken=$((memory - free))
  row 'memory 7b, MiB' "of $memory, taken: error, planned: limit" "$taken" "$plan_7b" - - - - \
    "$( ((taken <= plan_7b)) && echo ok || echo FAILED)" plan-7b.log
}

# Two runs of the same seed; one is killed in its midst, when it has a checkpoint, and resumed.
resume() {
  local run=("$quipu" train "$model" --data "$logs/work/shards" --device "$device" --checkpoint-every 40 --quiet)
  local straight=$logs/straight killed=$logs/killed process lines=0 last from
  [[ $device == cpu ]] || run+=(--deterministic)
  rm -rf "$straight" "$killed"
  check 120 20 'train straight' "${run[@]}" --output "$straight" || return
  "${run[@]}" --output "$killed" >"$logs/killed.log" 2>&1 &
  process=$!
  while kill -0 $process 2>/dev/null && (($(left) > 0)); do
    lines=$(wc -l 2>/dev/null <"$killed/metrics.jsonl" || echo 0)
    ((lines < 100)) || break
    sleep 0.01
  done
  kill -KILL $process 2>/dev/null
  wait $process 2>/dev/null
  last=$(cd "$straight" && echo checkpoint-*.safetensors | tr ' ' '\n' | tail -n 1)
  from=$(cd "$killed" 2>/dev/null && echo checkpoint-*.json | tr ' ' '\n' | tail -n 1)
  if [[ ! -e $killed/$from || -e $killed/$last ]]; then
    skip 'resume' "killed at step $lines: no checkpoint there, or at its end"
    return
  fi
  check 120 10 'train resumed' "${run[@]}" --output "$killed" --resume || return
  if cmp "$straight/$last" "$killed/$last" >"$logs/resume.log" 2>&1; then
    row resume "killed at step $lines, from ${from%.json}: the same $(stat -c %s "$killed/$last") bytes" \
      0 0 - - - - ok resume.log
  else
    row resume "killed at step $lines, from ${from%.json}: $last differs" - 0 - - - - FAILED resume.log
  fi
}

# ratio MODEL SIZES: Quipu's tokens a second by PyTorch's.
ratio() {
  local rate
  rate=$(awk -F '\t' -v model="$1" -v sizes="$2" '
    index($2, sizes " ") == 1 && $1 == "train " model " quipu" { ours = $6 }
    index($2, sizes " ") == 1 && $1 == "train " model " torch" { theirs = $6 }
    END { if (ours > 0 && theirs > 0) printf "%.3f", ours / theirs }' "$rows")
  [[ -n $rate ]] || return
  row "train $1 quipu / torch" "$2" - - - "$rate" times - \
    "$(awk -v rate="$rate" 'BEGIN { print rate < 1.15 ? "below 1.15" : "ok" }')" rows.txt
}

memory=$(nvidia-smi --query-gpu=memory.total --format=csv,noheader,nounits 2>/dev/null | head -n 1)
memory=${memory:-0}
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null \
  || echo 'no nvidia-smi'

if chosen smoke; then
  check 30 1 discover "$gpu_check" discover
  cat "$logs/discover.log"
  for name in driver compile; do check 60 1 $name "$gpu_check" $name; done
fi
if chosen operations; then
  for name in $("$gpu_check"); do
    case $name in
      discover | driver | compile) ;;
      *) check 45 5 "$name" "$gpu_check" "$name" ;;
    esac
  done
fi
if chosen train; then
  for what in "${trained[@]}"; do
    [[ $what != 7b* ]] || fits_7b || continue
    train "$what"
  done
  memory_7b
fi
if chosen resume; then corpus && resume; fi
if chosen curve; then
  if ! pytorch; then
    skip 'curve beside PyTorch' "$torch_missing"
  elif corpus; then
    check 200 60 'curve beside PyTorch' "$python" Scripts/gpu-curve.py --quipu "$quipu" --model "$model" \
      --data "$logs/work/shards" --output "$logs/curve" --device "$device"
  fi
fi
if chosen torch; then
  for what in "${trained[@]}"; do
    name="torch $(named "$what")"
    if ! pytorch; then
      skip "$name" "$torch_missing"
      continue
    fi
    [[ $what != 7b* ]] || fits_7b || continue
    train "$what"
    # shellcheck disable=SC2086  # three words
    if check 150 45 "$name" "$python" Scripts/gpu-torch.py $what 6 --device "$device"; then
      speed torch "${name// /-}.log"
      ratio "${what%% *}" "${name#torch * }"
    elif grep -aq OutOfMemory "$logs/${name// /-}.log" 2>/dev/null; then
      sed -i '$d' "$rows"  # no failure of Quipu's
      skip "$name" "PyTorch's memory is full"
    fi
  done
fi

echo
{
  printf 'check\tsizes\terror\tlimit\tms\trate\tunit\tshare\tresult\tlog\n'
  cat "$rows"
} | column -t -s $'\t'
failed=$(cut -f 9 "$rows" | grep -c FAILED)
below=$(cut -f 9 "$rows" | grep -c below)
missing=$(cut -f 9 "$rows" | grep -c 'not run')
echo
echo "$failed of $(wc -l <"$rows") rows failed, $below below their bar, $missing not run; $SECONDS s; logs in $logs"
((failed == 0))
