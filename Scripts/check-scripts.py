#!/usr/bin/env python3
"""Compares the script of every Unicode scalar with SentencePiece's, by what both trainers join.

    Scripts/check-scripts.py --quipu PATH [--step N]

SentencePiece does not tell its table, but its trainer joins two characters only where their scripts
go together. So each scalar is put behind one of the script that our table gives it, which must be
joined (Inherited scalars go with any), and behind one of another script, which must not; both
programs train on that, and their pieces must be the same. --step N looks at every Nth block of 4,096
scalars only. Where the sentencepiece package is absent it says so and ends well.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

TABLE = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "Sources", "Tokens", "Tokenizer", "Training",
    "ScriptTable.swift")
# Line feeds end lines; the others stand for something inside the trainer.
RESERVED = {0x00, 0x0A, 0x0D, 0x1F, 0x20, 0x2581, 0x2585}
FLAGS = dict(
    model_type="bpe", character_coverage=1.0, normalization_rule_name="identity",
    remove_extra_whitespaces=False, add_dummy_prefix=False, hard_vocab_limit=False,
    vocab_size=60_000)


def scripts():
    """Our table: the name of each scalar's script."""
    text = open(TABLE).read()
    names = re.findall(r'"(\w+)"', text)
    starts = [int(entry, 16) for entry in re.findall(r"0x([0-9A-F]+)", text.split("starts")[1])]
    table = []
    for entry, after in zip(starts, starts[1:] + [0x110000 << 8]):
        table += [names[entry & 0xFF]] * ((after >> 8) - (entry >> 8))
    return table


def pairs(block, table, models):
    for scalar in block:
        if scalar in RESERVED or 0xD800 <= scalar < 0xE000:
            continue
        own = table[scalar] if table[scalar] != "Inherited" else "Greek"
        other = "Latin" if own != "Latin" else "Greek"
        for name in own, other:
            yield models[name] + chr(scalar)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quipu", required=True, help="path of the quipu executable")
    parser.add_argument("--step", type=int, default=1, help="every Nth block of 4,096 scalars")
    options = parser.parse_args()
    try:
        import sentencepiece
    except ImportError:
        print("skipped: the sentencepiece package is not installed")
        return 0
    table = scripts()
    # The second scalar of each script: the first is now and then a mark that behaves otherwise.
    models = {}
    for scalar, name in enumerate(table):
        if scalar not in RESERVED and len(models.setdefault(name, [])) < 2:
            models[name].append(chr(scalar))
    models = {name: found[-1] for name, found in models.items()}
    models.update(Common="!", Latin="a", Greek="\u03b1")
    different, compared = [], 0
    with tempfile.TemporaryDirectory() as folder:
        text, ours = os.path.join(folder, "text"), os.path.join(folder, "ours.model")
        for start in range(0, 0x110000, 4096 * options.step):
            words = list(pairs(range(start, start + 4096), table, models))
            if not words:
                continue
            open(text, "wb").write("".join(2 * (word + "\n") for word in words).encode())
            sentencepiece.SentencePieceTrainer.train(
                input=text, model_prefix=os.path.join(folder, "theirs"), minloglevel=3, **FLAGS)
            flags = [f"--{name}={str(value).lower()}" for name, value in FLAGS.items()]
            subprocess.run(
                [options.quipu, "tokenizer", "train", text, "--output", ours, "--quiet", *flags],
                check=True)
            found = []
            for path in os.path.join(folder, "theirs.model"), ours:
                model = sentencepiece.SentencePieceProcessor(model_file=path)
                found.append({model.id_to_piece(id) for id in range(model.get_piece_size())})
            different += sorted(found[0] ^ found[1])
            compared += len(words) // 2
    print(f"scripts of {compared} scalars: {len(different)} differences")
    for piece in different[:20]:
        print("  " + " ".join(f"U+{ord(c):04X} {table[ord(c)]}" for c in piece))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
