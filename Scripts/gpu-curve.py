#!/usr/bin/env python3
"""Compares the losses of `quipu train` with PyTorch's: one model, the same tokens, the same first weights.

  gpu-curve.py --quipu PROGRAM --model MANIFEST --data FOLDER/shards --output FOLDER [--device cuda|cpu]

PyTorch trains four times: compiled, compiled with every batch's sequences in reverse, not compiled, and in
64-bit numbers. The first three compute the same in another order of sums and roundings; the fourth is what they
round. Losses are smoothed over ten steps, and the distance of two curves is the largest difference, and the
mean. Quipu's curve may be as far from the fourth as the furthest of the first three is, or be as near to one of
the three as they are to each other: then it is one more order of the same sums.
Prints rows of Scripts/gpu-check.sh's table, and writes all curves to FOLDER/curves.tsv.
"""

import argparse
import glob
import itertools
import json
import math
import os
import re
import shutil
import struct
import subprocess
import time

import numpy
import torch

from torch_llama import Model, Sizes, Training
from training_recipe import learning_rate, place

WINDOW = 10
PARTS = ["q_proj", "k_proj", "v_proj", "o_proj"], ["gate_proj", "up_proj", "down_proj"]


def settings(manifest):
    """The manifest's keys and values, which no two of its sections share."""
    found = re.findall(r"^ *([a-z-]+): *([^#\n]*[^#\s])", open(manifest).read(), re.MULTILINE)
    return {key: json.loads(value) if value[0] in "[0123456789" else value for key, value in found}


def first_weights(sizes):
    """Hugging Face's names; matrices as GPT-2's, those that write into the residual smaller."""
    generator = torch.Generator().manual_seed(1)
    writes = 0.02 / math.sqrt(2 * sizes.layers)

    def matrix(rows, columns, deviation=0.02):
        return torch.randn(rows, columns, generator=generator) * deviation

    dim, hidden, gain = sizes.dim, sizes.hidden, torch.ones(sizes.dim)
    weights = {"model.embed_tokens.weight": matrix(sizes.vocabulary, dim)}
    for i in range(sizes.layers):
        layer = f"model.layers.{i}."
        weights[layer + "input_layernorm.weight"] = gain
        weights[layer + "post_attention_layernorm.weight"] = gain
        for name in PARTS[0]:
            deviation = writes if name == "o_proj" else 0.02
            weights[f"{layer}self_attn.{name}.weight"] = matrix(dim, dim, deviation)
        for name in PARTS[1][:2]:
            weights[f"{layer}mlp.{name}.weight"] = matrix(hidden, dim)
        weights[layer + "mlp.down_proj.weight"] = matrix(dim, hidden, writes)
    weights["model.norm.weight"] = gain
    weights["lm_head.weight"] = matrix(sizes.vocabulary, dim)
    return weights


def export(weights, sizes, folder):
    """A folder in Hugging Face's layout, for `quipu train --init`."""
    os.makedirs(folder, exist_ok=True)
    header, end = {}, 0
    for name, tensor in weights.items():
        start, end = end, end + 4 * tensor.numel()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    with open(f"{folder}/model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in weights.values():
            file.write(tensor.numpy().astype("<f4").tobytes())
    config = dict(
        model_type="llama", architectures=["LlamaForCausalLM"], hidden_size=sizes.dim,
        num_hidden_layers=sizes.layers, num_attention_heads=sizes.heads,
        num_key_value_heads=sizes.heads, intermediate_size=sizes.hidden,
        max_position_embeddings=sizes.length, vocab_size=sizes.vocabulary,
        rms_norm_eps=sizes.epsilon, rope_theta=sizes.theta, tie_word_embeddings=False,
        hidden_act="silu", torch_dtype="float32",
    )
    json.dump(config, open(f"{folder}/config.json", "w"))


def load(model, weights):
    def joined(layer, names):
        return torch.cat([weights[f"{layer}{name}.weight"] for name in names])

    state = {
        "embedding.weight": weights["model.embed_tokens.weight"],
        "norm.weight": weights["model.norm.weight"], "head.weight": weights["lm_head.weight"],
    }
    for i in range(len(model.layers)):
        theirs, ours = f"model.layers.{i}.", f"layers.{i}."
        state |= {
            ours + "attention_norm.weight": weights[theirs + "input_layernorm.weight"],
            ours + "feed_norm.weight": weights[theirs + "post_attention_layernorm.weight"],
            ours + "mixed.weight": joined(theirs + "self_attn.", PARTS[0][:3]),
            ours + "output.weight": joined(theirs + "self_attn.", PARTS[0][3:]),
            ours + "gate_up.weight": joined(theirs + "mlp.", PARTS[1][:2]),
            ours + "down.weight": joined(theirs + "mlp.", PARTS[1][2:]),
        }
    model.load_state_dict(state, strict=False)  # the tables of angles are its own


def quipu(options, recipe, weights, sizes):
    """The loss of each step."""
    initial, run = f"{options.output}/first", f"{options.output}/quipu"
    export(weights, sizes, initial)
    shutil.rmtree(run, ignore_errors=True)
    subprocess.run(
        [options.quipu, "train", options.model, "--data", options.data, "--output", run]
        + ["--init", initial, "--device", options.device, "--checkpoint-every", "100000"]
        + ["--steps", str(recipe["steps"]), "--quiet"],
        check=True,
    )
    lines = [json.loads(line) for line in open(f"{run}/metrics.jsonl")]
    return [line["loss"] for line in lines if "loss" in line]


def pytorch(options, recipe, weights, sizes, batches):
    """The losses of each way to compute the same, and of the exact one."""
    kind = torch.float32 if options.device == "cpu" else torch.bfloat16
    with torch.device(options.device):
        model = Model(sizes, kind)  # one for three runs, so that it is compiled once
        exact = Model(sizes, torch.float64).double()
    curves = {}
    for name in "compiled", "reversed", "eager", "exact":
        start = time.monotonic()
        used = exact if name == "exact" else model
        load(used, weights)
        training = Training(
            used, recipe["learning-rate"], betas=recipe["betas"], epsilon=recipe["epsilon"],
            decay=recipe["weight-decay"], clip=recipe["clip"],
            compiles=name in ("compiled", "reversed"),
        )
        losses = []
        for step, rows in enumerate(batches, 1):
            rate = learning_rate(
                step, recipe["steps"], recipe["warm-up"], recipe["learning-rate"],
                recipe["final-learning-rate"],
            )
            rows = rows.flip(0) if name == "reversed" else rows
            losses.append(training.step(rows[:, :-1].contiguous(), rows[:, 1:].contiguous(), rate))
        curves[name] = torch.stack(losses).tolist()
        print(f"PyTorch {name}: {time.monotonic() - start:.1f} s", flush=True)
    return curves


def distance(a, b):
    kernel = numpy.ones(WINDOW) / WINDOW
    apart = numpy.abs(numpy.convolve(numpy.subtract(a, b), kernel, "valid"))
    return apart.max(), apart.mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in "quipu", "model", "data", "output":
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    options = parser.parse_args()

    recipe = settings(options.model)
    sizes = Sizes(
        recipe["dim"], recipe["layers"], recipe["heads"], recipe["hidden"],
        recipe["vocabulary-size"], recipe["context"], recipe["norm-epsilon"], recipe["rope-theta"],
    )
    mix = os.path.join(os.path.dirname(os.path.abspath(options.data)), "mix.json")
    seed = json.load(open(mix))["seed"] if os.path.exists(mix) else recipe["seed"]
    shards = sorted(glob.glob(f"{options.data}/train/*.bin"))
    tokens = numpy.concatenate([numpy.fromfile(shard, "<u2") for shard in shards]).astype("<i8")
    length, batch = sizes.length, recipe["batch-sequences"]
    sequences = (len(tokens) - 1) // length
    samples = range(batch * recipe["steps"])
    starts = numpy.array([place(g, sequences, seed) * length for g in samples])
    rows = tokens[starts[:, None] + numpy.arange(length + 1)]
    batches = torch.from_numpy(rows).view(recipe["steps"], batch, -1).to(options.device)

    weights = first_weights(sizes)
    start = time.monotonic()
    ours = quipu(options, recipe, weights, sizes)
    print(f"Quipu: {time.monotonic() - start:.1f} s")
    theirs = pytorch(options, recipe, weights, sizes, batches)
    with open(f"{options.output}/curves.tsv", "w") as file:
        print("step", "quipu", *theirs, sep="\t", file=file)
        for step, losses in enumerate(zip(ours, *theirs.values(), strict=True), 1):
            print(step, *losses, sep="\t", file=file)

    exact = theirs.pop("exact")
    rounding = {name: distance(curve, exact) for name, curve in theirs.items()}
    pairs = {f"{a} - {b}": distance(theirs[a], theirs[b]) for a, b in itertools.combinations(theirs, 2)}
    away = {f"quipu - {name}": distance(ours, curve) for name, curve in theirs.items()}
    own = distance(ours, exact)
    shown = {f"{name} - exact": figures for name, figures in rounding.items()}
    for name, (most, mean) in (away | pairs | {"quipu - exact": own} | shown).items():
        print(f"{name}: largest {most:.3e}, mean {mean:.3e}")
    words = f"{recipe['steps']} steps, {'f32' if options.device == 'cpu' else 'bf16'} on {options.device}"
    for number, measure in enumerate(["largest", "mean"]):
        near = min(d[number] for d in away.values()), max(d[number] for d in pairs.values())
        round_off = own[number], max(d[number] for d in rounding.values())
        # Of the two ways to be within the noise, the one that is further inside.
        error, limit = min(near, round_off, key=lambda pair: pair[0] / pair[1] if pair[1] else math.inf)
        row(f"curve beside PyTorch, {measure}", words, error, limit)
    first = abs(ours[0] - theirs["eager"][0])
    row("first loss beside PyTorch", words, first, 2e-5 if options.device == "cpu" else 5e-3)
    print(f"last losses: quipu {ours[-1]:.4f}, PyTorch {[round(c[-1], 4) for c in theirs.values()]}")


def row(name, words, error, limit):
    result = "ok" if error <= limit else "FAILED"  # NaN fails
    print("ROW", name, words, f"{error:.1e}", f"{limit:.1e}", "-", "-", "-", "-", result, sep="\t")


main()
