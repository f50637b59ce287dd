#!/usr/bin/env bash
# Builds a corpus from small real files of all seven sources and checks it: every source yields
# documents, counts balance, every artifact is what was written.
#   $1  the folder of samples; ../shared/samples by default, and skipped where that is absent
#   $2  where to build; a temporary folder by default
set -euo pipefail
cd "$(dirname "$0")/.."

samples=${1:-../shared/samples}
if [[ ! -d $samples ]]; then
  echo "skipped: real samples are not at $samples"
  exit 0
fi
quipu=$(swift build -c release --show-bin-path)/quipu
work=${2:-}
if [[ -z $work ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi

"$quipu" build Manifests/real-samples.yaml --inputs "$samples" --work "$work" --quiet
"$quipu" stats "$work"
"$quipu" verify "$work" --quiet
"$quipu" stats "$work" --json | python3 -c '
import json, sys
sources = json.load(sys.stdin)["sources"]
empty = [name for name, row in sources.items() if row["documents"] == 0 or row["trainTokens"] == 0]
if len(sources) != 7 or empty:
    sys.exit(f"error: 7 sources must yield documents; of {len(sources)} these do not: {empty}")
for name, row in sources.items():
    dropped = sum(n for why, n in row["dropped"].items() if not why.startswith("duplicate."))
    if row["records"] != row["kept"] + dropped + row["errors"]:
        sys.exit(f"error: {name}: the counts do not balance: {row}")
print("every source yields documents, and all counts balance")
'
