"""A LLaMA and its training step as one writes them for speed in PyTorch: torch.compile,
scaled_dot_product_attention, fused AdamW, weights in f32, products in bf16 by autocast, clipping."""

import contextlib
import dataclasses

import torch
from torch import nn
from torch.nn import functional


@dataclasses.dataclass(frozen=True)
class Sizes:
    dim: int
    layers: int
    heads: int
    hidden: int
    vocabulary: int
    length: int
    epsilon: float = 1e-6
    theta: float = 10_000.0


def linear(inputs, outputs):
    return nn.Linear(inputs, outputs, bias=False)


class Layer(nn.Module):
    """Rotates halves, as Hugging Face's layout does; one product makes q, k and v, one gate and up."""

    def __init__(self, sizes):
        super().__init__()
        dim, hidden = sizes.dim, sizes.hidden
        self.heads = sizes.heads
        self.attention_norm = nn.RMSNorm(dim, eps=sizes.epsilon)
        self.feed_norm = nn.RMSNorm(dim, eps=sizes.epsilon)
        self.mixed, self.output = linear(dim, 3 * dim), linear(dim, dim)
        self.gate_up, self.down = linear(dim, 2 * hidden), linear(hidden, dim)

    def forward(self, x, cosines, sines):
        def turn(x):
            low, high = x.chunk(2, dim=-1)
            return x * cosines + torch.cat((-high, low), dim=-1) * sines

        sequences, length, dim = x.shape
        mixed = self.mixed(self.attention_norm(x))
        mixed = mixed.view(sequences, length, 3, self.heads, dim // self.heads)
        q, k, v = mixed.permute(2, 0, 3, 1, 4)
        y = functional.scaled_dot_product_attention(turn(q), turn(k), v, is_causal=True)
        x = x + self.output(y.transpose(1, 2).reshape(sequences, length, dim))
        gate, up = self.gate_up(self.feed_norm(x)).chunk(2, dim=-1)
        return x + self.down(functional.silu(gate) * up)


class Model(nn.Module):
    """Gives the mean loss of a batch; `kind` is the type of what flows between layers."""

    def __init__(self, sizes, kind):
        super().__init__()
        self.kind = kind
        self.embedding = nn.Embedding(sizes.vocabulary, sizes.dim)
        self.layers = nn.ModuleList(Layer(sizes) for _ in range(sizes.layers))
        self.norm = nn.RMSNorm(sizes.dim, eps=sizes.epsilon)
        self.head = linear(sizes.dim, sizes.vocabulary)
        width = sizes.dim // sizes.heads
        frequencies = sizes.theta ** (-torch.arange(0, width, 2).double() / width)
        angles = torch.arange(sizes.length)[:, None] * frequencies
        self.register_buffer("cosines", angles.cos().repeat(1, 2).to(kind))
        self.register_buffer("sines", angles.sin().repeat(1, 2).to(kind))

    def forward(self, tokens, targets):
        x = self.embedding(tokens).to(self.kind)
        for layer in self.layers:
            x = layer(x, self.cosines, self.sines)
        logits = self.head(self.norm(x))
        if self.kind == torch.bfloat16:
            logits = logits.float()
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


class Training:
    """A model, its optimizer and one step; `compiles` says whether torch.compile makes it fast."""

    def __init__(
        self, model, rate, betas=(0.9, 0.95), epsilon=1e-8, decay=0.1, clip=1.0, compiles=True
    ):
        self.model, self.clip = model, clip
        self.forward = torch.compile(model) if compiles else model
        parameters = list(model.parameters())
        self.device = parameters[0].device.type
        self.optimizer = torch.optim.AdamW(
            [
                {"params": [p for p in parameters if p.dim() > 1], "weight_decay": decay},
                {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0.0},
            ],
            lr=rate, betas=betas, eps=epsilon, fused=True,
        )

    def step(self, tokens, targets, rate=None):
        """The loss before the update, a number that is still on the device."""
        if rate is not None:
            for group in self.optimizer.param_groups:
                group["lr"] = rate
        mixed = self.model.kind == torch.bfloat16
        with torch.autocast(self.device, torch.bfloat16) if mixed else contextlib.nullcontext():
            loss = self.forward(tokens, targets)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.detach()
