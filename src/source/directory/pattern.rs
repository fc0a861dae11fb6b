//! The pattern of a page file's path, as the configuration gives it.
//!
//! `editions/sample/{date}/{page}.txt` begins with fixed directories, the *root*; below it stand
//! components with placeholders. `{date}` is a date as `2023-02-20`, `20230220` or `2023/02/20`
//! (three components), `{page}` a page as the paper numbers it (`02`, `A5`, `3b`), and `*` any run
//! of characters of one component. Everything else must stand in the path as it stands in the
//! pattern; only the ending may differ in case, for Windows machines send `.TXT`.

use std::path::{Component as PathComponent, Path, PathBuf};

use chrono::NaiveDate;
use thiserror::Error;

use crate::model::PageFormat;

/// Letters and digits of a page's number at most; `A12` has three.
const PAGE_CHARS: usize = 8;

/// `*` of one component at most. Matching takes time that grows with the power of their count.
const STARS: usize = 3;

/// `{date}` of a pattern at most. Each doubles the shapes that a path may have.
const DATES: usize = 3;

/// The first year that a page can be of: the first printed newspaper is of 1605.
const FIRST_YEAR: u16 = 1605;

/// Why a text is no pattern. Every message says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PatternError {
    /// A placeholder is missing that every page's path must have.
    #[error(
        "{placeholder} is missing: a page is known by the date and the page in its path; write for example editions/{{date}}/{{page}}.txt"
    )]
    Missing {
        /// `{date}` or `{page}`.
        placeholder: &'static str,
    },
    /// Braces hold a word that is no placeholder.
    #[error("{{{found}}} is no placeholder; {hint}")]
    Unknown {
        /// What stands between the braces.
        found: String,
        /// The nearest right one, or all of them.
        hint: String,
    },
    /// A brace has no partner.
    #[error("a brace has no partner; braces stand only around the placeholders {{date}} and {{page}}")]
    Brace,
    /// `{page}` stands more than once.
    #[error("{{page}} stands more than once; write * where a part of the path does not matter")]
    PageTwice,
    /// `{date}` stands too often.
    #[error("{{date}} stands more than {DATES} times; write * for the dates that do not matter")]
    ManyDates,
    /// `*` touches `{page}`, so that nobody can tell where the page's number begins or ends.
    #[error(
        "* stands directly beside {{page}}, which leaves open what belongs to the page; put a character between them, as in *_{{page}}.txt"
    )]
    StarBesidePage,
    /// Too many `*` in one component.
    #[error("a component of the path has more than {STARS} *; leave some out")]
    ManyStars,
    /// `**`, which other programs know.
    #[error("** (directories of any depth) is not known here; write each directory as a component of its own: */*/{{date}}/{{page}}.txt")]
    DoubleStar,
    /// `..` after a placeholder.
    #[error(
        ".. stands behind a placeholder; it may only lead to the place where the editions begin, as in ../editions/{{date}}/{{page}}.txt"
    )]
    ParentBehind,
    /// The last component is no name of a file.
    #[error("the path ends without a file's name; write for example {{page}}.txt at its end")]
    NoFileName,
    /// The file's ending names no format that newsboy reads.
    #[error("files ending in {found:?} cannot be read; pages end in .txt, .pdf or .xml (ALTO)")]
    Ending {
        /// The ending, with its point.
        found: String,
    },
    /// The file's name has no ending.
    #[error("the file's name has no ending, which would tell in what form the page is; pages end in .txt, .pdf or .xml (ALTO)")]
    NoEnding,
}

/// A piece of one component.
#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// These characters.
    Literal(String),
    /// These characters in either case, up to the end of the name.
    Ending(String),
    /// Any run of characters.
    Any,
    /// A date in one piece, with hyphens or without.
    Date,
    /// The first component of a date in three: four digits.
    Year,
    /// The second or third component of a date in three: two digits.
    TwoDigits,
    /// A page's number.
    Page,
}

type Component = Vec<Token>;

/// A pattern, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    text: String,
    root: PathBuf,
    /// One for each way in which the dates can stand: in one component or in three.
    shapes: Vec<Vec<Component>>,
}

/// What a file's path says about it.
#[derive(Debug, Clone, PartialEq)]
pub enum FileMatch {
    /// It is a page's file.
    Page {
        /// The date of the edition.
        date: NaiveDate,
        /// The page as the path names it.
        page: String,
        /// What form its bytes have, by its ending.
        format: PageFormat,
    },
    /// It has the form of a page's path, but not the sense: told in a sentence.
    Senseless(String),
    /// It is no page's file.
    Other,
}

/// What a directory's path says about it.
#[derive(Debug, Clone, PartialEq)]
pub enum FolderMatch {
    /// Pages may stand below it.
    Descend,
    /// It has the form of a directory with pages, but not the sense: told in a sentence.
    Senseless(String),
    /// No page can stand below it.
    Other,
}

/// What the placeholders stood for on the way through a path.
#[derive(Debug, Clone, Default)]
struct Captured {
    /// Year, month, day; as many times as the pattern has dates.
    numbers: Vec<u16>,
    page: Option<String>,
}

impl Captured {
    /// The one date that all of them name; `None` while no date is complete.
    fn date(&self) -> Result<Option<NaiveDate>, String> {
        let mut date = None;
        for ymd in self.numbers.chunks_exact(3) {
            let (year, month, day) = (ymd[0], ymd[1], ymd[2]);
            let this = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())
                .filter(|_| year >= FIRST_YEAR)
                .ok_or_else(|| format!("{year:04}-{month:02}-{day:02} is no date a newspaper can have"))?;
            match date {
                Some(other) if other != this => return Err(format!("its path names two dates, {other} and {this}")),
                _ => date = Some(this),
            }
        }
        Ok(date)
    }
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A [`PatternError`] that says what to write instead.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let mut root = if text.starts_with('/') { PathBuf::from("/") } else { PathBuf::new() };
        let mut components: Vec<Component> = Vec::new();
        if text.ends_with('/') || text.is_empty() {
            return Err(PatternError::NoFileName);
        }
        let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        for (n, part) in parts.iter().enumerate() {
            let is_file = n + 1 == parts.len();
            if *part == ".." {
                if is_file {
                    return Err(PatternError::NoFileName);
                }
                if !components.is_empty() {
                    return Err(PatternError::ParentBehind);
                }
                root.push(part);
                continue;
            }
            let component = parse_component(part, is_file)?;
            // The file's name is a component of the pattern even where it is fixed, so that the
            // root is always a directory.
            match component.as_slice() {
                [Token::Literal(name)] if components.is_empty() && !is_file => root.push(name),
                _ => components.push(component),
            }
        }
        check_counts(&components)?;
        let shapes = shapes(&components);
        Ok(Self { text: text.to_owned(), root, shapes })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The directories ahead of the first placeholder, relative unless the pattern is absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What the path of a file says about it; `relative` is its path below the root.
    pub fn file(&self, relative: &Path) -> FileMatch {
        let names = names_of(relative);
        let Some(name) = names.last() else { return FileMatch::Other };
        let mut senseless = None;
        for shape in self.shapes.iter().filter(|shape| shape.len() == names.len()) {
            let mut captured = Captured::default();
            if !shape.iter().zip(&names).all(|(component, name)| matches_name(component, name, &mut captured)) {
                continue;
            }
            let (Some(page), Some(format)) = (captured.page.clone(), format_of(name)) else { continue };
            match captured.date() {
                Ok(Some(date)) => return FileMatch::Page { date, page, format },
                Ok(None) => {}
                Err(why) => senseless = Some(why),
            }
        }
        senseless.map_or(FileMatch::Other, FileMatch::Senseless)
    }

    /// What the path of a directory says about it; `relative` is its path below the root.
    pub fn folder(&self, relative: &Path) -> FolderMatch {
        let names = names_of(relative);
        let mut senseless = None;
        for shape in self.shapes.iter().filter(|shape| shape.len() > names.len()) {
            let mut captured = Captured::default();
            if !shape.iter().zip(&names).all(|(component, name)| matches_name(component, name, &mut captured)) {
                continue;
            }
            match captured.date() {
                Ok(_) => return FolderMatch::Descend,
                Err(why) => senseless = Some(why),
            }
        }
        senseless.map_or(FolderMatch::Other, FolderMatch::Senseless)
    }
}

fn format_of(name: &str) -> Option<PageFormat> {
    PageFormat::of_extension(Path::new(name).extension()?.to_str()?)
}

/// The names of a path's components. A name that is not Unicode keeps its place with replacement
/// characters, which only `*` matches.
fn names_of(relative: &Path) -> Vec<String> {
    relative
        .components()
        .filter_map(|component| match component {
            PathComponent::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect()
}

fn parse_component(part: &str, is_file: bool) -> Result<Component, PatternError> {
    let mut tokens: Component = Vec::new();
    let mut rest = part;
    while let Some(first) = rest.chars().next() {
        match first {
            '{' => {
                let (name, behind) = rest[1..].split_once('}').ok_or(PatternError::Brace)?;
                tokens.push(placeholder(name)?);
                rest = behind;
            }
            '}' => return Err(PatternError::Brace),
            '*' if rest.starts_with("**") => return Err(PatternError::DoubleStar),
            '*' => {
                tokens.push(Token::Any);
                rest = &rest[1..];
            }
            _ => {
                let end = rest.find(['{', '}', '*']).unwrap_or(rest.len());
                tokens.push(Token::Literal(rest[..end].to_owned()));
                rest = &rest[end..];
            }
        }
    }
    if is_file {
        split_off_ending(&mut tokens)?;
    }
    Ok(tokens)
}

fn placeholder(name: &str) -> Result<Token, PatternError> {
    match name {
        "date" => Ok(Token::Date),
        "page" => Ok(Token::Page),
        _ => {
            let near = ["date", "page"].into_iter().find(|right| strsim::damerau_levenshtein(&name.to_lowercase(), right) <= 2);
            let hint = near.map_or_else(|| "known are {date} and {page}".to_owned(), |right| format!("did you mean {{{right}}}?"));
            Err(PatternError::Unknown { found: name.to_owned(), hint })
        }
    }
}

/// Makes the file's ending a token of its own, and refuses one that newsboy cannot read. An ending
/// with `*` is checked for each file.
fn split_off_ending(tokens: &mut Component) -> Result<(), PatternError> {
    let point =
        tokens.iter().rposition(|token| matches!(token, Token::Literal(text) if text.contains('.'))).ok_or(PatternError::NoEnding)?;
    let behind = &tokens[point + 1..];
    if !behind.is_empty() {
        let by_file = behind.iter().all(|token| matches!(token, Token::Any | Token::Literal(_)));
        return if by_file { Ok(()) } else { Err(PatternError::NoEnding) };
    }
    let Some(Token::Literal(mut text)) = tokens.pop() else { return Err(PatternError::NoEnding) };
    let ending = text.split_off(text.rfind('.').ok_or(PatternError::NoEnding)?);
    if PageFormat::of_extension(&ending[1..]).is_none() {
        return Err(PatternError::Ending { found: ending });
    }
    if !text.is_empty() {
        tokens.push(Token::Literal(text));
    }
    tokens.push(Token::Ending(ending));
    Ok(())
}

fn check_counts(components: &[Component]) -> Result<(), PatternError> {
    let count = |token: &Token| components.iter().flatten().filter(|t| *t == token).count();
    match (count(&Token::Date), count(&Token::Page)) {
        (0, _) => return Err(PatternError::Missing { placeholder: "{date}" }),
        (_, 0) => return Err(PatternError::Missing { placeholder: "{page}" }),
        (dates, _) if dates > DATES => return Err(PatternError::ManyDates),
        (_, 2..) => return Err(PatternError::PageTwice),
        _ => {}
    }
    for component in components {
        if component.iter().filter(|token| **token == Token::Any).count() > STARS {
            return Err(PatternError::ManyStars);
        }
        let touch = |pair: &[Token]| pair.contains(&Token::Any) && pair.contains(&Token::Page);
        if component.windows(2).any(touch) {
            return Err(PatternError::StarBesidePage);
        }
    }
    Ok(())
}

/// The pattern with each date in one component, and in three, in every combination.
fn shapes(components: &[Component]) -> Vec<Vec<Component>> {
    let mut shapes: Vec<Vec<Component>> = vec![Vec::new()];
    for component in components {
        for shape in &mut shapes {
            shape.push(Vec::new());
        }
        for token in component {
            let mut in_three = Vec::new();
            for shape in &mut shapes {
                if *token == Token::Date {
                    let mut other = shape.clone();
                    push(&mut other, Token::Year);
                    other.push(vec![Token::TwoDigits]);
                    other.push(vec![Token::TwoDigits]);
                    in_three.push(other);
                }
                push(shape, token.clone());
            }
            shapes.append(&mut in_three);
        }
    }
    shapes
}

fn push(shape: &mut [Component], token: Token) {
    if let Some(component) = shape.last_mut() {
        component.push(token);
    }
}

/// Whether a component matches the whole of a name. What is captured on a way that does not lead
/// to the end is taken back.
fn matches_name(tokens: &[Token], name: &str, captured: &mut Captured) -> bool {
    let Some((token, tokens)) = tokens.split_first() else { return name.is_empty() };
    match token {
        Token::Literal(text) => name.strip_prefix(text.as_str()).is_some_and(|rest| matches_name(tokens, rest, captured)),
        Token::Ending(text) => name.eq_ignore_ascii_case(text),
        // The shortest run first: what can be a date is a date.
        Token::Any => (0..=name.len()).filter(|&at| name.is_char_boundary(at)).any(|at| matches_name(tokens, &name[at..], captured)),
        Token::Date => {
            let read = digits(name, 4).and_then(|(year, rest)| {
                let hyphen = |rest| if rest_has_hyphen(name) { str::strip_prefix(rest, '-') } else { Some(rest) };
                let (month, rest) = digits(hyphen(rest)?, 2)?;
                let (day, rest) = digits(hyphen(rest)?, 2)?;
                Some(([year, month, day], rest))
            });
            read.is_some_and(|(numbers, rest)| with_numbers(&numbers, tokens, rest, captured))
        }
        Token::Year => digits(name, 4).is_some_and(|(year, rest)| with_numbers(&[year], tokens, rest, captured)),
        Token::TwoDigits => digits(name, 2).is_some_and(|(number, rest)| with_numbers(&[number], tokens, rest, captured)),
        Token::Page => {
            let longest = name.bytes().take(PAGE_CHARS).take_while(u8::is_ascii_alphanumeric).count();
            (1..=longest).rev().any(|end| {
                let label = &name[..end];
                let is_page = label.bytes().any(|b| b.is_ascii_digit()) && matches_name(tokens, &name[end..], captured);
                if is_page {
                    captured.page = Some(label.to_owned());
                }
                is_page
            })
        }
    }
}

/// Whether a date that begins `text` has its hyphens.
fn rest_has_hyphen(text: &str) -> bool {
    text.as_bytes().get(4) == Some(&b'-')
}

fn with_numbers(numbers: &[u16], tokens: &[Token], rest: &str, captured: &mut Captured) -> bool {
    let before = captured.numbers.len();
    captured.numbers.extend_from_slice(numbers);
    let matched = matches_name(tokens, rest, captured);
    if !matched {
        captured.numbers.truncate(before);
    }
    matched
}

/// The number that the first `count` bytes give, and what follows them.
fn digits(text: &str, count: usize) -> Option<(u16, &str)> {
    let head = text.get(..count).filter(|head| head.bytes().all(|b| b.is_ascii_digit()))?;
    Some((head.parse().ok()?, &text[count..]))
}

#[cfg(test)]
mod tests;
