#!/usr/bin/env python3
"""The measurements of bench-models.sh; see there.

Called with --one CASE TEXT MODEL TOKENIZER it measures one peer in this process and prints the seconds of
processor time, without those for loading.
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import unicodedata

QUIPU = os.environ.get("QUIPU", ".build/release/quipu")
LMPLZ = os.path.join(os.environ.get("KENLM_BIN", ""), "lmplz")
MARKS = {}
for to, those in [
        (",", "，、"), (".", "。"), ('"', "„”“«»」「《》１"), ("'", "´’"), (":", "∶："), ("?", "？"), ("!", "！"),
        ("(", "（"), (")", "）"), (";", "；"), ("-", "–━►"), ("~", "～"), ("<", "〈"), (">", "〉"), ("[", "【"),
        ("]", "】"), ("%", "％"), (" - ", "—"), (". ", "．"), ("...", "…")]:
    for mark in those:
        MARKS[mark] = to
CONTROLS = re.compile("[%s]" % "".join(map(chr, [*range(32), *range(127, 160)])))
# The settings that `train-language` begins with, in fastText's words.
LANGUAGE = "-dim 16 -minn 1 -maxn 4 -minCount 1000 -bucket 500000 -epoch 10 -lr 0.5".split()


def documents(path):
    """The text, cut behind a line feed into documents of about 4 kB."""
    text, parts, start = open(path, "rb").read(), [], 0
    while start < len(text):
        end = text.find(b"\n", start + 4035) + 1 or len(text)
        parts.append(text[start:end].decode(errors="replace"))
        start = end
    return parts


def normalize(text):
    """What cc_net's text_normalizer.py does before a language model is asked."""
    text = unicodedata.normalize("NFD", text.strip().lower())
    text = "".join(c for c in text if unicodedata.category(c) != "Mn")
    text = re.sub(r"\d", "0", text)
    text = "".join(MARKS.get(c, c) for c in text)
    return CONTROLS.sub("", text)


def one(case, path, model, tokenizer):
    texts = documents(path)
    if case == "classify":
        import fasttext
        model = fasttext.load_model(model)
        texts = [text.replace("\n", " ") + "\n" for text in texts]
        # Below its predict(), which cannot bear numpy 2.
        work = lambda: [model.f.predict(text, 1, 0.0, "strict") for text in texts]
    elif case == "normalise":
        work = lambda: [normalize(text) for text in texts]
    else:
        import kenlm
        import sentencepiece
        model = kenlm.Model(model)
        if tokenizer:
            pieces = sentencepiece.SentencePieceProcessor(model_file=tokenizer)
            cut = lambda text: " ".join(pieces.encode_as_pieces(text))
        if case == "score":
            texts = [cut(normalize(text)) if tokenizer else text for text in texts]
            work = lambda: [model.score(text) for text in texts]
        elif case == "perplexity":
            work = lambda: [model.score(cut(normalize(text))) for text in texts]
        else:  # without the normaliser, which is Python and not C++
            texts = [normalize(text) for text in texts]
            work = lambda: [model.score(cut(text)) for text in texts]
    start = time.process_time()
    work()
    print(time.process_time() - start)


def seconds(command, **options):
    """Processor seconds and peak MB of a command; None where it fails or is not there."""
    if not shutil.which(command[0]):
        return None
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    return None if status else (usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def python(case, arguments):
    result = subprocess.run(
        [sys.executable, __file__, "--one", case, arguments.text,
         arguments.classifier if case == "classify" else arguments.language_model or "",
         arguments.tokenizer or ""], capture_output=True, text=True)
    return None if result.returncode else (float(result.stdout), None)


def quipu(case, *options):
    result = subprocess.run(
        [QUIPU, "bench", "models", *options, "--repeats", "1", "--json"],
        capture_output=True, text=True, check=True)
    figures = json.loads(result.stdout)
    return figures[case]["cpuSeconds"], figures["peakBytes"] / 1e6


def fasttext_program(arguments):
    """The program's whole run less one on an empty file, which loads the model."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "lines")
        with open(path, "w") as file:
            for text in documents(arguments.text):
                file.write(text.replace("\n", " ") + "\n")
        whole = seconds(["fasttext", "predict", arguments.classifier, path])
        empty = seconds(["fasttext", "predict", arguments.classifier, os.devnull])
    return whole and empty and (whole[0] - empty[0], whole[1])


def trained(options, arguments):
    with tempfile.TemporaryDirectory() as folder:
        return seconds(["fasttext", "supervised", "-input", arguments.labelled, "-output",
                        os.path.join(folder, "model"), "-thread", "1", *options])


def lmplz(arguments):
    with tempfile.TemporaryDirectory() as folder, open(arguments.corpus, "rb") as text:
        return seconds([LMPLZ, "-o", "5", "-S", "2G", "-T", folder, "--discount_fallback", "--skip_symbols", "--arpa",
                        os.path.join(folder, "model.arpa")], stdin=text)


def trained_by_quipu(command, path, *options):
    with tempfile.TemporaryDirectory() as folder:
        return seconds([QUIPU, "model", command, path, "--output", os.path.join(folder, "model.arpa"
                        if command == "train-lm" else "model.bin"), "--quiet", "--jobs", "1", *options])


def cases(arguments):
    """By name: the size of the text, and who is measured how, we first."""
    a = arguments
    if a.text and a.classifier:
        yield "classify", a.text, {
            "quipu": lambda: quipu("classify", "--input", a.text, "--classifier", a.classifier),
            "libfasttext, Python": lambda: python("classify", a),
            "fasttext predict": lambda: fasttext_program(a)}
    if a.text and a.language_model:
        lm = ["--input", a.text, "--language-model", a.language_model]
        lm += ["--tokenizer", a.tokenizer] if a.tokenizer else []
        yield "score", a.text, {
            "quipu": lambda: quipu("score", *lm), "kenlm, Python": lambda: python("score", a)}
        if a.tokenizer:
            yield "normalise", a.text, {
                "quipu": lambda: quipu("normalise", *lm), "Python": lambda: python("normalise", a)}
            yield "perplexity", a.text, {
                "quipu": lambda: quipu("perplexity", *lm),
                "sentencepiece + kenlm, Python": lambda: python("perplexity", a),
                "the same, text normalised before": lambda: python("pieces", a)}
    if a.labelled:
        yield "train-classifier", a.labelled, {
            "quipu": lambda: trained_by_quipu("train-classifier", a.labelled),
            "fasttext supervised": lambda: trained([], a)}
        yield "train-language", a.labelled, {
            "quipu": lambda: trained_by_quipu("train-language", a.labelled),
            "fasttext supervised": lambda: trained(LANGUAGE, a)}
    if a.corpus:
        yield "train-lm", a.corpus, {
            "quipu": lambda: trained_by_quipu(
                "train-lm", a.corpus, "--discount-fallback", "--skip-symbols", "--memory", "2GB"),
            "lmplz": lambda: lmplz(a)}


def main():
    if sys.argv[1:2] == ["--one"]:
        return one(*sys.argv[2:])
    parser = argparse.ArgumentParser()
    for name in "text", "classifier", "language-model", "tokenizer", "labelled", "corpus":
        parser.add_argument("--" + name)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print("| what | who | MB a CPU-second | CPU-seconds | peak MB | Quipu's ratio |\n|---|---|---|---|---|---|")
    for case, path, peers in cases(arguments):
        size, results = os.path.getsize(path) / 1e6, {}
        for _ in range(arguments.rounds):
            for peer, measure in peers.items():
                if (result := measure()) is None:
                    print(f"{case}: {peer} failed or is not installed", file=sys.stderr)
                else:
                    results.setdefault(peer, []).append(result)
        middle = {peer: statistics.median(run[0] for run in runs) for peer, runs in results.items()}
        for peer, runs in results.items():
            rates = sorted(size / run[0] for run in runs)
            memory = max((run[1] for run in runs if run[1]), default=None)
            print(f"| {case} | {peer} | {statistics.median(rates):.1f} ({rates[0]:.1f} to {rates[-1]:.1f}) "
                  f"| {middle[peer]:.2f} | {f'{memory:.0f}' if memory else '-'} "
                  f"| {middle[peer] / middle['quipu']:.2f} |")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
