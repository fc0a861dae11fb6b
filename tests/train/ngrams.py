#!/usr/bin/env python3
"""Write src/article/ngrams.bin: how well characters follow each other in running Chinese text.

usage: ngrams.py TRADITIONAL_TO_SIMPLIFIED.txt OUT.bin WEIGHT:TEXT.txt ...

Each text is counted WEIGHT times.  Digits count as one character, and so do Latin letters; blanks are
left out; traditional characters count as simplified ones.  The model is a trigram model with
Witten-Bell smoothing; it is kept as what a reader of a seam asks for, in eighths of a nat:
  for a character    what it costs to be followed by one that it was never seen before
  for a pair (a, b)  ln p(b | a) / p(b), and what it costs to be followed by one never seen behind it
  for three (a, b, c)  ln p(c | a, b) / p(c | b), where that says more than the pair's cost does
Layout, little endian: u32 characters, u32 pairs, u32 triples; then, sorted by character, rows of
(u16 character, i8 cost, u8 rarity, u32 first pair); rows of pairs (u16 second, i8 gain, i8 cost, u32 first
triple); rows of triples (u16 third, i8 gain).  The row after the last has the end.  `rarity.py` fills in
how rare each character is.
"""
import math, struct, sys
from collections import Counter

FEWEST_PAIRS, FEWEST_TRIPLES = 5, 9
LEAST_SAID = 0.9          # nats a triple must say beyond what the pair says


def eighths(x):
    return max(-127, min(127, round(x * 8)))


def main(folds, out, *texts):
    fold = {}
    for line in open(folds, encoding="utf-8"):
        parts = line.split()
        if len(parts) >= 2 and len(parts[0]) == 1 and len(parts[1]) == 1:
            fold[parts[0]] = parts[1]

    def plain(c):
        if c.isdigit():
            return "0"
        if c.isascii() and c.isalpha():
            return "a"
        return fold.get(c, c)

    table = {}
    one, two, three = Counter(), Counter(), Counter()
    for text in texts:
        weight, name = text.split(":", 1)
        weight = int(weight)
        for line in open(name, encoding="utf-8", errors="ignore"):
            for c in line:
                if c not in table:
                    table[c] = "" if c.isspace() or c in "#*>|`" or ord(c) > 0xFFFF else plain(c)
            line = "".join(map(table.__getitem__, line))
            for _ in range(weight):
                one.update(line)
                two.update(zip(line, line[1:]))
                three.update(zip(line, line[1:], line[2:]))
    n, types = sum(one.values()), len(one)
    kinds1, kinds2 = Counter(a for a, _ in two), Counter((a, b) for a, b, _ in three)
    seen1, seen2 = Counter(), Counter()
    for (a, _), k in two.items():
        seen1[a] += k
    for (a, b, _), k in three.items():
        seen2[a, b] += k
    p1 = lambda b: (one[b] + 0.5) / (n + types)
    p2 = lambda a, b: (two[a, b] + kinds1[a] * p1(b)) / (seen1[a] + kinds1[a])
    cost1 = lambda a: math.log(kinds1[a] / (seen1[a] + kinds1[a])) if seen1[a] else 0.0
    cost2 = lambda a, b: math.log(kinds2[a, b] / (seen2[a, b] + kinds2[a, b])) if seen2[a, b] else 0.0
    triples = {}
    for (a, b, c), k in three.items():
        if k >= FEWEST_TRIPLES and two[a, b] >= FEWEST_PAIRS:
            p3 = (k + kinds2[a, b] * p2(b, c)) / (seen2[a, b] + kinds2[a, b])
            gain = math.log(p3 / p2(b, c))
            if abs(gain - cost2(a, b)) >= LEAST_SAID:
                triples.setdefault((a, b), []).append((ord(c), eighths(gain)))
    pairs = {}
    for (a, b), k in two.items():
        if k >= FEWEST_PAIRS:
            pairs.setdefault(a, []).append(b)
    head, rows2, rows3 = [], [], []
    for a in sorted(one):
        if a not in pairs and one[a] < FEWEST_PAIRS:
            continue
        head.append((ord(a), eighths(cost1(a)), 0, len(rows2)))
        for b in sorted(pairs.get(a, [])):
            rows2.append((ord(b), eighths(math.log(p2(a, b) / p1(b))), eighths(cost2(a, b)), len(rows3)))
            rows3 += sorted(triples.get((a, b), []))
    head.append((0xFFFF, 0, 0, len(rows2)))
    rows2.append((0xFFFF, 0, 0, len(rows3)))
    with open(out, "wb") as f:
        f.write(struct.pack("<III", len(head), len(rows2), len(rows3)))
        for r in head:
            f.write(struct.pack("<HbBI", *r))
        for r in rows2:
            f.write(struct.pack("<HbbI", *r))
        for r in rows3:
            f.write(struct.pack("<Hb", *r))
    print(len(head), "characters,", len(rows2), "pairs,", len(rows3), "triples")


if __name__ == "__main__":
    main(*sys.argv[1:])
