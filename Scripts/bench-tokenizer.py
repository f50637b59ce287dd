#!/usr/bin/env python3
"""The measurements of bench-tokenizer.sh; see there.

Called with --one PEER THREADS MODEL JSON FILE KIND it measures one encoder in this process and prints
a line of JSON: seconds of the clock and of processor time of the first pass over the text, which
finds every cache empty, and how many tokens came. Loading is not counted.
"""
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

QUIPU = os.environ.get("QUIPU", ".build/release/quipu")
# What is measured: its threads, the form of the text, and who is asked.
CASES = {
    "documents": (1, "documents", ["quipu", "gigatoken", "fastokens", "sentencepiece"]),
    "threads": (2, "documents", ["quipu", "fastokens", "gigatoken", "sentencepiece"]),
    "single": (1, "whole", ["quipu", "gigatoken", "fastokens"]),
    "bulk": (1, "documents", ["quipu", "gigatoken", "fastokens"]),
    "letters": (1, "whole", ["quipu", "iree", "sentencepiece"]),
    "spaces": (1, "whole", ["quipu", "tokie", "sentencepiece"]),
    "random": (1, "whole", ["quipu", "tokie", "fastokens", "sentencepiece"]),
}
TRAINERS = ["quipu", "sentencepiece", "gigatoken"]
LLAMA = dict(
    model_type="bpe", vocab_size=32000, byte_fallback=True, split_digits=True,
    character_coverage=0.99995, normalization_rule_name="identity",
    remove_extra_whitespaces=False, allow_whitespace_only_pieces=True, minloglevel=2)


def documents(path, kind):
    """The text as one document, or cut behind a line feed into documents of about 4 kB."""
    text = open(path, "rb").read()
    if kind == "whole":
        return [text]
    parts, start = [], 0
    while start < len(text):
        end = text.find(b"\n", start + 4035) + 1 or len(text)
        parts.append(text[start:end])
        start = end
    return parts


def encoder(peer, threads, model, exported):
    """A function from documents to how many tokens they have."""
    if peer == "sentencepiece":
        import sentencepiece
        processor = sentencepiece.SentencePieceProcessor(model_file=model)
        return lambda texts: sum(
            len(ids) for ids in processor.encode(texts, return_type="numpy", num_threads=threads))
    if peer == "gigatoken":
        import gigatoken
        tokenizer = gigatoken.Tokenizer.from_sentencepiece(model)
        return lambda texts: sum(map(len, tokenizer.encode_batch(texts, parallel=threads > 1)))
    if peer == "iree":
        from iree.tokenizer import Tokenizer
        tokenizer = Tokenizer.from_file(exported)
        return lambda texts: sum(map(len, tokenizer.encode_batch(texts)))
    module = __import__(peer)
    tokenizer = (
        module.Tokenizer.from_file(exported) if peer == "fastokens"
        else module.Tokenizer.from_json(exported))

    def flat(texts):
        ids, _ = tokenizer.encode_batch_flat(texts, add_special_tokens=False)
        return len(ids) // 4 if isinstance(ids, (bytes, bytearray, memoryview)) else len(ids)
    return flat


def one(peer, threads, model, exported, path, kind):
    os.environ["RAYON_NUM_THREADS"] = threads
    encode = encoder(peer, int(threads), model, exported)
    texts = documents(path, kind)
    if peer != "gigatoken":
        texts = [text.decode() for text in texts]
    wall, cpu = time.perf_counter(), time.process_time()
    tokens = encode(texts)
    print(json.dumps(dict(
        wallSeconds=time.perf_counter() - wall, cpuSeconds=time.process_time() - cpu, tokens=tokens)))


def run(command):
    """Standard output, with the seconds and the bytes that the process took; None if it failed."""
    wall = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        return None
    return dict(
        output=output, wallSeconds=time.perf_counter() - wall,
        cpuSeconds=usage.ru_utime + usage.ru_stime, peakMB=usage.ru_maxrss / 1024)


def measure_encoder(peer, threads, model, exported, path, kind):
    if peer == "quipu":
        command = [QUIPU, "bench", "tokenizer", "--model", model, "--input", path, "--threads",
                   str(threads), "--repeats", "1", "--json"] + (["--whole"] if kind == "whole" else [])
        result = run(command)
        return result and json.loads(result["output"])["encode"]
    result = run([sys.executable, __file__, "--one", peer, str(threads), model, exported, path, kind])
    return result and json.loads(result["output"])


def measure_trainer(peer, path, folder):
    if peer == "quipu":
        return run([QUIPU, "tokenizer", "train", path, "--preset", "llama", "--jobs", "2", "--quiet",
                    "--output", os.path.join(folder, "quipu.model")])
    code = {
        "sentencepiece": f"import sentencepiece as s; s.SentencePieceTrainer.train(input={path!r}, "
                         f"model_prefix={os.path.join(folder, 'theirs')!r}, num_threads=2, **{LLAMA!r})",
        "gigatoken": f"import gigatoken; gigatoken.train_bpe({path!r}, 32000, [])",
    }[peer]
    os.environ["RAYON_NUM_THREADS"] = "2"
    return run([sys.executable, "-c", code])


def row(name, values, digits=1):
    middle = statistics.median(values)
    return f"{middle:.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def table_of_encoders(case, size, results):
    print(f"\n**{case}**, {CASES[case][0]} thread(s), {size / 1e6:.1f} MB\n")
    print("| encoder | MB/s | MB a CPU-second | tokens | Quipu's ratio, clock | CPU |")
    print("|---|---|---|---|---|---|")
    rates = {
        peer: {key: [size / 1e6 / run[key] for run in runs] for key in ("wallSeconds", "cpuSeconds")}
        for peer, runs in results.items()}
    for peer, rate in rates.items():
        ratios = [statistics.median(rates["quipu"][key]) / statistics.median(rate[key]) for key in rate]
        print(f"| {peer} | {row('', rate['wallSeconds'])} | {row('', rate['cpuSeconds'])} | "
              f"{results[peer][0]['tokens']} | {ratios[0]:.2f} | {ratios[1]:.2f} |")


def table_of_trainers(size, results, folder):
    print(f"\n**train**, 32,000 pieces, 2 threads, {size / 1e6:.1f} MB\n")
    print("| trainer | seconds | CPU-seconds | peak MB | Quipu's ratio, clock | CPU | memory |")
    print("|---|---|---|---|---|---|---|")
    middle = lambda peer, key: statistics.median(run[key] for run in results[peer])
    for peer, runs in results.items():
        cells = [row("", [run[key] for run in runs], 2) for key in ("wallSeconds", "cpuSeconds")]
        cells.append(row("", [run["peakMB"] for run in runs], 0))
        cells += [f"{middle(peer, key) / middle('quipu', key):.2f}"
                  for key in ("wallSeconds", "cpuSeconds", "peakMB")]
        print(f"| {peer} | " + " | ".join(cells) + " |")
    if "sentencepiece" in results:
        import sentencepiece
        ours, theirs = (
            sentencepiece.SentencePieceProcessor(model_file=os.path.join(folder, name + ".model"))
            for name in ("quipu", "theirs"))
        pieces = lambda model: [
            (model.id_to_piece(i), model.get_score(i)) for i in range(model.get_piece_size())]
        print("\npieces, order and scores: "
              + ("the same" if pieces(ours) == pieces(theirs) else "DIFFERENT"))


def main():
    if sys.argv[1:2] == ["--one"]:
        return one(*sys.argv[2:])
    model, evaluation, training = sys.argv[1:4]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    cases = sys.argv[5].split(",") if len(sys.argv) > 5 else [*CASES, "train"]
    with tempfile.TemporaryDirectory() as folder:
        files = {"bulk": training, **dict.fromkeys(("documents", "threads", "single"), evaluation)}
        latin = random.Random(7).randbytes(1_000_000).decode("latin-1").encode()
        for name, text in ("letters", b"a" * 10**6), ("spaces", b" " * 10**6), ("random", latin):
            files[name] = os.path.join(folder, name)
            open(files[name], "wb").write(text)
        exported = os.path.join(folder, "tokenizer.json")
        subprocess.run([QUIPU, "tokenizer", "export", model, "--output", exported], check=True)
        for case in cases:
            results = {}
            for _ in range(rounds):
                for peer in TRAINERS if case == "train" else CASES[case][2]:
                    if results.get(peer, []) is None:
                        continue
                    if case == "train":
                        result = measure_trainer(peer, training, folder)
                    else:
                        threads, kind, _ = CASES[case]
                        result = measure_encoder(peer, threads, model, exported, files[case], kind)
                    if result is None:
                        print(f"{case}: {peer} failed or is not installed", file=sys.stderr)
                        results[peer] = None
                    else:
                        results.setdefault(peer, []).append(result)
            results = {peer: runs for peer, runs in results.items() if runs}
            if case == "train":
                table_of_trainers(os.path.getsize(training), results, folder)
            else:
                table_of_encoders(case, os.path.getsize(files[case]), results)
            sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
