#!/usr/bin/env python3
"""Write into src/article/ngrams.bin how rare each of its characters is in running text.

usage: rarity.py SIMPLIFIED.bin NGRAMS.bin ARTICLES.jsonl ...

Rows of characters have a byte for it: -ln of the character's share of all characters, in eighths of a
nat.  Counted over the paragraphs of the articles, digits and Latin letters as one character each, as
`ngrams.py` counts them; a character that the articles do not have counts as half of one.
"""
import json, math, struct, sys
from collections import Counter


def main(folds, table, *articles):
    fold = {chr(a): chr(b) for a, b in struct.iter_unpack("<HH", open(folds, "rb").read())}
    seen = Counter()
    for name in articles:
        for line in open(name, encoding="utf-8"):
            article = json.loads(line) if line.strip() else {}
            if article.get("lang", "zh-Hans").startswith("zh"):
                for c in "".join(article["paragraphs"]):
                    if not c.isspace():
                        seen["0" if c.isdigit() else "a" if c.isascii() and c.isalpha() else fold.get(c, c)] += 1
    data = bytearray(open(table, "rb").read())
    characters = struct.unpack_from("<I", data)[0]
    total = sum(seen.values()) + characters / 2
    for row in range(12, 12 + 8 * characters, 8):
        count = seen[chr(struct.unpack_from("<H", data, row)[0])] + 0.5
        data[row + 3] = min(255, round(-8 * math.log(count / total)))
    open(table, "wb").write(data)


if __name__ == "__main__":
    main(*sys.argv[1:])
