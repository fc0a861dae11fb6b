//! The decisions that are fitted, one step each.

use newsboy::article::fitting as cut;
use newsboy::article::fitting::Class;

use crate::boost::{self, Fitted, Settings};
use crate::joins;
use crate::lines_over;
use crate::pages::{Label, Sample};

/// Runs one step.
pub fn run(step: &str, train: &[Sample], held: &[Sample]) {
    match step {
        "gap" => gap(train, held),
        "class" => class(train, held),
        "part" => joins::part(train, held),
        "glue" => joins::glue(train, held),
        "link" => joins::link(train, held, false),
        "edge" => joins::edge(train, held),
        "link-again" => joins::link(train, held, true),
        "rival" => joins::rival(train, held, false),
        "rival-again" => joins::rival(train, held, true),
        "diagnose" => joins::diagnose(held),
        "causes" => crate::causes::causes(held),
        "owner" => lines_over::owner(train, held, false),
        "owner-again" => lines_over::owner(train, held, true),
        "tile" => joins::tile(train, held),
        "take" => lines_over::take(train, held),
        "shed" => lines_over::shed(train, held),
        "news" => lines_over::news(train, held),
        "merge" => lines_over::merge(train, held),
        "role" => lines_over::role(train, held),
        "paragraph" => lines_over::paragraph(train, held),
        "sure" => lines_over::sure(train, held),
        "photo" => lines_over::photo(train, held),
        "balance" => joins::balance(train, held),
        other => panic!("no step {other}"),
    }
}

/// Writes forests as `src/article/weights/STEP.rs`.
pub fn write(step: &str, forests: &[(&str, &[Fitted])]) {
    let mut text =
        format!("// Fitted by `cargo run --release --example train -- {step} ...` (tests/train); do not edit.\n\nuse super::Forest;\n");
    for (name, list) in forests {
        if let [one] = list {
            text += &format!("\npub static {name}: Forest = {};\n", one.expression());
        } else {
            let all: Vec<String> = list.iter().map(Fitted::expression).collect();
            text += &format!("\npub static {name}: [Forest; {}] = [{}];\n", list.len(), all.join(", "));
        }
    }
    let path = format!("{}/src/article/weights/{step}.rs", env!("CARGO_MANIFEST_DIR"));
    std::fs::write(path, text).unwrap();
}

/// Prints how good a yes-or-no forest is.
pub fn report(name: &str, fitted: &Fitted, rows: &[Vec<f32>], labels: &[bool]) {
    let (mut tp, mut fp, mut fun, mut tn, mut loss) = (0, 0, 0, 0, 0.0);
    for (x, y) in rows.iter().zip(labels) {
        let s = f64::from(fitted.score(x));
        let p = 1.0 / (1.0 + (-s).exp());
        loss -= (if *y { p } else { 1.0 - p }).max(1e-9).ln();
        match (s > 0.0, *y) {
            (true, true) => tp += 1,
            (true, false) => fp += 1,
            (false, true) => fun += 1,
            (false, false) => tn += 1,
        }
    }
    println!(
        "{name}: rows {} right yes {tp} wrong yes {fp} missed {fun} right no {tn} loss {:.4}",
        rows.len(),
        loss / rows.len().max(1) as f64
    );
}

/// Which features a forest leans on.
pub fn lean(fitted: &Fitted) {
    let mut counts = std::collections::BTreeMap::new();
    for f in &fitted.features {
        *counts.entry(*f).or_insert(0) += 1;
    }
    let mut list: Vec<_> = counts.into_iter().collect();
    list.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    println!("   leans on {:?}", &list[..list.len().min(25)]);
}

fn follows(a: Label, b: Label) -> bool {
    a.item == b.item && (b.position == a.position + 1 || a.position == b.position)
}

fn gap(train: &[Sample], held: &[Sample]) {
    let examples = |samples: &[Sample]| {
        let mut rows = Vec::new();
        let mut labels = Vec::new();
        for s in samples {
            for (x, y) in cut::gap_examples(&s.page, |a, b| !follows(s.labels[a], s.labels[b])) {
                rows.push(x);
                labels.push(y);
            }
        }
        (rows, labels)
    };
    let (rows, labels) = examples(train);
    let fitted = boost::fit(&rows, &labels, Settings { rounds: 100, ..Settings::default() });
    report("gap train", &fitted, &rows, &labels);
    let (rows, labels) = examples(held);
    report("gap held", &fitted, &rows, &labels);
    lean(&fitted);
    write("gap", &[("GAP", &[fitted])]);
}

/// What a cell is, by its characters.
pub fn class_of(s: &Sample, start: usize, length: usize) -> Class {
    let mut counts = [0_usize; Class::COUNT];
    let labels = &s.labels[start..start + length];
    for l in labels {
        let class = match (s.kinds[l.item].as_str(), l.role) {
            ("ad" | "notice", _) => Class::Notice,
            ("weather", _) => Class::Weather,
            ("masthead", _) => Class::Folio,
            (_, 'K' | 'H' | 'D') => Class::Display,
            (_, 'Y' | 'C' | 'J') => Class::Signature,
            _ => Class::Body,
        };
        counts[class as usize] += 1;
    }
    if counts[Class::Signature as usize] > 0 && counts[Class::Body as usize] > 0 {
        counts[Class::Body as usize] += counts[Class::Signature as usize];
    }
    Class::ALL.into_iter().max_by_key(|c| (counts[*c as usize], std::cmp::Reverse(*c as usize))).unwrap()
}

fn class_report(name: &str, forests: &[Fitted], rows: &[Vec<f32>], labels: &[usize]) {
    let mut table = vec![[0_usize; Class::COUNT]; Class::COUNT];
    for (x, y) in rows.iter().zip(labels) {
        let scores: Vec<f32> = forests.iter().map(|f| f.score(x)).collect();
        let best = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap();
        table[*y][best] += 1;
    }
    println!("{name}: rows {}", rows.len());
    for (c, row) in Class::ALL.iter().zip(&table) {
        println!("   {c:?} taken for {row:?}");
    }
}

fn class(train: &[Sample], held: &[Sample]) {
    let read = |samples: &[Sample]| {
        let mut pages = Vec::new();
        for s in samples {
            let cells = cut::cells(&s.page);
            let labels: Vec<usize> = cells.cells.iter().map(|c| class_of(s, c.start, c.length) as usize).collect();
            pages.push((cells, labels));
        }
        pages
    };
    let (train, held) = (read(train), read(held));
    let settings = Settings { rounds: 80, rows: 0.2, features: 0.5, ..Settings::default() };
    let rows_of = |pages: &[(cut::Cells, Vec<usize>)]| -> (Vec<Vec<f32>>, Vec<usize>) {
        (pages.iter().flat_map(|(c, _)| cut::class_features(c)).collect(), pages.iter().flat_map(|(_, l)| l.clone()).collect())
    };
    // The second guess must meet first guesses as bad as they are on unseen pages: each half of the
    // pages is guessed by a forest fitted on the other.
    let half = train.len() / 2;
    let chances = |forests: &[Fitted], x: &[f32]| -> cut::Chances {
        let mut p: cut::Chances = std::array::from_fn(|k| forests[k].score(x).exp());
        let sum: f32 = p.iter().sum();
        p.iter_mut().for_each(|v| *v /= sum);
        p
    };
    let second = |pages: &[(cut::Cells, Vec<usize>)], forests: &[Fitted]| -> (Vec<Vec<f32>>, Vec<usize>) {
        let mut rows = Vec::new();
        let mut labels = Vec::new();
        for (cells, l) in pages {
            let first = cut::class_features(cells);
            let guess: Vec<cut::Chances> = first.iter().map(|x| chances(forests, x)).collect();
            rows.extend(cut::class_features_again(cells, &first, &guess));
            labels.extend(l);
        }
        (rows, labels)
    };
    let (rows, labels) = rows_of(&train[..half]);
    let a = boost::fit_classes(&rows, &labels, Class::COUNT, settings);
    let (rows, labels) = rows_of(&train[half..]);
    let b = boost::fit_classes(&rows, &labels, Class::COUNT, settings);
    let (mut rows2, mut labels2) = second(&train[half..], &a);
    let (r, l) = second(&train[..half], &b);
    rows2.extend(r);
    labels2.extend(l);
    drop(rows);
    let (rows, labels) = rows_of(&train);
    let first = boost::fit_classes(&rows, &labels, Class::COUNT, settings);
    drop(rows);
    let (rows, labels) = rows_of(&held);
    class_report("class held, first guess", &first, &rows, &labels);
    let again = boost::fit_classes(&rows2, &labels2, Class::COUNT, settings);
    let (rows, labels) = second(&held, &first);
    class_report("class held, second guess", &again, &rows, &labels);
    again.iter().for_each(lean);
    write("class", &[("CLASS", &first), ("CLASS_AGAIN", &again)]);
}
