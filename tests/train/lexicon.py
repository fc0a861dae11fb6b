#!/usr/bin/env python3
"""Write src/article/pairs.bin, how strongly two neighbouring characters belong to one word, and
src/model/simplified.bin, which traditional character is which simplified one.

usage: lexicon.py JIEBA_DICT.txt TRADITIONAL_TO_SIMPLIFIED.txt PAIRS.bin SIMPLIFIED.bin

The dictionary is jieba's dict.txt (MIT), one "word frequency tag" a line.  For every pair of
characters that stand next to each other inside words, the file holds their pointwise mutual
information in eighths of a nat; for every character, how readily it begins and ends a word.
Layout, little endian: u32 pairs, u32 characters; then pairs of (u16, u16, i8), sorted; characters of
(u16, i8 begins, i8 ends), sorted. The second file has rows of (u16 traditional, u16 simplified), sorted.
"""
import math, struct, sys
from collections import Counter

MOST_PAIRS = 60000


def clamp(x):
    return max(-127, min(127, round(x)))


def main(dictionary, folds, out, out_folds):
    pair, first, second, begins, ends, total, every = Counter(), Counter(), Counter(), Counter(), Counter(), Counter(), 0
    for line in open(dictionary, encoding="utf-8"):
        word, freq, *_ = line.split(" ")
        freq = int(freq)
        if freq < 3 or not all(0x4E00 <= ord(c) <= 0x9FFF for c in word):
            continue
        begins[word[0]] += freq
        ends[word[-1]] += freq
        for c in word:
            total[c] += freq
            every += freq
        for a, b in zip(word, word[1:]):
            pair[a, b] += freq
            first[a] += freq
            second[b] += freq
    scored = []
    for (a, b), n in pair.items():
        pmi = math.log(n * every / (total[a] * total[b]))
        if n >= 3 and pmi > -1:
            scored.append((n, a, b, pmi))
    scored.sort(key=lambda s: (-s[0], s[1], s[2]))
    pairs = sorted((ord(a), ord(b), clamp(pmi * 8)) for _, a, b, pmi in scored[:MOST_PAIRS])
    chars = sorted((ord(c), clamp(8 * math.log((begins[c] + 5) / (total[c] - begins[c] + 5))), clamp(8 * math.log((ends[c] + 5) / (total[c] - ends[c] + 5)))) for c in total if total[c] >= 20)
    fold = {}
    for line in open(folds, encoding="utf-8"):
        parts = line.split()
        if len(parts) >= 2 and len(parts[0]) == 1 and len(parts[1]) == 1 and ord(parts[0]) < 0x10000 and ord(parts[1]) < 0x10000:
            fold[ord(parts[0])] = ord(parts[1])
    fold = sorted((a, fold.get(b, b)) for a, b in fold.items() if a != b)
    with open(out, "wb") as f:
        f.write(struct.pack("<II", len(pairs), len(chars)))
        for p in pairs:
            f.write(struct.pack("<HHb", *p))
        for c in chars:
            f.write(struct.pack("<Hbb", *c))
    with open(out_folds, "wb") as f:
        for p in fold:
            f.write(struct.pack("<HH", *p))
    print(len(pairs), len(chars), len(fold))


if __name__ == "__main__":
    main(*sys.argv[1:])
