#!/usr/bin/env python3
"""Checks the logits of one model in three readings: Quipu's, transformers' and a Meta-style forward.

Usage: check-layouts.py EXPECTED HUGGINGFACE META [META ...]. EXPECTED is a safetensors file with `ids`
(batch, length; as f32) and Quipu's `logits`; the rest are folders that Quipu exported. Exits with 0 where
all are within 1e-5, 1 where not, 77 where transformers is absent.
"""

import sys

try:
    import torch
    from safetensors.torch import load_file
    from transformers import LlamaForCausalLM
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

import meta_model


def main():
    expected, hugging_face, *metas = sys.argv[1:]
    expected = load_file(expected)
    ids, ours = expected["ids"].long(), expected["logits"]
    model, report = LlamaForCausalLM.from_pretrained(
        hugging_face, dtype=torch.float32, output_loading_info=True
    )
    problems = {key: value for key, value in report.items() if value}
    if problems:
        print(f"transformers complains: {problems}")
        return 1
    with torch.no_grad():
        found = {"transformers": model(ids).logits}
    for folder in metas:
        found[folder.split("/")[-1]] = meta_model.logits(*meta_model.load(folder), ids)
    isRight = True
    for name, logits in found.items():
        furthest = (logits - ours).abs().max().item()
        print(f"{name}: logits of {tuple(ours.shape)}, largest {ours.abs().max():.2f}; off by {furthest:.1e}")
        isRight = isRight and furthest < 1e-5
    return 0 if isRight else 1


sys.exit(main())
