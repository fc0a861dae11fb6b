#!/usr/bin/env python3
"""Write the mean of two fits: forests whose trees are those of both, each counting half.

usage: mean.py ONE_DIR OTHER_DIR OUT_DIR STEP ...

Two fits on different pages err in different places, and their mean errs less than either.  ONE_DIR and
OTHER_DIR hold the weights of the two fits (`src/article/weights` of each), and each STEP is the name of
a file there.  Forests of one name must be of one depth.
"""
import os, re, sys

FOREST = re.compile(r"Forest \{\s*bias: ([^,]+),\s*depth: (\d+),\s*features: &\[(.*?)\],\s*thresholds: &\[(.*?)\],\s*leaves: &\[(.*?)\],?\s*\}", re.S)


def numbers(text):
    return [n.strip() for n in text.replace("\n", " ").split(",") if n.strip()]


def rows(items):
    return "".join("        " + ", ".join(items[n:n + 32]) + ",\n" for n in range(0, len(items), 32))


def mean(one, other):
    assert one[1] == other[1], "two depths"
    bias = (float(one[0]) + float(other[0])) / 2
    half = lambda leaves: [str(round(int(n) / 2)) for n in numbers(leaves)]
    parts = (rows(numbers(one[2]) + numbers(other[2])), rows(numbers(one[3]) + numbers(other[3])), rows(half(one[4]) + half(other[4])))
    return "Forest {\n    bias: %r,\n    depth: %s,\n    features: &[\n%s    ],\n    thresholds: &[\n%s    ],\n    leaves: &[\n%s    ],\n}" % (round(bias, 6), one[1], *parts)


def main(one, other, out, *steps):
    for step in steps:
        a, b = (open(os.path.join(d, step + ".rs"), encoding="utf-8").read() for d in (one, other))
        others = iter(FOREST.findall(b))
        text = FOREST.sub(lambda m: mean(m.groups(), next(others)), a)
        head, rest = text.split("\n", 1)
        open(os.path.join(out, step + ".rs"), "w", encoding="utf-8").write(head.replace("; do not edit", " twice, and their mean by `mean.py`; do not edit") + "\n" + rest)


if __name__ == "__main__":
    main(*sys.argv[1:])
