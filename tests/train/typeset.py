#!/usr/bin/env python3
"""Typeset training pages from articles, with the truth of every printed character.

usage: typeset.py OUTDIR --pages N --seed S --split train|held [ARTICLES.jsonl ...]

A page is laid out in points (columns, boxes, heads, pictures), written as a PDF in which every
printed character carries a code point of its own in a private-use plane, and read back with a real
extractor (pdftotext in its modes, PyMuPDF, pypdf).  What comes back therefore tells, character by
character, which article and which part of it stands where: no alignment, no guess.

Each page gives NAME.txt, NAME.truth.json (the form of the scorer) and NAME.labels.json:
  chars  runs [count, item, role, paragraph, position] over the page's characters other than white space
  roles  K kicker, H headline, D deck, B body, L dateline, Y by-line, C credit (y and c within a
         paragraph), J jump line, A advertisement, N notice, W weather, F folio
The split keeps articles and habits apart: forms.py deals both out by their ordinal.
"""
import argparse, glob, json, os, random, re, subprocess, sys, tempfile, zlib
from multiprocessing import Pool

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import forms

CLOSING = set("，。、；：？！）》」』】〉〕”’…—·%％℃.,;:!?)]}»")
OPENING = set("（《「『【〈〔“‘([{«")
HALF_LEFT = set("，。、；：？！）》」』】〉〕”’")   # ink on the left half: may be squeezed when a mark follows
PUA = 0xF0000
PIXEL = 0.75                               # of a browser, in points


def wide(c):
    o = ord(c)
    return o >= 0x2E80 or c in "“”‘’…—·×" or 0x2460 <= o <= 0x25FF


SPACE = 0.5
ASCII = 0.55                               # the width of digits and Latin letters beside ideographs; a page's own


def advance(c, latin):
    """The width of a character in em."""
    if c == " ":
        return 0.28 if latin else SPACE
    if not latin and wide(c):
        return 1.0
    if c in "iljtfrI.,:;'|!()[]’‘-":
        return 0.3
    if c in "mwMW—…%&@":
        return 0.82
    if c.isupper():
        return 0.66
    return 0.54 if latin else ASCII


class Page:
    """The characters of a page, their labels, and the lines drawn."""

    def __init__(self, latin):
        self.latin = latin
        self.labels = []          # by id: (char, item, role, paragraph, position)
        self.counter = {}

    def chars(self, text, item, role, paragraph=0):
        out = []
        for c in text:
            if c.isspace():
                out.append((c if c == "\u3000" else " ", None))
                continue
            position = self.counter.get(item, 0)
            self.counter[item] = position + 1
            self.labels.append((c, item, role, paragraph, position))
            out.append((c, len(self.labels) - 1))
        return out


def tokens(chars, latin):
    """Unbreakable units: words of Latin letters and digits, single ideographs; blanks stand alone."""
    out, word = [], []
    for c, i in chars:
        if c in " \u3000":
            if word:
                out.append(word); word = []
            out.append([(c, i)])
        elif latin or (not wide(c) and ord(c) < 0x2000 and c not in ",;:!?)"):
            word.append((c, i))
        else:
            if word:
                out.append(word); word = []
            out.append([(c, i)])
    if word:
        out.append(word)
    return out


def hyphen_points(word):
    text = "".join(c for c, _ in word)
    if not text.isalpha() or len(text) < 6:
        return []
    vowel = "aeiouyàâäéèêëîïôöùûüAEIOUÄÖÜÉ"
    return [k for k in range(2, len(text) - 2) if text[k - 1] in vowel and text[k] not in vowel and text[k + 1] in vowel]


def break_lines(page, chars, width, style, indent):
    """Lines of (glyphs, natural width, last) no wider than `width` em, with the habits of `style`."""
    latin = page.latin
    size = lambda t: sum(advance(c, latin) for c, _ in t)
    lines, line, w = [], [], indent
    queue = tokens(chars, latin)
    k = 0
    while k < len(queue):
        t = queue[k]
        if not line and t[0][0] in " \u3000" and lines:
            k += 1
            continue
        tw = size(t)
        if style["squeeze"] and not latin and line and line[-1][0] in HALF_LEFT and (t[0][0] in CLOSING or t[0][0] in OPENING):
            tw -= 0.5
        if w + tw <= width + 1e-6 or not line:
            line += t
            w += tw
            k += 1
            continue
        if latin and style["hyphen"]:
            room = width - w - 0.3
            cut = [p for p in hyphen_points(t) if size(t[:p]) <= room]
            if cut:
                p = cut[-1]
                line += t[:p] + [("-", "hyphen")]
                queue[k] = t[p:]
                lines.append(line)
                line, w = [], 0
                continue
        if not latin and t[0][0] in CLOSING:
            if style["kinsoku"] == "hang" or (style["kinsoku"] == "squeeze" and w + tw <= width + 1.05):
                line += t
                k += 1
                lines.append(line)
                line, w = [], 0
                continue
            if style["kinsoku"] == "push" and len(line) > 3:
                back = [line.pop()]
                while len(line) > 3 and (back[0][0] in CLOSING or (line and line[-1][0] in OPENING)):
                    back.insert(0, line.pop())
                lines.append(line)
                line, w = back, size(back)
                continue
        carry = []
        while not latin and line and line[-1][0] in OPENING and len(line) > 2:
            carry.insert(0, line.pop())
        lines.append(line)
        line, w = carry, size(carry)
    if line:
        lines.append(line)
    for l in lines:
        while l and l[-1][0] in " \u3000":
            l.pop()
    return [l for l in lines if l]


def place(page, line, x, y, size, width, justify, style):
    """Glyphs (id, char, x) of one line; `width` in points."""
    latin = page.latin
    adv = []
    for n, (c, _) in enumerate(line):
        a = advance(c, latin) * size
        if style["squeeze"] and not latin and c in HALF_LEFT and n + 1 < len(line) and (line[n + 1][0] in CLOSING or line[n + 1][0] in OPENING):
            a -= 0.5 * size
        adv.append(a)
    natural = sum(adv)
    extra = width - natural
    out = []
    if justify and extra != 0:
        if latin:
            gaps = [n for n, (c, _) in enumerate(line[:-1]) if c == " "]
        elif style["spread"] == "spaces" and any(c == " " for c, _ in line[:-1]):
            gaps = [n for n, (c, _) in enumerate(line[:-1]) if c == " "]
        else:
            gaps = [n for n in range(len(line) - 1) if wide(line[n][0]) or wide(line[n + 1][0])]
        if gaps and extra > -2.2 * size:
            for n in gaps:
                adv[n] += extra / len(gaps)
    cx = x
    for n, (c, i) in enumerate(line):
        if i is not None or c == " ":
            out.append((i, c, cx))
        cx += adv[n]
    return dict(y=y, size=size, glyphs=out, x0=x, x1=cx)


# ---------------------------------------------------------------- layout

def columns_of(lines_total, span, r, unequal):
    base = [lines_total // span] * span
    for k in range(lines_total % span):
        base[k] += 1
    if unequal and span > 1:
        for k in range(span - 1):
            d = r.randint(-2, 3)
            if base[k] + d > 0 and base[-1] - d > 0:
                base[k] += d
                base[-1] -= d
    return [b for b in base if b > 0]


def told_apart(parts):
    """The parts of a paragraph; a mark within it is told from one that stands alone by a small letter."""
    alone = all(role in "YCJ" or not text.strip() for text, role in parts)
    return [(text, role if alone else {"Y": "y", "C": "c"}.get(role, role)) for text, role in parts]


def set_paragraphs(page, item, shown, width, style):
    """Every printed line of a body: (glyphs, indent in em, is last line of its paragraph)."""
    lines = []
    for number, parts in enumerate(shown):
        chars = []
        for text, role in told_apart(parts):
            chars += page.chars(text, item, role, number)
        indent = style["indent"]
        if style["indent_spaces"]:
            chars = [("\u3000", None)] * 2 + chars if not page.latin else chars
            indent = 0 if not page.latin else indent
        set_ = break_lines(page, chars, width, style, indent)
        for n, l in enumerate(set_):
            lines.append((l, indent if n == 0 else 0, n == len(set_) - 1))
    return lines


def head_block(page, r, item, key, x, y, width, style):
    """Kicker, headline and deck over a box; returns drawn lines and the height."""
    out = []
    t = item["print"]
    em = style["size"]
    head_size = em * (r.choice([1.3, 1.5, 1.7]) if width < 16 * em else r.choice([1.6, 2.0, 2.4, 2.8, 3.2]))
    small = em * r.choice([1.0, 1.15, 1.3])
    centre = style["centre"]
    twin = r.random() < style["twin"]
    balanced, narrow_break = r.random() < style["even_heads"], r.random() < 0.2
    parts = [("K", t.get("kicker"), small), ("H", t.get("headline"), head_size), ("D", t.get("deck"), small)]
    for role, text, size in parts:
        if not text:
            continue
        pieces = text.split("\n")
        for piece in pieces:
            chars = page.chars(piece, key, role)
            fits = max(4.0, width / size - 0.2)
            whole = sum(advance(c, page.latin) for c, _ in chars)
            if role == "H" and not page.latin and whole > 8 and balanced:
                # A headline of several lines is broken evenly, so that no line is much shorter than the others.
                rows_wanted = max(2, -(-whole // fits)) if whole > fits or narrow_break else 1
                fits = min(fits, whole / rows_wanted + 1.0) if rows_wanted > 1 else fits
            for l in break_lines(page, chars, fits, dict(style, kinsoku="squeeze"), 0):
                natural = sum(advance(c, page.latin) for c, _ in l) * size
                space = max(0.0, width - natural)
                spread = role == "H" and style["spread_heads"] and len(l) >= 4 and space > 0
                start = x + (space / 2 if centre and not spread else 0)
                w = natural + (min(space, 0.5 * size * len(l)) if spread else 0)
                drawn = place(page, l, start, y, size, w, spread, dict(style, spread="all"))
                out.append(drawn)
                if twin and role == "H":
                    out.append(dict(drawn, glyphs=[(i, c, gx + size * 0.02) for i, c, gx in drawn["glyphs"]], twin=True))
                y += size * style["head_leading"]
        y += em * style["head_gap"] * (0.4 if role == "K" else 1.0)
    return out, y


def layout(page, r, items, folio, style):
    """Groups of drawn lines: (kind, item, lines) in the order of the boxes."""
    em, lead, W, gap = style["size"], style["size"] * style["leading"], style["width"] * style["size"], style["gap"] * style["size"]
    ncol = style["ncol"]
    groups = []
    y = 30.0
    if folio:
        for row in folio:
            chars = page.chars(row, "folio", "F")
            groups.append(("folio", "folio", [place(page, chars, 20, y, em, 0, False, style)]))
            y += em * 1.8
    if style["flow"]:
        return groups + flow(page, r, items, style, y), y + style["flow_height"]
    todo = list(range(len(items)))
    r.shuffle(todo)
    rows, row, used = [], [], 0
    for k in todo:
        s = min(items[k]["span"], ncol)
        if used + s > ncol:
            rows.append(row)
            row, used = [], 0
        row.append((k, s))
        used += s
    rows.append(row)
    for row in rows:
        x, bottom = 20.0, y
        free = ncol - sum(s for _, s in row)
        for k, s in row:
            if free > 0 and r.random() < 0.5 and not items[k].get("narrow"):
                s, free = s + free, 0
            it = items[k]
            width = s * W + (s - 1) * gap
            top = y
            heads = []
            place_of_head = r.choice(style["head_places"]) if s > 1 else r.choice(["top", "top", "top", "under"] if it["kind"] == "photo" else ["top"])
            if it["kind"] == "photo" or it.get("picture"):
                top += em * r.choice([6, 10, 14])
            pad = em * 0.5 if it["kind"] in ("ad", "notice") and style["frames"] else 0
            # an article may be set in other columns than the page's grid
            grid, W0 = s, W
            if style["free"] and r.random() < 0.4:
                wanted = [n for n in (s - 1, s + 1, s, 1) if n >= 1 and 9 * em <= (width - (n - 1) * gap) / n <= 34 * em]
                if wanted:
                    s = r.choice(wanted)
                    W = (width - (s - 1) * gap) / s
            if it.get("loose"):               # set across the box, line by line, as advertisements are
                s, W = 1, width
            body_x = [x + c * (W + gap) + pad for c in range(s)]
            col_w = (W - 2 * pad) / em
            col_top = [top + pad] * s
            if s == 1 and place_of_head not in ("top", "under"):
                place_of_head = "top"
            if place_of_head == "top":
                heads, ny = head_block(page, r, it, k, x + pad, top + pad, width - 2 * pad, style)
                col_top = [ny] * s
            elif place_of_head == "part":
                over = r.randint(1, s - 1)
                hw = over * W + (over - 1) * gap
                heads, ny = head_block(page, r, it, k, x, top, hw, style)
                for c in range(over):
                    col_top[c] = ny
            elif place_of_head == "left":
                heads, ny = head_block(page, r, it, k, x, top, W, style)
                col_top[0] = ny
            elif place_of_head == "mid":
                over = r.randint(1, s - 1)
                at = r.randint(0, s - over)
                hw = over * W + (over - 1) * gap
                heads, ny = head_block(page, r, it, k, x + at * (W + gap), top, hw, style)
                for c in range(at, at + over):
                    col_top[c] = ny
            drawn = []
            by = []
            if it["print"].get("square"):
                chars = page.chars(it["print"]["square"], k, "Y")
                for l in break_lines(page, chars, max(6, width / em if place_of_head == "top" else col_w), style, 0):
                    natural = sum(advance(c, page.latin) for c, _ in l) * em
                    where = width if place_of_head == "top" else W
                    start = x + (max(0, where - natural) / 2 if style["centre"] else 0)
                    by.append(place(page, l, start, col_top[0], em, 0, False, style))
                    if place_of_head == "top":
                        col_top = [c + lead for c in col_top]
                    else:
                        col_top[0] += lead
            lines = set_paragraphs(page, k, it["print"]["shown"], col_w, style)
            # fill columns evenly to a common foot
            total = len(lines)
            foot = (sum(col_top) + total * lead) / s
            caps = [max(0, int((foot - t) / lead)) for t in col_top]
            while sum(caps) < total:
                caps[caps.index(min(caps)) if style["unequal"] else min(range(s), key=lambda c: col_top[c] + caps[c] * lead)] += 1
            jitter = columns_of(total, s, r, True) if style["unequal"] and len(set(col_top)) == 1 else None
            if jitter and len(jitter) == s:
                caps = jitter
            cols, n = [], 0
            for c in range(s):
                col = []
                yy = col_top[c]
                # an optional step so that base lines of neighbours do not meet
                yy += style["stagger"] * em * (c % 2)
                for l, ind, last in lines[n:n + caps[c]]:
                    fx = body_x[c] + ind * em
                    if it.get("loose"):
                        natural = sum(advance(ch, page.latin) for ch, _ in l) * em
                        col.append(place(page, l, fx + max(0, ((col_w - ind) * em - natural) / 2), yy, em, 0, False, style))
                        yy += lead + (em * it["loose"] if last else 0)
                        continue
                    col.append(place(page, l, fx, yy, em, (col_w - ind) * em, (not last) and style["justify"], style))
                    yy += lead + (style["para_gap"] * em if last else 0)
                n += caps[c]
                bottom = max(bottom, yy)
                if col:
                    cols.append(col)
            if it["print"].get("jump"):
                chars = page.chars(it["print"]["jump"], k, "J")
                natural = sum(advance(c, page.latin) for c, _ in chars) * em
                yy = (cols[-1][-1]["y"] + lead) if cols else top
                jl = place(page, chars, body_x[max(0, len(cols) - 1)] + max(0, col_w * em - natural), yy, em, 0, False, style)
                (cols[-1] if cols else cols.append([]) or cols[-1]).append(jl)
                bottom = max(bottom, yy + lead)
            if place_of_head == "under":
                heads, ny = head_block(page, r, it, k, x, bottom + em * 0.3, width, style)
                bottom = max(bottom, ny)
            if heads:
                bottom = max(bottom, max(h["y"] for h in heads) + 2 * em)
            if by:
                groups.append(("by", k, by))
            groups.append(("head", k, heads))
            for c, col in enumerate(cols):
                groups.append(("body", k, col))
            W = W0
            x += width + gap * (1.0 if not style["wide_gutter"] else 1.6)
        y = bottom + em * r.choice([1.0, 1.5, 2.5])
    return groups, y + 40


def flow(page, r, items, style, top):
    """One stream of articles poured into columns of equal height, as old broadsheets do."""
    em, lead, W, gap = style["size"], style["size"] * style["leading"], style["width"] * style["size"], style["gap"] * style["size"]
    stream = []
    for k, it in enumerate(items):
        head, _ = head_block(page, r, it, k, 0, 0, W, style)
        for h in head:
            stream.append(("head", k, h, h["size"] * 1.25))
        if it["print"].get("square"):
            for l in break_lines(page, page.chars(it["print"]["square"], k, "Y"), style["width"], style, 0):
                stream.append(("by", k, place(page, l, 0, 0, em, 0, False, style), lead))
        for l, ind, last in set_paragraphs(page, k, it["print"]["shown"], style["width"], style):
            stream.append(("body", k, place(page, l, ind * em, 0, em, (style["width"] - ind) * em, (not last) and style["justify"], style), lead))
        if it["print"].get("jump"):
            stream.append(("body", k, place(page, page.chars(it["print"]["jump"], k, "J"), em, 0, em, 0, False, style), lead))
        stream.append(("gap", k, None, em * r.choice([0.5, 1.0, 1.5])))
    total = sum(h for *_, h in stream)
    height = total / style["ncol"] + 2 * em
    style["flow_height"] = height + 60
    groups, c, y = [], 0, top
    for kind, k, line, h in stream:
        if y + h > top + height and c < style["ncol"] - 1 and not line or y + h > top + height and c < style["ncol"] - 1 and kind == "body":
            c += 1
            y = top
        if line is None:
            y += h
            continue
        dx = 20 + c * (W + gap)
        line = dict(line, y=y, x0=line["x0"] + dx, x1=line["x1"] + dx, glyphs=[(i, ch, gx + dx) for i, ch, gx in line["glyphs"]])
        y += h
        if groups and groups[-1][0] == kind and groups[-1][1] == k and kind == "body" and groups[-1][3] == c:
            groups[-1][2].append(line)
        else:
            groups.append((kind, k, [line], c))
    return [g[:3] for g in groups]


def stream_order(groups, r, style):
    """The order in which the page draws its groups."""
    heads = [g for g in groups if g[0] == "head"]
    rest = [g for g in groups if g[0] != "head"]
    mode = style["order"]
    if mode == "heads-first":
        return heads + rest
    if mode == "heads-last":
        return rest + heads
    if mode == "body-then-head":
        out, held, last = [], [], None
        for g in groups:
            if g[1] != last:
                out += held
                held, last = [], g[1]
            (held if g[0] == "head" else out).append(g)
        return out + held
    if mode == "shuffled":
        by = {}
        for g in groups:
            by.setdefault(g[1], []).append(g)
        keys = list(by)
        r.shuffle(keys)
        out = []
        for k in keys:
            gs = by[k]
            heads_ = [g for g in gs if g[0] == "head"]
            if r.random() < 0.3:
                out += [g for g in gs if g[0] != "head"] + heads_
            else:
                out += gs
        return out
    if mode == "mixed":                      # heads gathered for some articles only
        late = {g[1] for g in heads if r.random() < 0.5}
        return [g for g in groups if g[0] != "head" or g[1] not in late] + [g for g in heads if g[1] in late]
    return groups


# ---------------------------------------------------------------- the PDF

def pdf(page, groups, width, height, path, ascent=880, descent=-120, fonts=1, swollen=False):
    """A PDF whose every character maps to a code point of its own."""
    latin = page.latin
    ops = ["BT"]
    widths = {}
    used = set()
    HYPHEN, SPACE = 65001, 65000
    for _, _, lines in groups:
        for line in lines:
            if not line["glyphs"]:
                continue
            size = line["size"]
            start = line["glyphs"][0][2]
            # Browsers set lines on whole pixels, so that neighbouring lines are not one distance apart.
            y = round(line["y"] / PIXEL) * PIXEL if swollen else line["y"]
            baseline = height - y - size
            parts, pos, font = [], start, None
            for i, c, gx in line["glyphs"]:
                cid = SPACE if i is None else HYPHEN if i == "hyphen" else i + 1
                a = advance(c, latin)
                # Glyphs drawn by procedures (Type 3) look larger to extractors than they are: they guess the size from a glyph's width.
                k = (2.0 if wide(c) else 1.1) if swollen else 1.0
                widths[cid] = round(a * 1000 / k)
                used.add(cid)
                # Converters hand out the glyphs of one face to many small fonts, and extractors part words where the font changes.
                f = (ord(c) >> 5) % fonts
                if (f, k) != font:
                    if parts:
                        ops.append("[" + "".join(parts) + "] TJ")
                    ops.append(f"/F{f} {size * k:.3f} Tf 1 0 0 1 {gx:.2f} {baseline:.2f} Tm")
                    parts, pos, font = [], gx, (f, k)
                shift = (gx - pos) / (size * k) * 1000
                if abs(shift) > 0.5:
                    parts.append(f"{-shift:.1f}")
                parts.append(f"<{cid:04x}>")
                pos = gx + a * size
            ops.append("[" + "".join(parts) + "] TJ")
    ops.append("ET")
    content = zlib.compress("\n".join(ops).encode())
    cmap = ["/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def 1 begincodespacerange <0000> <ffff> endcodespacerange"]
    ids = sorted(used)
    for n in range(0, len(ids), 100):
        part = ids[n:n + 100]
        cmap.append(f"{len(part)} beginbfchar")
        for cid in part:
            u = 0x20 if cid == SPACE else 0x2D if cid == HYPHEN else PUA + cid - 1
            cmap.append(f"<{cid:04x}> <{chr(u).encode('utf-16-be').hex()}>")
        cmap.append("endbfchar")
    cmap.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    tounicode = zlib.compress("\n".join(cmap).encode())
    w = " ".join(f"{cid} [{widths[cid]}]" for cid in ids)
    # The first font is object 5, the others stand behind what all of them share.
    numbers = [5] + [8 + n for n in range(1, fonts)]
    names = "".join(f"/F{n} {at} 0 R" for n, at in enumerate(numbers))
    face = b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[6 0 R]/ToUnicode 8 0 R>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width:.1f} {height:.1f}]/Contents 4 0 R/Resources<</Font<<{names}>>>>>>".encode(),
        b"<</Length %d/Filter/FlateDecode>>stream\n" % len(content) + content + b"\nendstream",
        face,
        f"<</Type/Font/Subtype/CIDFontType0/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 1000/W[{w}]/FontDescriptor 7 0 R>>".encode(),
        f"<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 {descent} 1000 {ascent}]/ItalicAngle 0/Ascent {ascent}/Descent {descent}/CapHeight 700/StemV 80>>".encode(),
        b"<</Length %d/Filter/FlateDecode>>stream\n" % len(tounicode) + tounicode + b"\nendstream",
    ]
    objects += [face] * (fonts - 1)
    out, offsets = bytearray(b"%PDF-1.5\n"), []
    for n, o in enumerate(objects):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % (n + 1) + o + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for o in offsets:
        out += b"%010d 00000 n \n" % o
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    open(path, "wb").write(out)


def extract(path, how):
    if how.startswith("pdftotext"):
        return subprocess.run(["pdftotext", *how.split()[1:], path, "-"], check=True, capture_output=True).stdout.decode("utf-8", "replace")
    if how.startswith("pymupdf"):
        import fitz
        with fitz.open(path) as d:
            if how == "pymupdf text":
                return d[0].get_text("text")
            blocks = [b[4].strip("\n") for b in d[0].get_text("blocks", sort=how.endswith("sort")) if b[6] == 0]
            return "\n\n".join(blocks) + "\n"
    import pypdf
    return pypdf.PdfReader(path).pages[0].extract_text() + "\n"


def habits_of_text(page, text, r, style):
    """What some converters make of a page's text besides: blank lines between paragraphs, or paragraphs unwrapped."""
    if not style["para_blank"] and not style["unwrap"]:
        return text
    label = lambda c: page.labels[ord(c) - PUA] if ord(c) >= PUA and ord(c) - PUA < len(page.labels) else None
    lines = text.split("\n")
    out = lines[:1]
    for line in lines[1:]:
        before = next((label(c) for c in reversed(out[-1]) if label(c)), None)
        after = next((label(c) for c in line if label(c)), None)
        if before and after and before[1] == after[1] and out[-1].strip() and line.strip():
            running = before[3] == after[3] and before[2] == after[2] and after[4] - before[4] == 1
            if style["unwrap"] and running and before[2] in "BANWyc":
                joined = out[-1].rstrip()
                # A character of the text has a code point of its own: a plain hyphen was set by the line break.
                out[-1] = joined[:-1] + line.strip() if joined.endswith("-") else joined + (" " if page.latin else "") + line.strip()
                continue
            if style["para_blank"] and "-raw" not in style["extractor"] and before[3] != after[3] and before[2] in "BLYyc" and r.random() < style["para_blank"]:
                out.append("")
        out.append(line)
    return "\n".join(out)


def resolve(page, text):
    """The text with its real characters, and the runs of labels."""
    out, runs, prev = [], [], None
    for c in text:
        o = ord(c)
        if o >= PUA:
            i = o - PUA
            if i >= len(page.labels):
                out.append(c)
                continue
            ch, item, role, par, pos = page.labels[i]
            out.append(ch)
            prev = i
        elif c == "-":
            out.append(c)
            if prev is None:
                item, role, par, pos = "folio", "F", 0, 0
            else:
                _, item, role, par, pos = page.labels[prev]
        else:
            out.append(c)
            continue
        last = runs[-1] if runs else None
        if last and last[1:4] == [item, role, par] and last[4] + last[0] == pos:
            last[0] += 1
        else:
            runs.append([1, item, role, par, pos])
    return "".join(out), runs


def save(source, name, text, runs, items, folio, lang, style):
    """Writes a page with its truth and its labels."""
    names = {k: n for n, k in enumerate(list(range(len(items))) + ["folio"])}
    runs = [[n, names[item], role, par, pos] for n, item, role, par, pos in runs]
    truth = [dict(it["truth"], kind=it["kind"]) for it in items]
    if folio:
        truth.append(dict(kind="masthead", headline=None, paragraphs=list(folio)))
    meta = dict(source=source, page=os.path.basename(name), language=lang, content_order=style["order"], extraction=style["extractor"])
    json.dump(dict(meta, articles=truth), open(name + ".truth.json", "w", encoding="utf-8"), ensure_ascii=False)
    json.dump(dict(meta, kinds=[t["kind"] for t in truth], chars=runs), open(name + ".labels.json", "w", encoding="utf-8"), ensure_ascii=False, separators=(",", ":"))
    open(name + ".txt", "w", encoding="utf-8").write(text)


def one_page(job):
    name, articles, seed, split, lang = job
    r = random.Random(seed)
    style = forms.style(r, split, lang)
    global ASCII, SPACE
    ASCII, SPACE = style["ascii"], style["space"]
    page = Page(style["latin"])
    items, folio = forms.items(r, [dict(a) for a in articles], split, lang, style)
    groups, height = layout(page, r, items, folio, style)
    # the scorer's truth knows only what was drawn
    order = stream_order(groups, r, style)
    width = 60 + style["ncol"] * (style["width"] * style["size"] * 1.0 + style["gap"] * style["size"] * 1.7)
    height = max([l["y"] for _, _, ls in groups for l in ls] + [height]) + 60
    fd, path = tempfile.mkstemp(suffix=".pdf")
    os.close(fd)
    try:
        pdf(page, order, width, height, path, *style["font"])
        text = extract(path, style["extractor"])
    finally:
        os.unlink(path)
    text, runs = resolve(page, habits_of_text(page, text, r, style))
    save("typeset", name, text, runs, items, folio, lang, style)
    return name, style["order"], style["extractor"]


def options():
    """What the command line asks for, and the articles that may be told, by language."""
    ap = argparse.ArgumentParser()
    ap.add_argument("out")
    ap.add_argument("articles", nargs="*")
    ap.add_argument("--pages", type=int, default=100)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--split", choices=["train", "held"], default="train")
    ap.add_argument("--jobs", type=int, default=2)
    a = ap.parse_intermixed_args()
    files = a.articles or sorted(glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "articles", "*.jsonl")))
    pool = {}
    for f in files:
        for line in open(f, encoding="utf-8"):
            if line.strip():
                x = json.loads(line)
                if x.get("headline") and x.get("paragraphs") and forms.belongs(x, split=a.split):
                    pool.setdefault(forms.family(x.get("lang", "zh-Hans")), []).append(x)
    os.makedirs(a.out, exist_ok=True)
    return a, pool


def main():
    a, pool = options()
    r = random.Random(a.seed)
    jobs = []
    langs = [l for l in forms.SHARES if l in pool]
    weights = [forms.SHARES[l] for l in langs]
    for k in range(a.pages):
        lang = r.choices(langs, weights)[0]
        chosen = r.sample(pool[lang], min(len(pool[lang]), r.choice([1, 2, 3, 4, 5, 6, 7, 7, 8, 8, 9, 9, 10, 10, 12, 12])))
        jobs.append((os.path.join(a.out, f"{k:05d}"), chosen, r.randrange(1 << 30), a.split, lang))
    with Pool(a.jobs) as p:
        for n, done in enumerate(p.imap_unordered(one_page, jobs, chunksize=8)):
            if n % 500 == 0:
                print(n, *done, flush=True)


if __name__ == "__main__":
    main()
