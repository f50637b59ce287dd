#!/usr/bin/env python3
"""Makes the golden language models of Tests/TextModelsTests/Goldens with KenLM's lmplz.

Usage: kneser-ney-goldens.py [PATH/TO/lmplz]      (built from kpu/kenlm; on the PATH by default)
"""
import pathlib
import subprocess
import sys

GOLDENS = pathlib.Path(__file__).parent.parent / "Tests/TextModelsTests/Goldens"

TEXT = """\
the llama sleeps near the wall
the llama eats the grass near the river
a llama eats grass
the old llama of the valley sleeps
the old man of the valley counts the knots
knots count llamas and the old man counts knots
the cord of the llama has knots and knots
a cord has a knot for the old llama
near the river the grass is green
the grass near the wall is not green
il lama dorme vicino al muro
le lama dort près du mur
лама спит у стены
ラマ は 壁 の 近く で 眠る
the llama
the man
llama llama llama
a a a a

\ttabs\tand  spaces   part words
carriage returns part words\r
"""

MODELS = {
    "kneser-ney-2": "-o 2",
    "kneser-ney-3": "-o 3 --discount_fallback",
    "kneser-ney-4-pruned": "-o 4 --discount_fallback 0.4 0.8 --prune 0 0 1",
    "kneser-ney-1": "-o 1 --interpolate_unigrams 0",
}

lmplz = sys.argv[1] if len(sys.argv) > 1 else "lmplz"
(GOLDENS / "kneser-ney.txt").write_bytes(TEXT.encode())
for name, options in MODELS.items():
    command = [lmplz, "-S", "100M", "--vocab_estimate", "1000", *options.split()]
    model = subprocess.run(command, input=TEXT.encode(), stdout=subprocess.PIPE, check=True)
    (GOLDENS / f"{name}.arpa").write_bytes(model.stdout)
