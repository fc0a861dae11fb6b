#!/usr/bin/env python3
"""Print training pages with a browser, with the truth of every printed character.

usage: browser.py OUTDIR --pages N --seed S --split train|held [ARTICLES.jsonl ...]

Many pages today are set by programs that draw glyphs by procedures, paint some boxes after others and
break lines as browsers do.  `typeset.py` imitates that; here Chromium does it itself: pages are set as
HTML in rows of boxes, printed as PDF, and read back with pdftotext or PyMuPDF.  What `typeset.py` knows of
every character is found here by laying the printed texts along the extracted ones, the longest stretch
first; a page whose characters cannot be placed that way is left out.  The files are those of `typeset.py`.

Needs chromium, fonts-noto-cjk and poppler-utils.  Chinese and Japanese only: pages of other scripts come
from `typeset.py`.
"""
import html, os, random, re, subprocess, tempfile, unicodedata
from multiprocessing import Pool

import forms
from typeset import extract, options, save, told_apart

BATCH = 12                                  # pages printed by one start of the browser
FAMILY = {"zh-Hans": "SC", "zh-Hant": "TC", "ja": "JP"}
SHARES = {"zh-Hans": 0.8, "zh-Hant": 0.16, "ja": 0.04}
PT = 0.352778                               # millimetres


def radical(c):
    """A radical's code point stands for its ideograph; extractors give either."""
    return unicodedata.normalize("NFKC", c) if "\u2f00" <= c <= "\u2fdf" else c


def strings_of(items, folio):
    """What is printed, as runs (item, text, [(role, paragraph) of each character]), without white space."""
    out = []

    def add(item, parts):
        text, labels = "", []
        for words, role, paragraph in parts:
            for c in words:
                if not c.isspace():
                    text += radical(c)
                    labels.append((role, paragraph))
        if text:
            out.append((item, text, labels))

    for k, it in enumerate(items):
        p = it["print"]
        for role, key in (("K", "kicker"), ("H", "headline"), ("D", "deck")):
            for row in (p.get(key) or "").split("\n"):
                add(k, [(row, role, 0)])
        if p.get("square"):
            add(k, [(p["square"], "Y", 0)])
        body = []
        for number, parts in enumerate(p["shown"]):
            body += [(text, role, number) for text, role in told_apart(parts)]
        add(k, body)
        if p.get("jump"):
            add(k, [(p["jump"], "J", 0)])
    for row in folio or []:
        add("folio", [(row, "F", 0)])
    return out


def align(text, strings):
    """For every character of `text` that is no white space its place (string, offset), or None; and how much of the strings was found."""
    index = {}
    for s, (_, words, _) in enumerate(strings):
        for at in range(len(words)):
            index.setdefault(words[at:at + 2], []).append((s, at))
            if at + 2 <= len(words):
                index.setdefault(words[at], []).append((s, at))
    used = [bytearray(len(words)) for _, words, _ in strings]
    lines = [[radical(c) for c in line if not c.isspace()] for line in text.split("\n")]
    places = [[None] * len(line) for line in lines]

    # The longest stretches are placed first, for they are the surest; short ones go to what is still free.
    for least, again in ((12, True), (8, False), (5, False), (3, False), (2, False), (1, False), (2, True), (1, True)):
        for line, place in zip(lines, places):
            at = 0
            while at < len(line):
                if place[at] is not None:
                    at += 1
                    continue
                end = at
                while end < len(line) and place[end] is None:
                    end += 1
                best = None
                key = "".join(line[at:at + 2]) if end - at > 1 and least > 1 else line[at]
                for s, o in index.get(key, ()):
                    words = strings[s][1]
                    n = 0
                    while at + n < end and o + n < len(words) and words[o + n] == line[at + n]:
                        n += 1
                    if n < least:
                        continue
                    fresh = n - sum(used[s][o:o + n])
                    before = o > 0 and used[s][o - 1] == 1
                    head = strings[s][2][o][0] in "KHD"
                    # What was printed twice, as headlines in false bold are, is found twice.
                    if not (again and head) and fresh < max(1, n // 2) and least < 12:
                        continue
                    score = (n, fresh, before, o == 0)
                    if best is None or score > best[0]:
                        best = (score, s, o, n)
                if best is None:
                    at += 1
                    continue
                _, s, o, n = best
                for j in range(n):
                    place[at + j] = (s, o + j)
                    used[s][o + j] = 1
                at += n
    total = sum(len(u) for u in used)
    found = sum(sum(u) for u in used)
    return lines, places, found / max(1, total)


def labels_of(text, strings):
    """The runs of labels of a text, and nothing; or nothing, and what is in doubt, where that is too much."""
    lines, places, found = align(text, strings)
    flat = [p for place in places for p in place]
    doubtful = sum(p is None for p in flat)
    if found < 0.995 or doubtful > 0.005 * len(flat):
        return None, (found, doubtful, len(flat))
    start = {}
    count = {}
    for s, (item, words, _) in enumerate(strings):
        start[s] = count.get(item, 0)
        count[item] = start[s] + len(words)
    runs, last = [], (0, 0)
    for p in flat:
        s, o = last = p or last
        item, _, labels = strings[s]
        role, paragraph = labels[o]
        run = runs[-1] if runs else None
        if run and run[1:4] == [item, role, paragraph] and run[4] + run[0] == start[s] + o:
            run[0] += 1
        else:
            runs.append([1, item, role, paragraph, start[s] + o])
    return runs, None


# ---------------------------------------------------------------- the page as HTML

def esc(s):
    return html.escape(s, quote=False)


def habits(r, split, lang):
    """How a page is painted: which boxes the browser lifts above others, how twins are drawn, how heads are set."""
    s = forms.style(r, split, lang)
    s.update(forms.broadsheet(r, split))
    s["width"] = r.choice([13, 13.6, 14, 15, 16, r.uniform(11.5, 18), r.uniform(11.5, 18)])
    s["gap"] = r.choice([r.uniform(1.45, 2.6), r.uniform(1.45, 2.6), r.uniform(1.1, 1.5)])
    s["leading"] = r.choice([1.45, 1.45, 1.35, 1.55, 1.65])
    s["order"] = r.choice(["inplace", "inplace", "inplace", "heads-last", "heads-last", "heads-first", "mixed", "shuffled"])
    # A head that is positioned is painted after all that is not, its kicker and deck perhaps before.
    s["lifted"] = r.choice(["headline", "headline", "head", "around", "none", "none"])
    s["twin"] = r.choice([0, 0.25, 0.25, 0.5, 1.0])
    s["twin_at"] = r.choice(["left:.2mm", "left:.3mm", "top:.15mm;left:.1mm"])
    s["head_sizes"] = r.choice([[20, 24, 28], [18, 22, 26, 32], [16, 20, 24], [24, 30, 36]])
    s["small"] = r.choice([12, 12, 11, 14, 10.5])
    s["stories"] = r.choice([1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7, 8])
    s["centre"] = r.random() < 0.8
    s["indent"] = r.choice([2, 2, 2, 2, 2, 0])
    s["para_blank"], s["unwrap"] = 0, False
    s["row_gap"] = r.choice([6, 6, 4, 9, 3])
    s["ad_frame"] = r.random() < 0.8
    s["ad_pad"] = r.choice([2, 2, 1, 3])
    s["extractor"] = r.choices(["pdftotext", "pdftotext -raw", "pdftotext -nopgbrk", "pymupdf blocks"], [46, 28, 20, 6])[0]
    s["serif"] = r.random() < 0.85
    if r.random() < 0.15:
        s.update(forms.small_page(r))
    return s


def head_html(r, it, span, style):
    p = it["print"]
    if not any(p.get(k) for k in ("kicker", "headline", "deck")):
        return ""
    rows = lambda t: "<br>".join(esc(x) for x in t.split("\n"))
    # Or the headline stands where it is, and what is around it is painted last.
    around = ' style="position:relative"' if style["lifted"] == "around" else ""
    out = f'<div class="kicker"{around}>{rows(p["kicker"])}</div>' if p.get("kicker") else ""
    if p.get("headline"):
        size = r.choice([14, 15, 15, 16]) if span == 1 else r.choice(style["head_sizes"])
        h = rows(p["headline"])
        twin = f'<div class="head twin" style="font-size:{size}pt">{h}</div>' if r.random() < style["twin"] else ""
        lifted = "position:relative" if twin or style["lifted"] == "headline" else ""
        out += f'<div style="{lifted}"><div class="head" style="font-size:{size}pt">{h}</div>{twin}</div>'
    out += f'<div class="deck"{around}>{rows(p["deck"])}</div>' if p.get("deck") else ""
    return out


def page_html(r, number, items, folio, style, lang):
    """One page: rows of boxes on the grid of columns."""
    ncol = style["ncol"]
    em = 9 * PT
    col, gap = style["width"] * em, style["gap"] * em
    order = list(range(len(items)))
    r.shuffle(order)
    rows, row, used = [], [], 0
    for k in order:
        span = min(items[k]["span"], ncol)
        if used + span > ncol:
            rows.append(row)
            row, used = [], 0
        row.append((k, span))
        used += span
    rows.append(row)
    out = []
    for row in rows:
        out.append('<div class="row">')
        for k, span in row:
            it = items[k]
            p = it["print"]
            head = head_html(r, it, span, style)
            square = f'<div class="square">{esc(p["square"])}</div>' if p.get("square") else ""
            shown = ["".join(text for text, _ in parts) for parts in p["shown"]]
            blank = "\u3000\u3000" if style["indent_spaces"] else ""
            paragraphs = "".join(f"<p>{blank}{esc(t)}</p>" for t in shown)
            if p.get("jump"):
                paragraphs += f'<p class="jump">{esc(p["jump"])}</p>'
            columns = 1 if it.get("loose") else span
            loose = f";text-align:center;line-height:{1.4 + it['loose']:.1f}" if it.get("loose") else ""
            body = f'{square}<div class="body" style="columns:{columns}{loose}">{paragraphs}</div>'
            lifted = " lifted" if style["lifted"] == "head" else ""
            held = f'<div class="h{lifted}" data-late="{int(r.random() < 0.5)}">{head}</div>'
            under = it["kind"] == "photo" and head and r.random() < 0.5
            inner = body + held if under else held + body
            picture = f'<div style="height:{r.choice([20, 30, 45])}mm"></div>' if it["kind"] == "photo" or it.get("picture") else ""
            frame = " ad" if it["kind"] in ("ad", "notice") and style["ad_frame"] else ""
            out.append(f'<div class="box{frame}" style="width:{col * span + gap * (span - 1):.2f}mm">{picture}{inner}</div>')
        out.append("</div>")
    head_rows = "".join(f'<div class="folio">{esc(row)}</div>' for row in folio or [])
    suffix = FAMILY[lang]
    face = f"'Noto Serif CJK {suffix}'" if style["serif"] else f"'Noto Sans CJK {suffix}'"
    align_ = "center" if style["centre"] else "left"
    indent = 0 if style["indent_spaces"] else style["indent"]
    p = f"#p{number}"
    css = f"""
{p}{{font-family:{face};font-size:9pt;line-height:{style['leading']};width:{col * ncol + gap * (ncol - 1):.2f}mm}}
{p} .row{{gap:{gap:.2f}mm;margin-bottom:{style['row_gap']}mm}}
{p} .ad{{border:1px solid #000;padding:{style['ad_pad']}mm}}
{p} .head{{font-family:'Noto Sans CJK {suffix}';text-align:{align_};line-height:{style['head_leading']}}}
{p} .twin{{{style['twin_at']}}}
{p} .kicker,{p} .deck{{font-size:{style['small']}pt;text-align:{align_}}}
{p} .square{{text-align:{align_}}}
{p} .body{{column-gap:{gap:.2f}mm}} {p} p{{text-indent:{indent}em}}
"""
    return css, f'<div class="page" id="p{number}" data-order="{style["order"]}" lang="{lang}">{head_rows}{"".join(out)}</div>'


SCRIPT = """
/* What a page paints first and last is not where it stands: heads are lifted out of their boxes to the start or the end. */
for (const page of document.querySelectorAll('.page')) {
  const order = page.dataset.order;
  if (order === 'inplace') continue;
  const base = page.getBoundingClientRect();
  let chosen = [...page.querySelectorAll(order === 'shuffled' ? '.box' : '.h')];
  if (order === 'mixed') chosen = chosen.filter(h => h.dataset.late === '1');
  const rects = chosen.map(h => [h, h.getBoundingClientRect(), h.offsetHeight, h.offsetWidth]);
  if (order === 'shuffled') rects.sort((a, b) => a[0].dataset.turn - b[0].dataset.turn);
  const layer = document.createElement('div');
  for (const [h, b, hh, hw] of rects) {
    const d = document.createElement('div');
    d.style.cssText = `position:absolute;left:${b.left - base.left}px;top:${b.top - base.top}px;width:${b.width}px`;
    if (order === 'shuffled') {
      const hole = document.createElement('div');
      hole.style.cssText = `width:${hw}px;height:${hh}px;flex:none`;
      h.replaceWith(hole); h.style.width = hw + 'px'; d.appendChild(h);
    } else {
      while (h.firstChild) d.appendChild(h.firstChild);
      h.style.height = hh + 'px';
    }
    layer.appendChild(d);
  }
  if (order === 'heads-first') page.insertBefore(layer, page.firstChild); else page.appendChild(layer);
}
"""

BASE = """
@page{size:420mm 1500mm;margin:8mm}
body{margin:0} .page{position:relative;break-after:page} .row{display:flex;align-items:flex-start} .box{box-sizing:border-box;flex:none}
.head{font-weight:700} .twin{position:absolute;top:0;left:0;width:100%} .lifted{position:relative}
.body{text-align:justify} p{margin:0} .jump{text-align:right} .folio{font-size:10pt;margin-bottom:3mm}
"""


def one_batch(job):
    """Prints some pages with one start of the browser and reads each back."""
    pages = []
    css, body = BASE, ""
    for name, articles, seed, split, lang in job:
        r = random.Random(seed)
        style = habits(r, split, lang)
        items, folio = forms.items(r, [dict(a) for a in articles], split, lang, style)
        own, page = page_html(r, len(pages), items, folio, style, lang)
        page = re.sub(r'class="box', lambda m: f'data-turn="{r.random():.6f}" class="box', page)
        css += own
        body += page
        pages.append((name, items, folio, style, lang))
    done = []
    with tempfile.TemporaryDirectory() as d:
        with open(d + "/p.html", "w", encoding="utf-8") as f:
            f.write(f'<!doctype html><meta charset="utf-8"><style>{css}</style>{body}<script>{SCRIPT}</script>')
        subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                        f"--user-data-dir={d}/u", "--no-pdf-header-footer", f"--print-to-pdf={d}/p.pdf", "file://" + d + "/p.html"], check=True, capture_output=True, timeout=300)
        import pypdf
        whole = pypdf.PdfReader(d + "/p.pdf")
        if len(whole.pages) != len(pages):
            return [(name, "more sheets than pages", None) for name, *_ in pages]
        for n, (name, items, folio, style, lang) in enumerate(pages):
            if style["extractor"].startswith("pdftotext"):
                text = subprocess.run(["pdftotext", *style["extractor"].split()[1:], "-f", str(n + 1), "-l", str(n + 1), d + "/p.pdf", "-"], check=True, capture_output=True).stdout.decode("utf-8", "replace")
            else:
                single = pypdf.PdfWriter()
                single.add_page(whole.pages[n])
                single.write(d + "/one.pdf")
                text = extract(d + "/one.pdf", style["extractor"])
            runs, doubt = labels_of(text, strings_of(items, folio))
            if runs is not None:
                save("browser", name, text, runs, items, folio, lang, style)
            done.append((name, doubt, style["extractor"]))
    return done


def main():
    a, pool = options()
    r = random.Random(a.seed)
    langs = [l for l in SHARES if l in pool]
    jobs = []
    for k in range(a.pages):
        lang = r.choices(langs, [SHARES[l] for l in langs])[0]
        jobs.append((os.path.join(a.out, f"b{k:05d}"), r.sample(pool[lang], min(len(pool[lang]), 12)), r.randrange(1 << 30), a.split, lang))
    batches = [jobs[n:n + BATCH] for n in range(0, len(jobs), BATCH)]
    kept = lost = 0
    with Pool(a.jobs) as p:
        for n, done in enumerate(p.imap_unordered(one_batch, batches)):
            for name, doubt, how in done:
                kept += doubt is None
                lost += doubt is not None
                if doubt is not None:
                    print(name, how, "left out:", doubt, flush=True)
            if n % 20 == 0:
                print(f"{kept} pages, {lost} left out", flush=True)
    print(f"{kept} pages, {lost} left out")


if __name__ == "__main__":
    main()
