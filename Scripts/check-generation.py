#!/usr/bin/env python3
"""Checks that transformers loads an exported model with its tokenizer and goes on with a text as
Quipu does, greedily.

Usage: check-generation.py QUIPU RUN MODEL. Skipped where transformers or torch is absent.
"""
import subprocess
import sys

try:
    import torch
    from transformers import AutoTokenizer, LlamaForCausalLM
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(0)

PROMPT, COUNT = "The history of", 24


def main():
    quipu, run, folder = sys.argv[1:]
    command = [quipu, "generate", run, "--prompt", PROMPT, "--max-tokens", str(COUNT)]
    ours = subprocess.run(command, check=True, capture_output=True, text=True).stdout[:-1]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    # Quipu begins a text with the end of the one before it, as the shards do.
    ids = [2] + tokenizer(PROMPT, add_special_tokens=False).input_ids
    start = len(ids)
    with torch.no_grad():
        while len(ids) < start + COUNT:
            token = int(model(torch.tensor([ids])).logits[0, -1].argmax())
            if token == 2:
                break
            ids.append(token)
    theirs = tokenizer.decode(ids[1:], skip_special_tokens=False)
    print(f"ours   {ours!r}\ntheirs {theirs!r}")
    return 0 if ours == theirs else "error: the continuations differ"


sys.exit(main())
