//! Holds the sources to the rules that ARCHITECTURE.md states: which module may know which, which
//! stages are pure, how long a file may be, and what no file may hold.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may import of the crate besides itself. A module that is not listed here is
/// refused: whoever adds one says what it may know. The binary (`main.rs` and `command/`) is a
/// crate of its own and may use all of the library.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("outgoing", &[]),
    ("source", &["model", "outgoing"]),
    ("page", &["model"]),
    ("article", &["model"]),
    ("summary", &["model"]),
    ("alert", &["model"]),
    ("story", &["model"]),
    ("llm", &["model"]),
    ("search", &["model"]),
    ("store", &["model", "search"]),
    ("feed", &["model"]),
    ("digest", &["model"]),
    ("webhook", &["model", "outgoing", "digest::schedule"]),
    ("websub", &["model", "outgoing"]),
    ("http", &["model", "search", "store", "feed", "websub", "jobs::order_feed"]),
    ("jobs", &["model", "page", "article", "summary", "alert", "story", "llm", "store", "feed", "digest", "webhook", "websub"]),
    ("config", &["model", "outgoing", "source", "summary", "alert", "llm", "feed", "digest::schedule", "webhook", "websub"]),
    (
        "daemon",
        &[
            "model", "outgoing", "source", "page", "article", "summary", "alert", "story", "llm", "store", "feed", "digest", "webhook",
            "websub", "http", "jobs", "config",
        ],
    ),
];

/// Plain functions from values to values: benched, fuzzed and compared with files directly.
const PURE: &[&str] = &["model", "page", "article", "summary", "alert", "story", "search", "feed", "digest"];

/// What a pure module does not name: the world and its clock.
const IMPURE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "tokio",
    "reqwest",
    "sqlx",
    "Utc::now",
    "Local::now",
    "SystemTime::now",
    "Instant::now",
    "async fn",
    "async move",
];

/// Lines of a source file at most.
const MAX_LINES: usize = 600;

/// How a file of fitted numbers begins: nobody reads it, so it may be as long as it has to be.
const FITTED: &str = "// Fitted by `";

/// Words that name a module after nothing.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "manager", "misc", "common"];

/// Beginnings of paths that lead to one person's machine. Written in pieces, for this file is
/// looked through as well.
const MACHINES: &[&str] =
    &[concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/"), concat!("/wo", "rk/"), concat!(":\\Us", "ers\\")];

/// Folders that git does not keep, or that hold what others wrote.
const PASSED_OVER: &[&str] =
    &["target", "data", ".git", "tests/tools/venv", "tests/tools/synapse", "tests/tools/npm/node_modules", "tests/tools/node_modules"];

/// Endings of files that are looked through for paths of machines.
const TEXTS: &[&str] = &["rs", "toml", "md", "sql", "html", "css", "sh", "yml", "yaml", "service", "json"];

/// A source file of the crate.
struct Source {
    /// Its path below the crate's root, with `/` between the components.
    path: String,
    text: String,
}

impl Source {
    /// The modules down to the one that this file is: `src/source/directory/mod.rs` is
    /// `["source", "directory"]`.
    fn modules(&self) -> Vec<&str> {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let mut modules: Vec<&str> = path.split('/').collect();
        if modules.last() == Some(&"mod") {
            modules.pop();
        }
        modules
    }

    /// The lines of code with their numbers: without comments and without what is compiled for
    /// tests only.
    fn code(&self) -> Vec<(usize, &str)> {
        let mut code = Vec::new();
        let mut lines = self.text.lines().zip(1..).peekable();
        while let Some((line, number)) = lines.next() {
            let trimmed = line.trim();
            if trimmed == "#[cfg(test)]" {
                let item = lines.by_ref().map(|(line, _)| line).find(|line| !line.trim_start().starts_with("#[")).unwrap_or_default();
                let end = format!("{}}}", &item[..item.len() - item.trim_start().len()]);
                if item.trim_end().ends_with('{') {
                    lines.by_ref().map(|(line, _)| line).find(|line| *line == end);
                } else if !item.trim_end().ends_with(';') {
                    lines.by_ref().map(|(line, _)| line).find(|line| line.trim_end().ends_with(';') || *line == end);
                }
            } else if !trimmed.starts_with("//") {
                code.push((number, line.split(" // ").next().unwrap_or(line)));
            }
        }
        code
    }

    /// The modules below this one that are compiled for tests only, as paths without `.rs`.
    fn test_modules(&self) -> Vec<String> {
        let folder = self.path.trim_end_matches("mod.rs").trim_end_matches(".rs").trim_end_matches('/');
        let lines: Vec<&str> = self.text.lines().map(str::trim).collect();
        let declared = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]").filter_map(|pair| {
            let name = pair[1].strip_suffix(';')?.rsplit_once("mod ")?.1;
            Some(format!("{folder}/{name}"))
        });
        declared.collect()
    }
}

/// The paths that a piece of code takes from `root`: `crate::{a::{B, C}, d}` gives `a::B`, `a::C`
/// and `d`, each with the byte at which the expression begins.
fn paths_from(code: &str, root: &str) -> Vec<(usize, String)> {
    let begin = format!("{root}::");
    let mut paths = Vec::new();
    for (at, _) in code.match_indices(&begin) {
        let is_other = code[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | ':'));
        if !is_other {
            let mut rest = &code[at + begin.len()..];
            let mut found = Vec::new();
            expand(String::new(), &mut rest, &mut found);
            paths.extend(found.into_iter().map(|path| (at, path)));
        }
    }
    paths
}

/// Reads one tree of a path off `rest`.
fn expand(mut prefix: String, rest: &mut &str, paths: &mut Vec<String>) {
    loop {
        *rest = rest.trim_start();
        if let Some(group) = rest.strip_prefix('{') {
            *rest = group;
            while !rest.trim_start().is_empty() {
                *rest = rest.trim_start();
                if let Some(behind) = rest.strip_prefix('}') {
                    *rest = behind;
                    return;
                }
                let before = rest.len();
                expand(prefix.clone(), rest, paths);
                *rest = rest.trim_start().strip_prefix(',').unwrap_or(rest);
                if rest.len() == before {
                    return;
                }
            }
            return;
        }
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        prefix.push_str(&rest[..end]);
        *rest = &rest[end..];
        match rest.strip_prefix("::") {
            Some(behind) => {
                prefix.push_str("::");
                *rest = behind;
            }
            None => {
                paths.push(prefix);
                // What a renaming import is called is no matter here.
                if let Some(renamed) = rest.trim_start().strip_prefix("as ") {
                    *rest = renamed.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
                }
                return;
            }
        }
    }
}

fn is_within(path: &str, allowed: &str) -> bool {
    path.strip_prefix(allowed).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The code as one text, and the line of each of its bytes.
fn joined<'s>(code: &[(usize, &'s str)]) -> (String, impl Fn(usize) -> usize + use<'s>) {
    let mut text = String::new();
    let mut starts = Vec::new();
    for (number, line) in code {
        starts.push((text.len(), *number));
        text.push_str(line);
        text.push('\n');
    }
    (text, move |at| starts.iter().rev().find(|(start, _)| *start <= at).map_or(1, |(_, number)| *number))
}

/// What is wrong with the imports of a file of the library.
fn wrong_imports(source: &Source) -> Vec<String> {
    let modules = source.modules();
    let top = modules[0];
    let Some((_, may)) = MAY_IMPORT.iter().find(|(module, _)| *module == top) else {
        return vec![format!("{}:1: the module {top} is not in the table of tests/tidy.rs; add it with what it may import", source.path)];
    };
    let (code, line_of) = joined(&source.code());
    let mut wrong = Vec::new();
    for (at, path) in paths_from(&code, "crate") {
        if !is_within(&path, top) && !may.iter().any(|allowed| is_within(&path, allowed)) {
            wrong.push(format!("{}:{}: {top} may import {may:?} of the crate, not {path}", source.path, line_of(at)));
        }
    }
    let to_root = "super::".repeat(modules.len());
    for (at, _) in code.match_indices(&to_root) {
        if !code[..at].ends_with("super::") {
            wrong.push(format!(
                "{}:{}: this path leads out of {top}; write it with crate:: so that it can be seen",
                source.path,
                line_of(at)
            ));
        }
    }
    wrong
}

/// Where a pure module names the world.
fn impurities(source: &Source) -> Vec<String> {
    if !PURE.contains(&source.modules()[0]) {
        return Vec::new();
    }
    let (code, line_of) = joined(&source.code());
    let mut wrong = Vec::new();
    let mut note = |at: usize, what: &str| {
        wrong.push(format!(
            "{}:{}: {} is pure and does not name {what}; let the jobs or the daemon pass the value in",
            source.path,
            line_of(at),
            source.modules()[0]
        ));
    };
    for word in IMPURE {
        for (at, _) in code.match_indices(word) {
            let is_other = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
                || code[at + word.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
            if !is_other {
                note(at, word);
            }
        }
    }
    // `use std::{fs, net}` spells none of the words above.
    for (at, path) in paths_from(&code, "std") {
        let path = format!("std::{path}");
        if code[at..].starts_with("std::{") && IMPURE.iter().any(|word| is_within(&path, word)) {
            note(at, &path);
        }
    }
    wrong
}

fn wrong_shape(source: &Source) -> Vec<String> {
    let mut wrong = Vec::new();
    let lines = source.text.lines().count();
    if lines > MAX_LINES && !source.text.starts_with(FITTED) {
        wrong.push(format!("{}:{lines}: {lines} lines, more than {MAX_LINES}; divide the file by what its parts are about", source.path));
    }
    for name in source.path.trim_end_matches(".rs").split('/') {
        if EMPTY_NAMES.contains(&name) || name.ends_with("_utils") || name.ends_with("_manager") {
            wrong.push(format!("{}:1: {name} says nothing; name the module by what it is about", source.path));
        }
    }
    wrong
}

fn machine_paths(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().zip(1..);
    let hits = lines.filter_map(|(line, number)| MACHINES.iter().find(|machine| line.contains(**machine)).map(|machine| (number, machine)));
    hits.map(|(number, machine)| format!("{path}:{number}: a path below {machine} leads to one person's machine; write a relative one"))
        .collect()
}

/// All files below `folder` that are kept, with their paths below the crate's root.
fn files(folder: &Path, found: &mut Vec<(String, PathBuf)>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let below = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        if path.is_dir() {
            if !PASSED_OVER.contains(&below.as_str()) {
                files(&path, found);
            }
        } else {
            found.push((below, path));
        }
    }
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    let rust = found.into_iter().filter(|(below, _)| below.ends_with(".rs"));
    rust.map(|(path, file)| Source { path, text: fs::read_to_string(file).unwrap() }).collect()
}

/// The library's sources that are compiled into the library, those for tests left out.
fn library(sources: &[Source]) -> Vec<&Source> {
    let tests: BTreeSet<String> = sources.iter().flat_map(Source::test_modules).collect();
    let is_test = |path: &str| {
        let module = path.trim_end_matches(".rs");
        tests.iter().any(|test| module == test || module.starts_with(&format!("{test}/")))
    };
    let is_binary = |path: &str| path == "src/main.rs" || path.starts_with("src/command/");
    sources.iter().filter(|source| source.path != "src/lib.rs" && !is_binary(&source.path) && !is_test(&source.path)).collect()
}

#[track_caller]
fn assert_none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn modules_import_only_what_the_table_allows() {
    let sources = sources();
    assert_none(library(&sources).into_iter().flat_map(wrong_imports).collect());
}

#[test]
fn pure_stages_name_neither_the_world_nor_its_clock() {
    let sources = sources();
    assert_none(library(&sources).into_iter().flat_map(impurities).collect());
}

#[test]
fn files_are_short_and_named_after_something() {
    assert_none(sources().iter().flat_map(wrong_shape).collect());
}

#[test]
fn no_file_holds_a_path_of_one_machine() {
    let mut found = Vec::new();
    files(Path::new(env!("CARGO_MANIFEST_DIR")), &mut found);
    let texts =
        found.into_iter().filter(|(below, _)| TEXTS.iter().any(|end| below.ends_with(&format!(".{end}"))) || below.starts_with(".ci/"));
    assert_none(texts.flat_map(|(below, file)| machine_paths(&below, &String::from_utf8_lossy(&fs::read(file).unwrap()))).collect());
}

#[test]
fn every_rule_catches_what_it_is_for() {
    let source = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    let lines = |wrong: Vec<String>| wrong.iter().map(|w| w.split(": ").next().unwrap_or_default().to_owned()).collect::<Vec<_>>();

    let text = "use crate::model::Page;\nuse crate::{\n    model,\n    webhook::{self, Sender},\n};\nfn f() { crate::digest::compose(); crate::digest::schedule::parse() }\n// crate::jobs\n#[cfg(test)]\nmod tests {\n    use crate::jobs;\n}\nuse super::super::feed;\n";
    let wrong = wrong_imports(&source("src/webhook/slack.rs", text));
    assert_eq!(lines(wrong), ["src/webhook/slack.rs:6", "src/webhook/slack.rs:12"]);
    let wrong = wrong_imports(&source("src/page/mod.rs", text));
    assert_eq!(wrong.len(), 5, "{wrong:?}");
    assert_eq!(wrong_imports(&source("src/plugins/mod.rs", "")).len(), 1);

    let text = "use std::fs;\nuse std::{fmt, net};\nfn f() { Utc::now() }\n/// tokio\nlet tokio_like = 1;\n#[cfg(test)]\nuse std::fs;\nasync fn g() {}\n";
    let wrong = impurities(&source("src/digest/mod.rs", text));
    assert_eq!(lines(wrong), ["src/digest/mod.rs:1", "src/digest/mod.rs:3", "src/digest/mod.rs:8", "src/digest/mod.rs:2"]);
    assert_eq!(lines(impurities(&source("src/source/mod.rs", text))), [""; 0]);

    assert_eq!(wrong_shape(&source("src/page/utils.rs", &"\n".repeat(601))).len(), 2);
    assert_eq!(machine_paths("README.md", &format!("see {}x", MACHINES[0])).len(), 1);

    let sources = [
        source("src/feed/mod.rs", "mod rss;\n#[cfg(test)]\npub(crate) mod specimen;\n"),
        source("src/feed/specimen.rs", ""),
        source("src/feed/specimen/more.rs", ""),
        source("src/feed/rss.rs", ""),
    ];
    let kept: Vec<&str> = library(&sources).into_iter().map(|source| source.path.as_str()).collect();
    assert_eq!(kept, ["src/feed/mod.rs", "src/feed/rss.rs"]);
}
