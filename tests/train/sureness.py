#!/usr/bin/env python3
"""Fits how sure the cut by layout is of an item: a logistic regression of what its steps cost.

usage: sureness.py NEWSBOY SCORE_PAGES.py PAGE.pdf [PAGE.pdf ...]

NEWSBOY is the program whose `articles --explain` tells the costs, SCORE_PAGES.py compares its articles
with the truth beside each page (PAGE.truth.json).  Prints the constants of src/article/layout/sureness.rs
and how well they hold on each fifth of the pages, fitted on the other four.
"""
import importlib.util, json, math, re, subprocess, sys

def items(newsboy, page):
    run = lambda *a: subprocess.run([newsboy, "articles", *a, page], capture_output=True, text=True, check=True).stdout
    articles = [json.loads(line) for line in run("--json").splitlines()]
    costs, headed = [], []
    for line in run("--explain").splitlines():
        if line.startswith("item "):
            costs.append([])
        elif found := re.search(r"at a cost of (-?[0-9.]+)", line):
            costs[-1].append(float(found[1]))
    assert len(costs) == len(articles), page
    return list(zip(articles, costs))

def features(article, costs):
    steps = costs[1:]
    return [1.0, max(steps, default=-4.0), sum(c > 0 for c in steps), costs[0], float(not article["headline"])]

def examples(newsboy, score, page):
    truth = json.load(open(re.sub(r"\.pdf$", ".truth.json", page)))["articles"]
    truth = [t for t in truth if t["kind"] in ("article", "photo")]
    found = [(a, c) for a, c in items(newsboy, page) if a["kind"] == "article" and c]
    pairs, _ = score.match(truth, [a for a, _ in found])
    right = {}
    for t, (f, alike) in pairs.items():
        same = score.squash(truth[t].get("headline")) == score.squash(found[f][0].get("headline"))
        right[f] = alike == 1.0 and same
    return [(features(a, c), right.get(n, False)) for n, (a, c) in enumerate(found)]

def probability(w, x):
    return 1 / (1 + math.exp(-max(-30, min(30, sum(a * b for a, b in zip(w, x))))))

def fit(rows, rounds=6000, step=0.1, decay=2e-3):
    w = [0.0] * len(rows[0][0])
    for _ in range(rounds):
        slope = [0.0] * len(w)
        for x, right in rows:
            miss = right - probability(w, x)
            slope = [s + miss * f for s, f in zip(slope, x)]
        w = [a + step * (s / len(rows) - decay * a * (i > 0)) for i, (a, s) in enumerate(zip(w, slope))]
    return w

def main():
    newsboy, path, *pages = sys.argv[1:]
    spec = importlib.util.spec_from_file_location("score", path)
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    rows = [examples(newsboy, score, page) for page in pages]
    flat = [row for page in rows for row in page]
    loss, base, n = 0.0, 0.0, 0
    for fold in range(5):
        train = [row for k, page in enumerate(rows) if k % 5 != fold for row in page]
        w, share = fit(train, 2000), sum(r for _, r in train) / len(train)
        for x, right in (row for page in rows[fold::5] for row in page):
            p = probability(w, x)
            loss -= math.log(p if right else 1 - p)
            base -= math.log(share if right else 1 - share)
            n += 1
    print(f"{len(flat)} items, {sum(r for _, r in flat)} right; loss {loss / n:.3f} an item where the share alone has {base / n:.3f}")
    print("const WEIGHTS: [f32; 5] = [" + ", ".join(f"{w:.3f}" for w in fit(flat)) + "];")

main()
