//! Secrets: from the environment, from a file, or as they stand in the configuration.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use toml::Spanned;
use toml::de::DeValue;

use crate::model::Secret;

use super::Surroundings;
use super::remark::Notes;
use super::section::{Section, nearest};
use super::value::absolute;

/// Bytes of a file with a secret at most.
const MAX_SECRET_BYTES: u64 = 16 * 1024;

const FORMS: &str = "write { env = \"NAME\" } for a variable of the environment, or { file = \"PATH\" } for a file";

/// Reads a secret. No message shows it, nor what stands in its place.
pub(super) fn secret(section: &mut Section<'_>, key: &'static str, around: &Surroundings<'_>) -> Option<Spanned<Secret>> {
    let value = section.ask(key)?;
    let read = match value.get_ref() {
        DeValue::String(text) => literal(text, value, key, section.notes(), around),
        DeValue::Table(table) => {
            let texts: Vec<(&str, Option<&str>)> =
                table.iter().map(|(name, text)| (name.get_ref().as_ref(), text.get_ref().as_str())).collect();
            match texts.as_slice() {
                [("env", Some(name))] => from_environment(name, around),
                [("file", Some(path))] => from_file(path, value, key, section.notes(), around),
                [(name @ ("env" | "file"), None)] => Err(format!("{name} is not text in quotes; {FORMS}")),
                [(name, _)] => {
                    let hint = nearest(name, ["env", "file"]).map_or_else(|| FORMS.to_owned(), |near| format!("did you mean {near}?"));
                    Err(format!("{name:?} is no place for a secret; {hint}"))
                }
                _ => Err(format!("found a table of {} entries, expected one of them; {FORMS}", texts.len())),
            }
        }
        other => Err(format!("found {}, expected a secret; {FORMS}", other.type_str())),
    };
    match read {
        Ok(secret) => Some(Spanned::new(value.span(), secret)),
        Err(message) => {
            section.error(key, value.span(), &message);
            None
        }
    }
}

/// Characters of a token at least: one that is guessed opens what is kept from others.
const MIN_TOKEN_CHARS: usize = 16;

/// Reads a token, a secret long enough that nobody guesses it.
pub(super) fn long_secret(section: &mut Section<'_>, key: &'static str, around: &Surroundings<'_>) -> Option<Secret> {
    let token = secret(section, key, around)?;
    if token.get_ref().expose().chars().count() < MIN_TOKEN_CHARS {
        let message =
            format!("this token is shorter than {MIN_TOKEN_CHARS} characters and could be guessed; make one with openssl rand -hex 16");
        section.error(key, token.span(), &message);
    }
    Some(token.into_inner())
}

fn literal(text: &str, value: &Spanned<DeValue<'_>>, key: &str, notes: &Notes, around: &Surroundings<'_>) -> Result<Secret, String> {
    if text.trim().is_empty() {
        return Err(format!("found empty text; {FORMS}"));
    }
    if around.world_readable {
        notes.warning(
            value.span(),
            format!("{key}: this secret stands in a file that everybody on this machine can read; {FORMS}, or take the right to read it from others (chmod o-r)"),
        );
    }
    Ok(Secret::new(text.trim()))
}

fn from_environment(name: &str, around: &Surroundings<'_>) -> Result<Secret, String> {
    match (around.environment)(name) {
        Some(text) if !text.trim().is_empty() => Ok(Secret::new(text.trim())),
        Some(_) => Err(format!("the environment's variable {name} is empty; set it where newsboy is started")),
        None => Err(format!("the environment has no variable {name}, or it is not Unicode; set it where newsboy is started")),
    }
}

fn from_file(path: &str, value: &Spanned<DeValue<'_>>, key: &str, notes: &Notes, around: &Surroundings<'_>) -> Result<Secret, String> {
    let path = absolute(around.dir, Path::new(path));
    let shown = path.display();
    let metadata = fs::metadata(&path).map_err(|error| format!("the file {shown} cannot be read: {error}"))?;
    if !metadata.is_file() {
        return Err(format!("{shown} is not a file"));
    }
    if is_world_readable(&metadata) {
        notes.warning(value.span(), format!("{key}: everybody on this machine can read {shown}; take that right from others (chmod o-r)"));
    }
    let mut text = String::new();
    let read = File::open(&path).and_then(|file| file.take(MAX_SECRET_BYTES + 1).read_to_string(&mut text));
    read.map_err(|error| format!("the file {shown} cannot be read: {error}"))?;
    match text.trim() {
        "" => Err(format!("the file {shown} is empty, expected the secret in it")),
        _ if text.len() as u64 > MAX_SECRET_BYTES => {
            Err(format!("the file {shown} has more than {MAX_SECRET_BYTES} bytes, too many for a secret"))
        }
        secret => Ok(Secret::new(secret)),
    }
}

#[cfg(unix)]
pub(super) fn is_world_readable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o004 != 0
}

/// Other systems keep rights that these bits do not tell.
#[cfg(not(unix))]
pub(super) fn is_world_readable(_: &fs::Metadata) -> bool {
    false
}
