#!/usr/bin/env python3
"""Trains the tiny model of TrainerTests with PyTorch; its losses are the goldens of TorchTests.swift.

Usage: torch-training.py [--steps 200] [--clip 1.0] [--double]
Prints every step's loss and gradient norm (before clipping), as Swift arrays.

Everything is written down again from the documents, not shared with Quipu: the weights' generator
(Gaussian.swift), the order of sequences (Docs/Formats/shards.md, "The order of training"), the schedule.
"""

import argparse
import math

import torch
import torch.nn.functional as F

from training_recipe import MASK, learning_rate, place, scatter

VOCABULARY, DIM, LAYERS, HEADS, HIDDEN, CONTEXT = 64, 16, 2, 2, 32, 16
BATCH, PEAK, WARM_UP, SEED = 4, 1e-2, 3, 5
TOKENS = [(i % 13 * 5 + i % 7 * 3) % 61 + 3 for i in range(2000)]


def gaussian(stream, count):
    """Marsaglia's polar method on SplitMix64; a point gives two numbers."""
    seed = scatter(SEED ^ scatter((stream + 0x9E3779B97F4A7C15) & MASK))
    numbers = []
    for point in range((count + 1) // 2):
        state = scatter((seed + point) & MASK)
        while True:
            pair = []
            for _ in range(2):
                state = (state + 0x9E3779B97F4A7C15) & MASK
                pair.append((scatter(state) >> 11) * 2.0**-52 - 1)
            s = pair[0] ** 2 + pair[1] ** 2
            if 0 < s < 1:
                break
        factor = math.sqrt(-2 * math.log(s) / s)
        numbers += [pair[0] * factor, pair[1] * factor]
    return numbers[:count]


def shapes():
    yield "embedding", (VOCABULARY, DIM)
    for layer in range(LAYERS):
        yield f"{layer}.norm1", (DIM,)
        for name in "qkvo":
            yield f"{layer}.{name}", (DIM, DIM)
        yield f"{layer}.norm2", (DIM,)
        yield f"{layer}.gate", (HIDDEN, DIM)
        yield f"{layer}.up", (HIDDEN, DIM)
        yield f"{layer}.down", (DIM, HIDDEN)
    yield "norm", (DIM,)
    yield "head", (VOCABULARY, DIM)


def parameters(dtype):
    made = {}
    for number, (name, shape) in enumerate(shapes()):
        if len(shape) == 1:
            value = torch.ones(shape)
        else:
            writes = name.endswith((".o", ".down"))
            deviation = 0.02 / math.sqrt(2 * LAYERS) if writes else 0.02
            numbers = [x * deviation for x in gaussian(number, math.prod(shape))]
            # Rounded to f32 in either case: the weights are the same.
            value = torch.tensor(numbers, dtype=torch.float64).float().reshape(shape)
        made[name] = value.to(dtype).requires_grad_()
    return made


def rms(x, gain):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * gain


def rotate(x, cosine, sine):
    half = x.shape[-1] // 2
    return x * cosine + torch.cat((-x[..., half:], x[..., :half]), -1) * sine


def logits(p, ids, dtype):
    D = DIM // HEADS
    frequencies = 10_000.0 ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = torch.outer(torch.arange(CONTEXT, dtype=torch.float64), frequencies).repeat(1, 2)
    cosine, sine = angles.cos().to(dtype), angles.sin().to(dtype)
    x = p["embedding"][ids]
    split = lambda t: t.view(len(ids), CONTEXT, HEADS, D).transpose(1, 2)
    for i in range(LAYERS):
        y = rms(x, p[f"{i}.norm1"])
        q, k, v = (split(y @ p[f"{i}.{name}"].T) for name in "qkv")
        a = F.scaled_dot_product_attention(
            rotate(q, cosine, sine), rotate(k, cosine, sine), v, is_causal=True
        )
        x = x + a.transpose(1, 2).reshape(len(ids), CONTEXT, DIM) @ p[f"{i}.o"].T
        y = rms(x, p[f"{i}.norm2"])
        x = x + (F.silu(y @ p[f"{i}.gate"].T) * (y @ p[f"{i}.up"].T)) @ p[f"{i}.down"].T
    return rms(x, p["norm"]) @ p["head"].T


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--clip", type=float, default=1.0)
    parser.add_argument("--double", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    dtype = torch.float64 if options.double else torch.float32
    p = parameters(dtype)
    optimizer = torch.optim.AdamW(
        [
            {"params": [v for v in p.values() if v.dim() > 1], "weight_decay": 0.1},
            {"params": [v for v in p.values() if v.dim() == 1], "weight_decay": 0.0},
        ],
        betas=(0.9, 0.95), eps=1e-8,
    )
    losses, norms = [], []
    for step in range(1, options.steps + 1):
        rate = learning_rate(step, options.steps, WARM_UP, PEAK, 0.1)
        for group in optimizer.param_groups:
            group["lr"] = rate
        samples = range((step - 1) * BATCH, step * BATCH)
        starts = [place(g, (len(TOKENS) - 1) // CONTEXT, SEED) * CONTEXT for g in samples]
        rows = torch.tensor([TOKENS[s : s + CONTEXT + 1] for s in starts])
        optimizer.zero_grad()
        loss = F.cross_entropy(
            logits(p, rows[:, :-1], dtype).reshape(-1, VOCABULARY), rows[:, 1:].reshape(-1)
        )
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(p.values(), options.clip)
        optimizer.step()
        losses.append(f"{loss.item():.8f}")
        norms.append(f"{norm.item():.5f}")
    for name, numbers in ("losses", losses), ("norms", norms):
        print(f"  static let {name} = [")
        for first in range(0, len(numbers), 10):
            print("    " + ", ".join(numbers[first : first + 10]) + ",")
        print("  ]")
    print(f"// torch {torch.__version__}")


main()
