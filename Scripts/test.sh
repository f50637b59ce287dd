#!/usr/bin/env bash
# Installs what is missing, builds, lints, and runs every test. CI runs this and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/packages.sh fasttext  # which the tests compare ours with
swift format lint --strict --recursive Package.swift Sources Tests
Scripts/check-floors.sh
swift build -c release --build-tests
swift test -c release --skip-build
Scripts/real-samples.sh
Scripts/language-identification.sh
Scripts/check-peers.sh
