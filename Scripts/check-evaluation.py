#!/usr/bin/env python3
"""Checks `quipu evaluate` against transformers: nats a token of documents, the accuracy of choices
under each normalisation with and without examples, and written answers.

Usage: check-evaluation.py QUIPU RUN MODEL DOCUMENTS, with the run's export and a file of documents as
`quipu ingest` writes them. Skipped where transformers or torch is absent.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import torch
    from transformers import AutoTokenizer, LlamaForCausalLM
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(0)

DOCUMENTS, QUESTIONS, SHOTS, START = 12, 24, 2, 2  # texts begin with the end of the one before


class Peer:
    def __init__(self, folder):
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.context = self.model.config.max_position_embeddings

    def encode(self, text):
        return self.tokenizer(text, add_special_tokens=False).input_ids

    @torch.no_grad()
    def log_likelihoods(self, tokens):
        """Of each token but the first."""
        logs = self.model(torch.tensor([tokens[:-1]])).logits[0].double().log_softmax(-1)
        return logs.gather(1, torch.tensor(tokens[1:])[:, None])[:, 0]

    def document(self, text):
        tokens = [START] + self.encode(text)
        sums = []
        for done in range(1, len(tokens), self.context):  # the last window reaches back
            end = min(len(tokens), done + self.context)
            logs = self.log_likelihoods(tokens[max(0, end - self.context - 1):end])
            sums.append(float(logs[done - end:].sum()))
        return -sum(sums), len(tokens) - 1

    def continuation(self, context, ending):
        whole, read = self.encode(context + ending), len(self.encode(context.rstrip()))
        scored = len(whole) - min(read, len(whole) - 1)
        tokens = ([START] + whole)[-(self.context + 1):]
        return float(self.log_likelihoods(tokens)[-scored:].sum())

    @torch.no_grad()
    def answer(self, prompt, count):
        tokens = [START] + self.encode(prompt)
        written = []
        while len(written) < count:
            token = int(self.model(torch.tensor([tokens])).logits[0, -1].argmax())
            if token == 2:
                break
            tokens.append(token)
            written.append(token)
            if "\n" in self.tokenizer.decode(written):
                break
        return self.tokenizer.decode(written).split("\n")[0]


def evaluate(quipu, run, path, *more):
    command = [quipu, "evaluate", run, str(path), "--json", "--quiet", *more]
    rows = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {(row["name"], row["measure"]): row["value"] for row in rows}


def lines(path, objects):
    path.write_text("".join(json.dumps(item) + "\n" for item in objects))
    return path


def questions(texts):
    """The next three words of a text among those of others."""
    words = [text.split() for text in texts]
    for number in range(QUESTIONS):
        own = words[number % len(words)]
        first = 7 * (number // len(words))
        choices = [" ".join(own[first + 6:first + 9])]
        choices += [" ".join(words[(number + k) % len(words)][20 + k:22 + 2 * k]) for k in (1, 2, 3)]
        order = [(number + k) % 4 for k in range(4)]
        yield {"context": " ".join(own[first:first + 6]), "answer": order.index(0),
               "choices": [choices[k] for k in order]}


def accuracies(peer, items, preamble=""):
    right = {"none": 0, "characters": 0, "unconditional": 0}
    for item in items:
        logs = [peer.continuation(preamble + item["context"], " " + choice)
                for choice in item["choices"]]
        bare = [peer.continuation("Answer:", " " + choice) for choice in item["choices"]]
        scores = {"none": logs,
                  "characters": [log / len(c) for log, c in zip(logs, item["choices"])],
                  "unconditional": [log - other for log, other in zip(logs, bare)]}
        for name, values in scores.items():
            right[name] += values.index(max(values)) == item["answer"]
    return {name: count / len(items) for name, count in right.items()}


def main():
    quipu, run, folder, documents = sys.argv[1:]
    peer = Peer(folder)
    with open(documents) as file:
        texts = [json.loads(line)["text"] for line in file]
    texts = [text for text in texts if len(text.split()) > 40][:DOCUMENTS]
    pairs = []
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)

        path = lines(place / "d.jsonl", [{"text": text, "source": "x"} for text in texts])
        nats, tokens = map(sum, zip(*[peer.document(text) for text in texts]))
        ours = evaluate(quipu, run, path)["x", "nats a token"]
        pairs.append(("nats a token", ours, nats / tokens, 1e-5))

        items = list(questions(texts))
        head = {"task": "t", "kind": "choice", "normalisation": "unconditional", "examples": "first"}
        path = lines(place / "c.jsonl",
                     [head] + [{**item, "part": "train"} for item in items[:SHOTS]] + items[SHOTS:])
        examples = "".join(f"{item['context']} {item['choices'][item['answer']]}\n\n"
                           for item in items[:SHOTS])
        for shots, preamble in ((0, ""), (SHOTS, examples)):
            theirs = accuracies(peer, items[SHOTS:], preamble)
            ours = evaluate(quipu, run, path, "--shots", str(shots))
            for measure, key in (("accuracy", "none"), ("accuracy by characters", "characters"),
                                 ('accuracy by "Answer:"', "unconditional")):
                pairs.append((f"{measure}, {shots} shots", ours["t", measure], theirs[key], 1e-9))

        prompts = [" ".join(text.split()[:6]) for text in texts[:16]]
        answers = [peer.answer(prompt, 8) for prompt in prompts]
        path = lines(place / "a.jsonl", [{"task": "t", "kind": "answer", "maximumTokens": 8}] + [
            {"context": prompt, "answers": [answer if number % 2 else answer + " and more"]}
            for number, (prompt, answer) in enumerate(zip(prompts, answers))])
        pairs.append(("exact match", evaluate(quipu, run, path)["t", "exact match"], 0.5, 1e-9))

    isWrong = False
    for what, ours, theirs, tolerance in pairs:
        differs = abs(ours - theirs) > tolerance * max(1, abs(theirs))
        isWrong = isWrong or differs
        print(f"{'DIFFERS ' if differs else ''}{what}: ours {ours:.6f}, theirs {theirs:.6f}")
    return "error: evaluation differs" if isWrong else 0


sys.exit(main())
