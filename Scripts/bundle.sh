#!/usr/bin/env bash
# Copies a program, stripped, and the shared libraries it needs beyond those of glibc and GCC into a
# folder that can be taken to another machine: `FOLDER/NAME` and `FOLDER/lib`.
#   swift build -c release --static-swift-stdlib --product gpu-check
#   Scripts/bundle.sh .build/release/gpu-check bundle
# It runs there with LD_LIBRARY_PATH=FOLDER/lib, as Scripts/gpu-check.sh sets it, on a glibc that is
# not older than this machine's.
set -euo pipefail
program=$1 folder=$2
mkdir -p "$folder/lib"
strip -o "$folder/$(basename "$program")" "$program"
ldd "$program" | awk '/=> \//{print $3}' \
  | grep -Ev '/lib(c|m|dl|rt|pthread|gcc_s|stdc\+\+)\.so' \
  | while read -r library; do cp -L "$library" "$folder/lib/"; done
du -sh "$folder"
