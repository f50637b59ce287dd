#!/usr/bin/env python3
"""PyTorch's side of Scripts/gpu-check.sh: the same model, batch and step as `gpu-check train`.

  gpu-torch.py 1b|7b|tiny SEQUENCES LENGTH STEPS [--device cuda|cpu]    one run, printed as a line with tabs
"""

import argparse
import statistics
import time

import torch
from torch import nn

from torch_llama import Model, Sizes, Training

MODELS = {
    "1b": (2048, 22, 16, 5632),
    "7b": (4096, 32, 32, 11_008),
    "tiny": (256, 2, 2, 688),  # only shows that this program works
}
VOCABULARY = 32_000
PEAK = 989e12  # dense bf16 of an H100 or H200, by NVIDIA's datasheet


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", choices=MODELS)
    for number in "sequences", "length", "steps":
        parser.add_argument(number, type=int)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    options = parser.parse_args()
    sequences, length = options.sequences, options.length
    dim, layers, heads, hidden = MODELS[options.name]

    torch.manual_seed(1)
    torch.set_float32_matmul_precision("high")
    sizes = Sizes(dim, layers, heads, hidden, VOCABULARY, length)
    with torch.device(options.device):
        model = Model(sizes, torch.bfloat16)
        tokens = torch.randint(VOCABULARY, (sequences, length))
        targets = torch.randint(VOCABULARY, (sequences, length))
    for parameter in model.parameters():
        if parameter.dim() > 1:
            nn.init.normal_(parameter, std=0.02)
    training = Training(model, rate=3e-4)

    times, losses = [], []
    for _ in range(3 + options.steps):  # the first three compile and choose
        start = time.monotonic()
        losses.append(training.step(tokens, targets).item())  # waits for the device
        if options.device == "cuda":
            torch.cuda.synchronize()
        times.append(time.monotonic() - start)
    rate = sequences * length / statistics.median(times[3:])
    count = sum(parameter.numel() for parameter in model.parameters())
    weights = count - VOCABULARY * dim - (2 * layers + 1) * dim
    attention = 6 * layers * dim * length  # causal: half the square
    free = torch.cuda.mem_get_info()[0] if options.device == "cuda" else 0
    print(
        "TRAIN", options.name, f"{count} parameters", f"B{sequences} S{length}", "recompute none",
        f"{int(rate)} tokens/s", f"MFU {100 * (6 * weights + attention) * rate / PEAK:.1f} %",
        f"MFU with whole attention {100 * (6 * weights + 2 * attention) * rate / PEAK:.1f} %",
        f"{free >> 20} MiB free", f"losses {losses[0]:.3f} {losses[-1]:.3f}",
        sep="\t",
    )


main()
