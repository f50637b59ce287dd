"""PyTorch's side of Scripts/bench-train.sh: the same model, batch and step as `quipu bench train`.

  bench-train.py --precision f32|bf16 --threads N --steps N   one run, printed as a line of JSON
  bench-train.py --table < RUNS                               the table of all runs
"""

import argparse
import collections
import json
import resource
import statistics
import sys
import time

DIM, LAYERS, HEADS, HIDDEN, CONTEXT, VOCABULARY, BATCH = 256, 6, 8, 688, 256, 32_000, 8


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def run(precision, threads, steps):
    import torch
    from torch import nn
    from torch.nn import functional

    torch.set_num_threads(threads)
    torch.manual_seed(1)

    def linear(inputs, outputs):
        return nn.Linear(inputs, outputs, bias=False)

    frequencies = 10_000 ** (-torch.arange(0, DIM // HEADS, 2) / (DIM // HEADS))
    angles = torch.arange(CONTEXT)[:, None] * frequencies
    cosines, sines = angles.cos().repeat(1, 2), angles.sin().repeat(1, 2)

    def turn(x):
        low, high = x.chunk(2, dim=-1)
        turned = torch.cat((-high, low), dim=-1)
        return x * cosines.to(x.dtype) + turned * sines.to(x.dtype)

    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention_norm = nn.RMSNorm(DIM, eps=1e-6)
            self.feed_norm = nn.RMSNorm(DIM, eps=1e-6)
            self.mixed, self.output = linear(DIM, 3 * DIM), linear(DIM, DIM)
            self.gate_up, self.down = linear(DIM, 2 * HIDDEN), linear(HIDDEN, DIM)

        def forward(self, x):
            mixed = self.mixed(self.attention_norm(x)).view(BATCH, CONTEXT, 3, HEADS, DIM // HEADS)
            q, k, v = mixed.permute(2, 0, 3, 1, 4)
            y = functional.scaled_dot_product_attention(turn(q), turn(k), v, is_causal=True)
            x = x + self.output(y.transpose(1, 2).reshape(BATCH, CONTEXT, DIM))
            gate, up = self.gate_up(self.feed_norm(x)).chunk(2, dim=-1)
            return x + self.down(functional.silu(gate) * up)

    model = nn.Sequential(
        nn.Embedding(VOCABULARY, DIM),
        *(Layer() for _ in range(LAYERS)),
        nn.RMSNorm(DIM, eps=1e-6),
        linear(DIM, VOCABULARY),
    )
    for parameter in model.parameters():
        if parameter.dim() > 1:
            nn.init.normal_(parameter, std=0.02)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=3e-4, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    inputs = torch.randint(VOCABULARY, (BATCH, CONTEXT))
    targets = torch.randint(VOCABULARY, (BATCH, CONTEXT))

    def step():
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            logits = model(inputs)
        loss = functional.cross_entropy(logits.float().view(-1, VOCABULARY), targets.view(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.item()

    step()
    wall, cpu = [], []
    for _ in range(steps):
        start, busy = time.monotonic(), processor_seconds()
        loss = step()
        wall.append(BATCH * CONTEXT / (time.monotonic() - start))
        cpu.append(BATCH * CONTEXT / (processor_seconds() - busy))
    print(json.dumps({
        "wall": statistics.median(wall), "cpu": statistics.median(cpu), "loss": loss,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        "parameters": sum(p.numel() for p in model.parameters()), "torch": torch.__version__,
    }))


def median(numbers):
    return f"{statistics.median(numbers):.0f} ({min(numbers):.0f} to {max(numbers):.0f})"


def table(lines):
    """Each line: whose, precision, threads, JSON."""
    runs = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in lines:
        whose, precision, threads, text = line.split(maxsplit=3)
        found = json.loads(text)
        if whose == "quipu":
            figures = {row["figure"]: row["value"] for row in found}
            found = {
                "wall": figures["tokens a second"], "cpu": figures["tokens a CPU-second"],
                "memory": figures["peak resident MB"],
            }
        for figure in ("wall", "cpu", "memory"):
            runs[precision, threads, figure][whose].append(found[figure])
    names = {"wall": "tokens a second", "cpu": "tokens a CPU-second", "memory": "peak MB"}
    print("| products | threads | figure | Quipu | PyTorch | ratio |\n|---|---|---|---|---|---|")
    for (precision, threads, figure), found in runs.items():
        ours, theirs = found["quipu"], found["torch"]
        ratio = statistics.median(ours) / statistics.median(theirs)
        print(f"| {precision} | {threads} | {names[figure]} | {median(ours)} | {median(theirs)} "
              f"| {ratio:.2f} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--precision", choices=("f32", "bf16"), default="f32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--table", action="store_true")
    arguments = parser.parse_args()
    if arguments.table:
        table(sys.stdin)
    else:
        run(arguments.precision, arguments.threads, arguments.steps)


main()
