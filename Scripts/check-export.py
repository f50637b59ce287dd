#!/usr/bin/env python3
"""Checks that transformers reads an exported model and continues a prompt as Quipu does.

Usage: check-export.py FOLDER PROMPT EXPECTED, both lists of token ids with commas between them.
Exits with 0 where the greedy continuations are equal, 1 where not, 77 where transformers is absent.
"""

import sys

try:
    import torch
    from transformers import LlamaForCausalLM
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)


def main():
    folder, prompt, expected = sys.argv[1:]
    ids = [int(token) for token in prompt.split(",")]
    expected = [int(token) for token in expected.split(",")]
    model, report = LlamaForCausalLM.from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True
    )
    problems = {key: value for key, value in report.items() if value}
    if problems:
        print(f"transformers complains: {problems}")
        return 1
    found = []
    with torch.no_grad():
        for _ in expected:
            token = int(model(torch.tensor([ids])).logits[0, -1].argmax())
            ids.append(token)
            found.append(token)
    print(f"expected {expected}\nfound    {found}")
    return 0 if found == expected else 1


sys.exit(main())
