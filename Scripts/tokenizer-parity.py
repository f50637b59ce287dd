#!/usr/bin/env python3
"""Compares Quipu's tokenizer with SentencePiece 0.2.3: pieces, their order, scores, types, and ids.

    Scripts/tokenizer-parity.py --quipu PATH [--cases N] [--seed S] [--jobs J] [--keep DIR]
        trains both on small texts in many scripts, on every text with LLaMA's settings, on some with
        each setting changed alone, and on N texts with random settings, and compares the models bit
        by bit and the ids of every line, also of lines that are hostile; where one refuses, the
        other must; texts that differ go to DIR
    Scripts/tokenizer-parity.py --quipu PATH --quick
        the same with fewer texts, in less than a minute
    ... [--text FILE ...] [--vocab-size N] [--model FILE]
        trains on these files too, and compares ids under that model
    Scripts/tokenizer-parity.py --goldens
        writes Tests/TokenizerTests/TrainerGoldens.swift from SentencePiece's answers

Where the sentencepiece package is absent it says so and ends well, for then nothing can be compared.
"""
import argparse
import collections
import concurrent.futures
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

import tokenizer_texts as texts

Case = collections.namedtuple("Case", "group name text preset settings")
SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "shared", "samples")


def library():
    try:
        import sentencepiece
    except ImportError:
        print("skipped: the sentencepiece package is not installed (pip install sentencepiece==0.2.3)")
        sys.exit(0)
    if sentencepiece.__version__ != "0.2.3":
        print(f"note: comparing with sentencepiece {sentencepiece.__version__}, not 0.2.3")
    return sentencepiece


def fields(data):
    """The fields of a protocol buffer message: (number, value as bytes or integer)."""
    place = 0

    def varint():
        nonlocal place
        number = shift = 0
        while True:
            byte = data[place]
            place += 1
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number

    while place < len(data):
        key = varint()
        kind = key & 7
        if kind == 0:
            value = varint()
        else:
            length = varint() if kind == 2 else 4 if kind == 5 else 8
            value = data[place:place + length]
            place += length
        yield key >> 3, value


def pieces(model):
    """Text, bits of the score, and type of each piece of a model file."""
    made = []
    for number, value in fields(model):
        if number == 1:
            piece = dict(fields(value))
            made.append((piece[1], piece[2], piece.get(3, 1)))
    return made


def trained_by_sentencepiece(path, base, settings):
    """The model file's bytes, or the error."""
    import io
    import sentencepiece
    writer = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            input=path, model_writer=writer, model_type="bpe", num_threads=2, minloglevel=4,
            **{**base, **settings})
    except Exception as error:
        return None, str(error)
    return writer.getvalue(), ""


def flag(name, value):
    if isinstance(value, bool):
        value = "true" if value else "false"
    if isinstance(value, list):
        value = ",".join(f'"{v}"' if "," in v or '"' in v else v for v in value)
    return f"--{name}={value}"


def trained_by_quipu(quipu, path, output, preset, settings):
    flags = [flag(name, value) for name, value in settings.items()]
    done = subprocess.run(
        [quipu, "tokenizer", "train", path, "--output", output, "--preset", preset, "--quiet", *flags],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        return None, done.stdout.decode(errors="replace").strip() or f"status {done.returncode}"
    return open(output, "rb").read(), ""


def ids_of_quipu(quipu, model, path):
    done = subprocess.run(
        [quipu, "tokenizer", "encode", "--model", model, "--format", "ids", path],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        return done.stderr.decode(errors="replace").strip()
    return [[int(i) for i in line.split()] for line in done.stdout.decode().split("\n")]


def wrong_ids(quipu, theirs, model, lines, folder):
    """What is wrong with the ids of `lines`, or nothing."""
    path = os.path.join(folder, "lines")
    with open(path, "wb") as file:
        file.write(b"".join(line + b"\n" for line in lines))
    ours = ids_of_quipu(quipu, model, path)
    if isinstance(ours, str) or len(ours) < len(lines):
        return f"encoding fails: {ours}"
    for line, ids in zip(lines, ours):
        expected = theirs.encode(line)
        if ids != expected:
            return f"ids of {line[:80]!r}: {ids[:16]}, not {expected[:16]}"
    return None


def compare(quipu, case):
    """What differs in a case, or nothing: `refusal`, `model` or `ids`, and how; or `both refuse`."""
    import sentencepiece
    base = texts.LLAMA if case.preset == "llama" else texts.SENTENCEPIECE
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "text")
        with open(path, "wb") as file:
            file.write(case.text)
        settings = dict(case.settings)
        if "normalization_rule_tsv" in settings:
            rules = os.path.join(folder, "rules")
            with open(rules, "w") as file:
                file.write(settings["normalization_rule_tsv"])
            settings["normalization_rule_tsv"] = rules
        theirs, their_error = trained_by_sentencepiece(path, base, settings)
        model = os.path.join(folder, "model")
        ours, our_error = trained_by_quipu(quipu, path, model, case.preset, settings)
        if theirs is None or ours is None:
            if theirs is None and ours is None:
                return "both refuse", None
            who = "sentencepiece" if theirs is None else "quipu"
            return "refusal", f"only {who} refuses: {their_error or our_error}"
        one, two = pieces(theirs), pieces(ours)
        if one != two:
            first = next((i for i, (a, b) in enumerate(zip(one, two)) if a != b), min(len(one), len(two)))
            return "model", f"{len(two)} pieces of {len(one)}; from {first}: " \
                f"{two[first:first + 3]}, not {one[first:first + 3]}"
        processor = sentencepiece.SentencePieceProcessor(model_proto=theirs)
        lines = case.text.split(b"\n")[:300] + texts.hostile()
        difference = wrong_ids(quipu, processor, model, lines, folder)
        return "ids" if difference else "same", difference


def sized(chance, text, settings, preset):
    """Settings with a vocabulary that fits the text, but not always."""
    base = texts.LLAMA if preset == "llama" else texts.SENTENCEPIECE
    merged = {**base, **settings}
    least = 3 + 256 * merged.get("byte_fallback", False) + len(merged.get("user_defined_symbols", []))
    letters = len(set(text.decode(errors="replace")))
    size = least + letters + int(2 ** chance.uniform(0, 9))
    if chance.random() < 0.04:
        size = chance.randrange(1, least + letters + 2)
    made = {**settings, "vocab_size": size}
    if merged["normalization_rule_name"] == "nmt_nfkc" and chance.random() < 0.9:
        made["normalization_rule_name"] = "identity"  # others take seconds to be made
    if "hard_vocab_limit" not in made and chance.random() < 0.75:
        made["hard_vocab_limit"] = False
    return made


def cases(options):
    """Every text plain, texts with each change alone, and random changes of random texts."""
    chance = random.Random(options.seed)
    made = texts.generators()
    for name, text, size, settings in texts.CORPORA:
        yield Case("fixed texts", name, text.encode(), "llama", {"vocab_size": size, **settings})
    for name, make in made.items():
        for _ in range(1 if options.quick else 4):
            text = make(chance)
            yield Case(f"text: {name}", name, text, "llama", sized(chance, text, {}, "llama"))
    lines = texts.sample_lines(options.samples)
    for number, change in enumerate(texts.CHANGES):
        names = chance.sample(sorted(made), 1 if options.quick else 6)
        for name in names + ["spaces", "reserved"][: 1 if options.quick else 2]:
            text = made[name](chance)
            group = "alone: " + (", ".join(f"{k}={v}" for k, v in change.items()) or "nothing")
            preset = chance.choice(["llama", "llama", "sentencepiece"])
            yield Case(group, name, text, preset, sized(chance, text, change, preset))
        if lines and not options.quick:
            text = b"\n".join(chance.sample(lines, min(len(lines), 150)))
            yield Case("real lines", f"change {number}", text, "llama",
                       sized(chance, text, change, "llama"))
    for _ in range(options.cases):
        name = chance.choice(sorted(made))
        text = made[name](chance)
        if lines and chance.random() < 0.2:
            text += b"\n" + b"\n".join(chance.sample(lines, min(len(lines), 30)))
        preset = chance.choice(["llama", "sentencepiece"])
        settings = sized(chance, text, texts.random_settings(chance), preset)
        yield Case("random settings", name, text, preset, settings)


def run(options):
    all_cases = list(cases(options))
    for path in options.text:
        text = open(path, "rb").read()
        all_cases.append(Case("files", os.path.basename(path), text, "llama",
                              {"vocab_size": options.vocab_size}))
    groups = collections.Counter(case.group.split(":")[0] for case in all_cases)
    wrong = collections.Counter()
    kinds = collections.Counter()
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        results = pool.map(compare, [options.quipu] * len(all_cases), all_cases, chunksize=1)
        for number, (case, (kind, difference)) in enumerate(zip(all_cases, results)):
            kinds[kind] += 1
            if difference is None:
                continue
            wrong[case.group.split(":")[0]] += 1
            print(f"DIFFERENT {kind}, case {number}, {case.group}, {case.name}, preset {case.preset}, "
                  f"{case.settings}\n    {difference}", flush=True)
            if options.keep:
                os.makedirs(options.keep, exist_ok=True)
                with open(os.path.join(options.keep, f"{number}.txt"), "wb") as file:
                    file.write(case.text)
    for group, count in groups.items():
        print(f"{group}: {count} cases, {wrong[group]} mismatches")
    failures = kinds["refusal"] + kinds["model"] + kinds["ids"]
    print(f"{len(all_cases)} cases ({kinds['both refuse']} refused by both), {failures} mismatches: "
          f"{kinds['refusal']} refusals, {kinds['model']} models, {kinds['ids']} ids")
    return failures


def compare_model(options):
    """Ids of all texts under a given model."""
    import sentencepiece
    chance = random.Random(options.seed)
    processor = sentencepiece.SentencePieceProcessor(model_file=options.model)
    made = {name: make(chance).split(b"\n") for name, make in texts.generators().items()}
    made.update({name: text.encode().split(b"\n") for name, text, _, _ in texts.CORPORA})
    made.update({path: open(path, "rb").read().split(b"\n") for path in options.text})
    made["hostile lines"] = texts.hostile()
    made["real lines"] = texts.sample_lines(options.samples)
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, lines in made.items():
            difference = wrong_ids(options.quipu, processor, options.model, lines, folder)
            if difference:
                failures += 1
                print(f"DIFFERENT {os.path.basename(options.model)}, {name}: {difference}")
    print(f"{os.path.basename(options.model)}: {sum(map(len, made.values()))} lines, "
          f"{failures} texts with mismatches")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quipu", help="path of the quipu executable")
    parser.add_argument("--quick", action="store_true", help="a minute's worth of cases")
    parser.add_argument("--cases", type=int, help="cases with random settings; 400, quick: 60")
    parser.add_argument("--seed", type=int, default=1, help="of texts and random settings")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="cases at a time")
    parser.add_argument("--keep", help="a folder for texts whose models or ids differ")
    parser.add_argument("--samples", default=SAMPLES, help="a folder with real texts")
    parser.add_argument("--text", nargs="*", default=[], help="more texts to train on")
    parser.add_argument("--vocab-size", type=int, default=4000, help="for those texts")
    parser.add_argument("--model", help="a model whose ids to compare as well, such as LLaMA's")
    parser.add_argument("--goldens", action="store_true", help="write the tests' golden file")
    options = parser.parse_args()
    library()
    if options.goldens:
        import tokenizer_goldens
        return tokenizer_goldens.write()
    if not options.quipu or not shutil.which(options.quipu):
        parser.error("--quipu PATH of the executable is needed")
    if options.cases is None:
        options.cases = 60 if options.quick else 400
    start = time.monotonic()
    failures = run(options) + (compare_model(options) if options.model else 0)
    print(f"{failures} differences" if failures else "no differences",
          f"in {time.monotonic() - start:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
