"""Texts and tables for language-identification.sh, which says what is done.

    learn FOLDER                      lines `__label__LANG text`, in an order that is random but fixed
    documents FOLDER SIZE LABELS      documents of SIZE characters, a line each, their languages to LABELS
    score LABELS SCORES LEAST NAMES   accuracy and confusion; fails below LEAST for the languages NAMES
"""
import collections
import json
import os
import random
import sys


def files(folder):
    """The language and the lines of each file below a folder, in order."""
    for language in sorted(os.listdir(folder)):
        for name in sorted(os.listdir(os.path.join(folder, language))):
            with open(os.path.join(folder, language, name), encoding="utf-8", errors="replace",
                      newline="\n") as file:
                lines = (line.strip().replace("\r", " ") for line in file)
                yield language, [line for line in lines if line]


def learn(folder):
    lines = [f"__label__{language} {line}" for language, lines in files(folder) for line in lines]
    random.Random(0).shuffle(lines)
    sys.stdout.write("".join(line + "\n" for line in lines))


def documents(folder, size, labels):
    """Joins the lines of a file until there are `size` characters; drops what is left over."""
    with open(labels, "w", encoding="utf-8") as file:
        for language, lines in files(folder):
            text = ""
            for line in lines:
                text = f"{text} {line}" if text else line
                if len(text) >= int(size):
                    sys.stdout.write(text + "\n")
                    file.write(language + "\n")
                    text = ""


def score(labels, scores, least, names):
    with open(labels, encoding="utf-8") as file:
        wanted = file.read().split()
    with open(scores, encoding="utf-8") as file:
        found = [(json.loads(line)["label"] or "").removeprefix("__label__") for line in file]
    if len(wanted) != len(found):
        sys.exit(f"error: {len(found)} scores for {len(wanted)} documents")
    table = collections.defaultdict(collections.Counter)
    for language, answer in zip(wanted, found):
        table[language][answer] += 1
    names = names.split()
    for language in sorted(table):
        row = table[language]
        total = sum(row.values())
        wrong = ", ".join(
            f"{other} {count}" for other, count in row.most_common() if other != language)
        mark = " " if language in names else "*"
        print(f"  {language}{mark} {total:6} {100 * row[language] / total:7.2f}%  {wrong}")
    whole = accuracy(table, table)
    part = accuracy(table, [name for name in names if name in table])
    print(f"  all {len(table)} languages: {100 * whole:.2f}%; without those marked *: {100 * part:.2f}%")
    if part < float(least):
        sys.exit(f"error: {100 * float(least):.2f}% was to be reached")


def accuracy(table, names):
    right = sum(table[name][name] for name in names)
    return right / max(1, sum(sum(table[name].values()) for name in names))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    {"learn": learn, "documents": documents, "score": score}[sys.argv[1]](*sys.argv[2:])
