#!/usr/bin/env bash
# Builds one corpus with one thread, with two, and killed with SIGKILL at ten random moments and
# resumed; all three must have the same bytes.
#   $1  a manifest    $2  the folder of its inputs
set -euo pipefail

manifest=$(realpath "$1") inputs=$(realpath "$2")
cd "$(dirname "$0")/.."
quipu=$(swift build -c release --show-bin-path)/quipu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

build() { "$quipu" build "$manifest" --inputs "$inputs" --work "$folder/$1" --jobs "$2" --quiet; }
digests() { (cd "$folder/$1" && find shards mix.json -type f | LC_ALL=C sort | xargs sha256sum); }

build one 1
began=$(date +%s%N)
build two 2
took=$((($(date +%s%N) - began) / 1000000))
for attempt in {1..10}; do
  build killed 2 2>/dev/null &
  process=$!
  pause=$((RANDOM % (took / 8 + 50) + 10))
  sleep "$(printf '0.%03d' $((pause % 1000)))"
  if pkill -KILL -P $process quipu 2>/dev/null; then
    echo "kill $attempt after about $((pause % 1000)) ms: $(find "$folder/killed/commits" -type f 2>/dev/null | wc -l) units were done"
  fi
  wait $process 2>/dev/null || true
done
build killed 2
digests one >"$folder/one.sha256"
for other in two killed; do
  digests $other | diff "$folder/one.sha256" - || { echo "error: $other differs" >&2; exit 1; }
done
"$quipu" verify "$folder/killed" --quiet
echo "$(wc -l <"$folder/one.sha256") files have the same SHA-256 in all three; of all of them:" \
  "$(sha256sum <"$folder/one.sha256" | cut -d' ' -f1)"
