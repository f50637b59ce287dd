#!/usr/bin/env bash
# 7b on 64 h100, 8 a node. Run it on every node, with the first node's name:
#   bash train.sh FIRST-NODE
# Where a rank is lost, all begin again from the newest checkpoint, three times at most.
set -euo pipefail
model=Manifests/models/7b.yaml
data=work/shards
run=runs/7b

first=${1:?the name of the first node is missing}
torchrun --no-python --nnodes=8 --nproc-per-node=8 --max-restarts=3 \
  --rdzv-backend=c10d --rdzv-id=quipu-7b --rdzv-endpoint="$first:29400" \
  quipu train "$model" --data "$data" --output "$run" --resume --device cuda \
  --tensor-parallel 1 --zero 1 --recompute none --accumulation 8
