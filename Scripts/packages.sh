#!/usr/bin/env bash
# Installs the Debian packages that Quipu is built with, where they are missing, and those named as arguments.
set -euo pipefail

packages=(
  libzstd-dev libxml2-dev libsqlite3-dev libdeflate-dev zlib1g-dev libbz2-dev libarchive-dev
  libsimdjson-dev libxxhash-dev libssl-dev pkg-config g++ git python3
  "$@"
)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done

if ((${#missing[@]} > 0)); then
  root=()
  ((EUID == 0)) || root=(sudo)
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
fi

if ! command -v swift >/dev/null; then
  echo "error: there is no swift on the path; get Swift 6.3 from https://www.swift.org/install" >&2
  exit 1
fi
