#!/usr/bin/env python3
"""Checks that others go on with a text as Quipu does, greedily: transformers from an exported model with
its tokenizer and, from an export in Meta's layout, a model that is written down in meta_model.py.

Usage: check-generation.py QUIPU RUN MODEL [META]. Skipped where transformers or torch is absent.
"""
import subprocess
import sys

try:
    import torch
    from transformers import AutoTokenizer, LlamaForCausalLM
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(0)

import meta_model

PROMPT, COUNT = "The history of", 24


def greedy(ids, logits):
    """At most COUNT tokens after `ids`; `logits` gives those of all positions."""
    ids = list(ids)
    with torch.no_grad():
        for _ in range(COUNT):
            token = int(logits(torch.tensor([ids]))[0, -1].argmax())
            if token == 2:
                break
            ids.append(token)
    return ids


def main():
    quipu, run, folder, *metas = sys.argv[1:]
    command = [quipu, "generate", run, "--prompt", PROMPT, "--max-tokens", str(COUNT)]
    ours = subprocess.run(command, check=True, capture_output=True, text=True).stdout[:-1]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    # Quipu begins a text with the end of the one before it, as the shards do.
    start = [2] + tokenizer(PROMPT, add_special_tokens=False).input_ids
    readers = {"transformers": lambda ids: model(ids).logits}
    for meta in metas:
        sizes, tensors = meta_model.load(meta)
        readers["meta"] = lambda ids: meta_model.logits(sizes, tensors, ids)
    print(f"{'ours':12} {ours!r}")
    isRight = True
    for name, logits in readers.items():
        ids = greedy(start, logits)
        theirs = tokenizer.decode(ids[1:], skip_special_tokens=False)
        print(f"{name:12} {theirs!r}")
        isRight = isRight and ours == theirs
    return 0 if isRight else "error: the continuations differ"


sys.exit(main())
