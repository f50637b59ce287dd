#!/usr/bin/env bash
# Checks the house rules that the compiler does not: a target stands only on rows above its own, and
# each C library has one Swift target that imports it.
set -euo pipefail
cd "$(dirname "$0")/.."

swift package dump-package | python3 -c '
import json, sys
targets = json.load(sys.stdin)["targets"]
place = {target["name"]: number for number, target in enumerate(targets)}
path = {target["name"]: target.get("path") or "" for target in targets}
users, wrong = {}, []
for target in targets:
    for dependency in target["dependencies"]:
        kind, value = next(iter(dependency.items()))
        if kind == "product":
            continue
        name = value[0]
        if place[name] >= place[target["name"]]:
            wrong.append("%s stands on %s, which is not below it" % (target["name"], name))
        if path[name].startswith("Sources/C/") and path[target["name"]].startswith("Sources/"):
            users.setdefault(name, []).append(target["name"])
sources = {"CommonCrawl", "C4", "GitHub", "Wikipedia", "Books", "ArXiv", "StackExchange"}
for target in targets:
    names = {value[0] for d in target["dependencies"] for kind, value in d.items() if kind != "product"}
    if target["name"] in sources and names & sources:
        wrong.append("%s knows another source" % target["name"])
for name, by in users.items():
    if len(by) > 1:
        wrong.append("%s is imported by %s" % (name, ", ".join(by)))
print("\n".join("error: Package.swift: " + text for text in wrong) or "the floors are in order")
sys.exit(bool(wrong))
'
