#!/usr/bin/env python3
"""Makes the golden files of the n-gram models: Tests/TextModelsTests/Goldens/NGram.

    Scripts/ngram-goldens.py FOLDER-OF-KENLM'S-PROGRAMS

wants lmplz and build_binary of https://github.com/kpu/kenlm in that folder, and the kenlm package in
this Python. The models are made from the sentences below:

    lmplz -o 4 --discount_fallback < sentences > model.arpa         then some n-grams are taken out
    build_binary probing model.arpa probing.bin
    build_binary -r "1.arpa 2.arpa 3.arpa" probing model.arpa rest.bin
    build_binary trie model.arpa trie.bin
    build_binary -q 4 -b 3 trie model.arpa quantized.bin
    build_binary -a 255 trie model.arpa array.bin
    build_binary -q 4 -b 3 -a 255 trie model.arpa quantized-array.bin

scores.txt holds what the package says of them: a line for each model and text, with the bits of the
float for the whole text with and without the marks of beginning and end, then for each word the bits,
the length of the n-gram, and 1 where it is unknown.
"""

import os
import struct
import subprocess
import sys

SENTENCES = """
the old weaver ties a knot in the red cord
the old weaver ties two knots in the blue cord
the young weaver counts the knots in the red cord
each knot stands for a number and each cord for a village
each cord hangs from the main cord
the main cord hangs from a wooden bar
the runner carries the cord from village to village
the runner carries the cord over the mountain
over the mountain lies a village without a weaver
a village without a weaver counts with stones
the keeper reads the knots with the fingers
the keeper reads the blue cord in the evening
in the evening the runner rests by the fire
by the fire the old weaver tells of the mountain
""".strip().split("\n")

TEXTS = SENTENCES[:4] + [
    "the keeper counts the knots in the blue cord",
    "the runner reads a number",
    "the llama carries the wooden bar over the mountain",
    "llama llama",
    "weaver",
    "",
    "  the \t old\vweaver\f ties a knot\r",
    "in the evening the old weaver counts with stones by the fire and the keeper rests",
    "cord the cord the cord the the",
    "<unk> the <s> old </s> weaver",
    " ".join(SENTENCES),
]

# Taken out of the model, as pruning does: a trie then needs blanks in their places.
DROPPED = ["old weaver ties", "weaver ties", "over the mountain", "the red cord"]


def ngram(programs):
    import kenlm

    folder = os.path.join(os.path.dirname(__file__), "../Tests/TextModelsTests/Goldens/NGram")
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)

    def run(program, *arguments, **settings):
        subprocess.run(
            [os.path.join(programs, program), *arguments], check=True, stderr=subprocess.DEVNULL,
            **settings)

    text = ("\n".join(SENTENCES) + "\n").encode()
    for order in range(1, 5):
        options = ["-o", str(order), "--discount_fallback", "-S", "100M"]
        with open(f"{order}.arpa", "wb") as file:
            run("lmplz", *options, input=text, stdout=file)
    with open("model.arpa", "w") as file:
        file.write(without(open("4.arpa").read(), DROPPED))
    builds = {
        "probing": ["probing"],
        "rest": ["-r", "1.arpa 2.arpa 3.arpa", "probing"],
        "trie": ["trie"],
        "quantized": ["-q", "4", "-b", "3", "trie"],
        "array": ["-a", "255", "trie"],
        "quantized-array": ["-q", "4", "-b", "3", "-a", "255", "trie"],
    }
    with open("texts.txt", "w", newline="") as file:
        file.write("\n".join(TEXTS))
    with open("scores.txt", "w") as file:
        for name, options in builds.items():
            run("build_binary", *options, "model.arpa", f"{name}.bin", stdout=subprocess.DEVNULL)
            model = kenlm.Model(f"{name}.bin")
            for text in TEXTS:
                marks = [(True, True), (True, False), (False, True), (False, False)]
                fields = [bits(model.score(text, bos=bos, eos=eos)) for bos, eos in marks]
                for logarithm, length, unknown in model.full_scores(text):
                    fields.append(f"{bits(logarithm)},{length},{int(unknown)}")
                file.write(name + " " + " ".join(fields) + "\n")
    for order in range(1, 5):
        os.remove(f"{order}.arpa")


def bits(value):
    return str(struct.unpack("<I", struct.pack("<f", value))[0])


def without(arpa, grams):
    """The text without some n-grams, and without those that begin with them."""
    counts, lines = {}, []
    order = 0
    for line in arpa.split("\n"):
        fields = line.split("\t")
        if line.endswith("-grams:"):
            order = int(line[1])
        if order and len(fields) > 1:
            words = fields[1]
            if any(words == gram or words.startswith(gram + " ") for gram in grams):
                continue
            counts[order] = counts.get(order, 0) + 1
        lines.append(line)
    numbered = [
        f"ngram {line[6]}={counts[int(line[6])]}" if line.startswith("ngram ") else line
        for line in lines
    ]
    return "\n".join(numbered)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    ngram(os.path.abspath(sys.argv[1]))
