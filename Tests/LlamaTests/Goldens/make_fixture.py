"""Writes the fixtures of LlamaTests: small random models with what transformers makes of them.

Run `python3 make_fixture.py` in this folder, with torch, transformers and safetensors installed.
Each file has the parameters under their own names, their gradients under `grad.<name>`, and `ids`
(batch, length + 1), `logits` (batch, length, vocabulary) and `loss` (mean over all targets).
"""

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM


def make(file, seed, batch, length, **sizes):
    torch.manual_seed(seed)
    config = LlamaConfig(
        rms_norm_eps=1e-5, tie_word_embeddings=False, attention_bias=False, mlp_bias=False, **sizes
    )
    model = LlamaForCausalLM(config).float()
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn_like(parameter)
            # Gains away from 1, or a wrong use of them would pass.
            parameter.copy_(0.05 * noise if parameter.dim() > 1 else 1 + 0.1 * noise)
    ids = torch.randint(config.vocab_size, (batch, length + 1))
    logits = model(ids[:, :-1]).logits
    loss = torch.nn.functional.cross_entropy(
        logits.reshape(-1, config.vocab_size), ids[:, 1:].reshape(-1)
    )
    loss.backward()
    tensors = {name: value.detach().contiguous() for name, value in model.named_parameters()}
    for name, value in model.named_parameters():
        tensors["grad." + name] = value.grad.contiguous()
    tensors["ids"] = ids.to(torch.int32)
    tensors["logits"] = logits.detach().contiguous()
    tensors["loss"] = loss.detach().reshape(1)
    save_file(tensors, file)
    print(file, f"loss {loss.item():.6f}")


make(
    "grouped.safetensors", 1, batch=2, length=32, vocab_size=512, hidden_size=64,
    intermediate_size=176, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=64,
)
make(
    "multihead.safetensors", 2, batch=1, length=13, vocab_size=61, hidden_size=24,
    intermediate_size=40, num_hidden_layers=1, num_attention_heads=3, num_key_value_heads=3,
    max_position_embeddings=16,
)
