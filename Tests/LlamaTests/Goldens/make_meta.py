"""Writes the Meta fixtures of LlamaTests: a random model as torch.save writes it, in one part and in two.

Run `python3 make_meta.py` in this folder, with torch and safetensors installed. `meta1` and `meta2` hold
one model: f16 gains, bf16 and f32 matrices; two tensors share a storage, one is transposed, angles are
there that nobody needs, the vocabulary is -1. `meta.safetensors` has `ids` and the `logits` of the
forward pass in Scripts/meta_model.py.
"""

import json
import os
import sys
from collections import OrderedDict

import torch
from safetensors.torch import save_file

sys.path.insert(0, "../../../Scripts")
import meta_model

DIM, HEADS, GROUPS, HIDDEN, VOCABULARY, LAYERS = 16, 4, 2, 24, 20, 2
torch.manual_seed(7)


def matrix(rows, columns):
    # Numbers that bf16 holds: the types below change nothing.
    return (torch.randn(rows, columns) / 4).bfloat16()


def gain():
    return (1 + torch.randn(DIM) / 8).half()


whole = OrderedDict()
whole["tok_embeddings.weight"] = matrix(VOCABULARY, DIM)
whole["norm.weight"] = gain()
whole["output.weight"] = matrix(VOCABULARY, DIM).float()
for layer in range(LAYERS):
    at = f"layers.{layer}."
    width = DIM // HEADS
    for name, rows, columns in (
        ("attention.wq", DIM, DIM), ("attention.wk", GROUPS * width, DIM),
        ("attention.wv", GROUPS * width, DIM), ("attention.wo", DIM, DIM),
        ("feed_forward.w1", HIDDEN, DIM), ("feed_forward.w2", DIM, HIDDEN),
        ("feed_forward.w3", HIDDEN, DIM),
    ):
        whole[f"{at}{name}.weight"] = matrix(rows, columns)
    whole[f"{at}attention_norm.weight"] = gain()
    whole[f"{at}ffn_norm.weight"] = gain()
    whole[f"{at}attention.inner_attention.rope.freqs"] = torch.rand(width // 2)

sizes = {
    "dim": DIM, "multiple_of": 8, "n_heads": HEADS, "n_kv_heads": GROUPS, "n_layers": LAYERS,
    "norm_eps": 1e-06, "vocab_size": -1,
}
for parts in (1, 2):
    folder = f"meta{parts}"
    os.makedirs(folder, exist_ok=True)
    json.dump(sizes, open(f"{folder}/params.json", "w"))
    for part in range(parts):
        state = OrderedDict()
        for name, value in whole.items():
            if value.dim() > 1:
                axis = 1 if name.endswith(meta_model.COLUMNS) else 0
                value = value.chunk(parts, axis)[part].clone()
            state[name] = value
        first, second = (f"layers.1.feed_forward.{name}.weight" for name in ("w1", "w3"))
        both = torch.cat((state[first], state[second]))
        state[first], state[second] = both.chunk(2)
        name = "layers.0.attention.wo.weight"
        state[name] = state[name].t().contiguous().t()
        state._metadata = OrderedDict({"": {"version": 1}})
        torch.save(state, f"{folder}/consolidated.{part:02}.pth")
ids = torch.randint(VOCABULARY, (2, 11))
logits = meta_model.logits(*meta_model.load("meta2"), ids)
assert torch.equal(logits, meta_model.logits(*meta_model.load("meta1"), ids))
save_file({"ids": ids.int(), "logits": logits.contiguous()}, "meta.safetensors")
print(f"largest logit {logits.abs().max():.3f}")
