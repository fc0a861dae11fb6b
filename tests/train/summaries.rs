//! Fits the numbers in `src/summary/weights/` on articles with several headlines each.
//!
//!     cargo run --release --example train -- salience
//!
//! Every fifth text of each file is held out; `cargo bench --bench summary` measures on those. The
//! same texts give the same numbers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use newsboy::summary::fitting;

#[path = "texts.rs"]
mod texts;

use texts::Text;

/// Characters that a character must have been seen in to have a number of its own.
const SEEN: usize = 24;
/// How strongly a character's own number is drawn to zero.
const OWN_RIDGE: f64 = 12.0;
const RIDGE: f64 = 1.0;
const ROUNDS: usize = 300;

/// Fits the chance of a term to stand in a headline, and writes it down.
pub fn run() {
    salience(&texts::texts());
}

struct Row {
    signs: Vec<f64>,
    own: Option<usize>,
    share: f64,
}

fn salience(texts: &[Text]) {
    let all: Vec<_> =
        texts.iter().map(|text| (text.held, text.set == "other languages", fitting::terms(&text.article, &text.heads))).collect();
    let mut seen: BTreeMap<char, usize> = BTreeMap::new();
    for row in all.iter().filter(|(held, ..)| !held).flat_map(|(.., rows)| rows) {
        if let Some(c) = row.character {
            *seen.entry(c).or_default() += 1;
        }
    }
    let own: Vec<char> = seen.iter().filter(|(_, n)| **n >= SEEN).map(|(c, _)| *c).collect();
    let row = |row: &fitting::TermRow| Row {
        signs: row.signs.iter().map(|s| f64::from(*s)).collect(),
        own: row.character.and_then(|c| own.binary_search(&c).ok()),
        share: f64::from(row.share),
    };
    let part = |want_held: bool, want_words: bool| -> Vec<Row> {
        all.iter()
            .filter(|(held, words, _)| (*held, *words) == (want_held, want_words))
            .flat_map(|(.., rows)| rows.iter().map(row))
            .collect()
    };
    let (ideographs, numbers) = fit(&part(false, false), &part(true, false), own.len());
    let (words, _) = fit(&part(false, true), &part(true, true), own.len());
    let mut file = header("salience");
    for (name, w) in [("SALIENCE", ideographs), ("SALIENCE_OF_WORDS", words)] {
        let list = w.iter().map(|v| format!("{v:.4}")).collect::<Vec<_>>().join(", ");
        let _ = writeln!(file, "#[rustfmt::skip]\npub(in crate::summary) static {name}: [f32; {}] = [{list}];", w.len());
    }
    let _ = writeln!(file, "#[rustfmt::skip]\npub(in crate::summary) static CHARACTERS: &[(char, f32)] = &[");
    for line in own.iter().zip(&numbers).collect::<Vec<_>>().chunks(8) {
        let _ = writeln!(file, "    {}", line.iter().map(|(c, v)| format!("('{c}', {v:.2}),")).collect::<Vec<_>>().join(" "));
    }
    file.push_str("];\n");
    write("salience", &file);
}

/// The numbers of the signs, and the characters' own, by steps along each one's own curvature, all at once
/// and a little damped.
fn fit(train: &[Row], held: &[Row], own: usize) -> (Vec<f64>, Vec<f64>) {
    let width = train[0].signs.len();
    let (mut w, mut o) = (vec![0.0; width], vec![0.0; own]);
    for round in 0..ROUNDS {
        let (mut g, mut h) = (vec![0.0; width], vec![RIDGE; width]);
        let (mut go, mut ho) = (vec![0.0; own], vec![OWN_RIDGE; own]);
        for row in train {
            let p = chance(row, &w, &o);
            let (error, curve) = (row.share - p, p * (1.0 - p));
            for (n, s) in row.signs.iter().enumerate() {
                g[n] += error * s;
                h[n] += curve * s * s;
            }
            if let Some(at) = row.own {
                go[at] += error;
                ho[at] += curve;
            }
        }
        for n in 0..width {
            w[n] += 0.2 * (g[n] - RIDGE * w[n]) / h[n];
        }
        for n in 0..own {
            o[n] += 0.2 * (go[n] - OWN_RIDGE * o[n]) / ho[n];
        }
        if round + 1 == ROUNDS {
            println!("loss {:.5} on texts fitted to, {:.5} on those held out", loss(train, &w, &o), loss(held, &w, &o));
        }
    }
    println!("{w:.3?}");
    (w, o)
}

fn chance(row: &Row, w: &[f64], o: &[f64]) -> f64 {
    let x = row.signs.iter().zip(w).map(|(s, w)| s * w).sum::<f64>() + row.own.map_or(0.0, |at| o[at]);
    1.0 / (1.0 + (-x).exp())
}

fn loss(rows: &[Row], w: &[f64], o: &[f64]) -> f64 {
    let one = |row: &Row| {
        let p = chance(row, w, o).clamp(1e-6, 1.0 - 1e-6);
        -(row.share * p.ln() + (1.0 - row.share) * (1.0 - p).ln())
    };
    rows.iter().map(one).sum::<f64>() / rows.len().max(1) as f64
}

fn header(step: &str) -> String {
    format!("// Fitted by `cargo run --release --example train -- {step}` (tests/train); do not edit.\n\n")
}

fn write(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/summary/weights/{name}.rs"));
    std::fs::write(path, text).unwrap();
}
