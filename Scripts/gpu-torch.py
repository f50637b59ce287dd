"""PyTorch's side of Scripts/gpu-check.sh: the same model, batch and step as `gpu-check train`.

  gpu-torch.py 1b|7b SEQUENCES LENGTH STEPS    one run, printed as a line with tabs

torch.compile, scaled_dot_product_attention, bf16 by autocast on f32 weights, fused AdamW, clipping.
"""

import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional

name, sequences, length, steps = sys.argv[1], *map(int, sys.argv[2:5])
DIM, LAYERS, HEADS, HIDDEN = {"1b": (2048, 22, 16, 5632), "7b": (4096, 32, 32, 11_008)}[name]
VOCABULARY, PEAK = 32_000, 989e12

torch.manual_seed(1)
torch.set_float32_matmul_precision("high")


def linear(inputs, outputs):
    return nn.Linear(inputs, outputs, bias=False)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_norm = nn.RMSNorm(DIM, eps=1e-6)
        self.feed_norm = nn.RMSNorm(DIM, eps=1e-6)
        self.mixed, self.output = linear(DIM, 3 * DIM), linear(DIM, DIM)
        self.gate_up, self.down = linear(DIM, 2 * HIDDEN), linear(HIDDEN, DIM)

    def forward(self, x, cosines, sines):
        def turn(x):
            low, high = x.chunk(2, dim=-1)
            return x * cosines + torch.cat((-high, low), dim=-1) * sines

        mixed = self.mixed(self.attention_norm(x)).view(sequences, length, 3, HEADS, DIM // HEADS)
        q, k, v = mixed.permute(2, 0, 3, 1, 4)
        y = functional.scaled_dot_product_attention(turn(q), turn(k), v, is_causal=True)
        x = x + self.output(y.transpose(1, 2).reshape(sequences, length, DIM))
        gate, up = self.gate_up(self.feed_norm(x)).chunk(2, dim=-1)
        return x + self.down(functional.silu(gate) * up)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, DIM)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm, self.head = nn.RMSNorm(DIM, eps=1e-6), linear(DIM, VOCABULARY)
        frequencies = 10_000 ** (-torch.arange(0, DIM // HEADS, 2) / (DIM // HEADS))
        angles = torch.arange(length)[:, None] * frequencies
        self.register_buffer("cosines", angles.cos().repeat(1, 2).bfloat16())
        self.register_buffer("sines", angles.sin().repeat(1, 2).bfloat16())

    def forward(self, tokens, targets):
        x = self.embedding(tokens).bfloat16()
        for layer in self.layers:
            x = layer(x, self.cosines, self.sines)
        logits = self.head(self.norm(x)).float()
        return functional.cross_entropy(logits.view(-1, VOCABULARY), targets.view(-1))


with torch.device("cuda"):
    model = Model()
    tokens = torch.randint(VOCABULARY, (sequences, length))
    targets = torch.randint(VOCABULARY, (sequences, length))
for parameter in model.parameters():
    if parameter.dim() > 1:
        nn.init.normal_(parameter, std=0.02)
optimizer = torch.optim.AdamW(
    model.parameters(), lr=3e-4, betas=(0.9, 0.95), weight_decay=0.1, fused=True
)
compiled = torch.compile(model)


def step():
    with torch.autocast("cuda", torch.bfloat16):
        loss = compiled(tokens, targets)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss.item()


for _ in range(3):
    step()
times, losses = [], []
for _ in range(steps):
    torch.cuda.synchronize()
    start = time.monotonic()
    losses.append(step())
    torch.cuda.synchronize()
    times.append(time.monotonic() - start)
rate = sequences * length / statistics.median(times)
count = sum(parameter.numel() for parameter in model.parameters())
weights = count - VOCABULARY * DIM - (2 * LAYERS + 1) * DIM
causal = 6 * weights + 6 * LAYERS * DIM * length
whole = causal + 6 * LAYERS * DIM * length
print(
    "torch", name, f"{count} parameters", f"B{sequences} S{length}", "recompute none",
    f"{int(rate)} tokens/s", f"MFU {100 * causal * rate / PEAK:.1f} %",
    f"MFU with whole attention {100 * whole * rate / PEAK:.1f} %",
    f"{torch.cuda.mem_get_info()[0] >> 20} MiB free", f"losses {losses[0]:.3f} {losses[-1]:.3f}",
    sep="\t",
)
