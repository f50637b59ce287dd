#!/usr/bin/env python3
"""Reads Megatron pairs with numpy and compares documents and tokens with what Quipu says.

Usage: read-shards.py FOLDER "DOCUMENTS TOKENS". Skipped where numpy is absent.
"""
import glob
import struct
import sys

try:
    import numpy
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(0)


def main():
    folder, expected = sys.argv[1:]
    documents = tokens = 0
    for index in sorted(glob.glob(f"{folder}/*.idx")):
        data = open(index, "rb").read()
        magic, version, kind, sequences, entries = struct.unpack_from("<9sQBQQ", data)
        assert (magic, version, kind, entries) == (b"MMIDIDX\0\0", 1, 8, sequences + 1), index
        lengths = numpy.frombuffer(data, "<i4", sequences, 34)
        offsets = numpy.frombuffer(data, "<i8", sequences, 34 + 4 * sequences)
        ends = numpy.frombuffer(data, "<i8", entries, 34 + 12 * sequences)
        shard = numpy.memmap(index[:-4] + ".bin", "<u2", "r")
        assert list(ends) == list(range(entries)), index
        assert lengths.sum() == len(shard), index
        for length, offset in zip(lengths, offsets):
            assert shard[offset // 2 + length - 1] == 2, "a document does not end with EOS"
        documents += sequences
        tokens += int(lengths.sum())
    found = f"{documents} {tokens}"
    print(f"{found} documents and tokens")
    return 0 if found == expected else f"error: Quipu says {expected}"


sys.exit(main())
