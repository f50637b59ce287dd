"""A LLaMA as Meta's checkpoints mean it, written from the paper: neighbours are rotated, parts are cut.

`load(folder)` joins the parts that torch reads with weights_only; `logits(...)` is the forward pass in f32.
"""

import glob
import json

import torch

COLUMNS = ("wo.weight", "w2.weight", "tok_embeddings.weight")


def load(folder):
    """The sizes and the whole tensors, f32."""
    sizes = json.load(open(f"{folder}/params.json"))
    parts = [
        torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        for path in sorted(glob.glob(f"{folder}/consolidated.*.pth"))
    ]
    tensors = {}
    for name in parts[0]:
        pieces = [part[name].float() for part in parts]
        if pieces[0].dim() == 1:
            tensors[name] = pieces[0]
        else:
            tensors[name] = torch.cat(pieces, 1 if name.endswith(COLUMNS) else 0)
    return sizes, tensors


def norm(x, gain, epsilon):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + epsilon) * gain


def rotate(x, turns):
    """x: batch, length, heads, channels; neighbouring channels are one complex number."""
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2).contiguous())
    return torch.view_as_real(pairs * turns[:, None, :]).flatten(3)


@torch.no_grad()
def logits(sizes, tensors, ids):
    heads = sizes["n_heads"]
    groups = sizes.get("n_kv_heads") or heads
    width, length = sizes["dim"] // heads, ids.shape[1]
    frequencies = sizes.get("rope_theta", 10_000.0) ** (-torch.arange(0, width, 2).float() / width)
    angles = torch.outer(torch.arange(length).float(), frequencies)
    turns = torch.polar(torch.ones_like(angles), angles)
    mask = torch.full((length, length), float("-inf")).triu(1)
    x = tensors["tok_embeddings.weight"][ids]
    for layer in range(sizes["n_layers"]):
        w = {k.removeprefix(f"layers.{layer}."): v for k, v in tensors.items()}
        y = norm(x, w["attention_norm.weight"], sizes["norm_eps"])
        q, k, v = (
            (y @ w[f"attention.{name}.weight"].T).view(*ids.shape, -1, width)
            for name in ("wq", "wk", "wv")
        )
        k, v = (t.repeat_interleave(heads // groups, 2) for t in (rotate(k, turns), v))
        q, k, v = (t.transpose(1, 2) for t in (rotate(q, turns), k, v))
        weights = (q @ k.transpose(2, 3) / width**0.5 + mask).softmax(-1)
        x = x + (weights @ v).transpose(1, 2).flatten(2) @ w["attention.wo.weight"].T
        y = norm(x, w["ffn_norm.weight"], sizes["norm_eps"])
        gate = torch.nn.functional.silu(y @ w["feed_forward.w1.weight"].T)
        x = x + (gate * (y @ w["feed_forward.w3.weight"].T)) @ w["feed_forward.w2.weight"].T
    return norm(x, tensors["norm.weight"], sizes["norm_eps"]) @ tensors["output.weight"].T
