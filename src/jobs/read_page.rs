//! Reads a page's bytes where they can do no harm.
//!
//! A PDF is a program, and the crates that run it bound neither their time nor their memory: a few
//! kilobytes can unpack to gigabytes, a deep nesting can use up the stack, and both end the process
//! they happen in. So PDFs are read in a process of their own, which is this program with the command
//! `read-page`: the bytes go in, the pages come out as JSON, and the system ends it at its limits.
//! Text and ALTO are read right here.

use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use chrono::NaiveDate;

use crate::article;
use crate::model::{CompanionKind, Page, PageFormat, PageKey, Problem, RawPage};
use crate::page;

/// How long reading one file may take. A broadsheet takes a tenth of a second, an edition of a
/// hundred pages ten.
pub const TIME_LIMIT: Duration = Duration::from_secs(60);
/// The memory that reading one file may take, in bytes of address space.
pub const MEMORY_LIMIT: u64 = 2 * 1024 * 1024 * 1024;
/// The stack that reading one file may take, in bytes: forms in forms and arrays in arrays nest as
/// deep as the crates allow.
const STACK: usize = 64 * 1024 * 1024;
/// The longest answer that is taken, in bytes; a page of 60,000 glyphs gives some 3 MB.
const MAX_ANSWER: u64 = 256 * 1024 * 1024;

/// Where pages of risky formats are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageReader {
    /// In this process. It may be ended by what it reads.
    Here,
    /// In a process of its own, by this program's command `read-page`.
    Apart {
        /// The program.
        program: PathBuf,
        /// When it is ended.
        time: Duration,
    },
}

impl PageReader {
    /// Reads in processes of the program that is running, which has to be newsboy.
    pub fn apart() -> Self {
        // The link leads to the running program even when an update has taken its place.
        let link = PathBuf::from("/proc/self/exe");
        let program = if link.exists() { link } else { std::env::current_exe().unwrap_or_else(|_| PathBuf::from("newsboy")) };
        Self::Apart { program, time: TIME_LIMIT }
    }

    /// Reads `raw`, and what stands beside it where that says more; see [`page::read`]. It blocks until
    /// the pages are there or the time is over.
    ///
    /// Of several forms of one page, one that tells places goes before one that does not, and a
    /// recognition before the text behind a scan's picture. The text fills in what a PDF's fonts lost.
    ///
    /// Problems besides those of the format: `page-reader-failed`.
    pub fn read(&self, raw: &RawPage) -> Vec<Page> {
        let mut forms = forms(raw);
        let mut pages = self.read_form(&forms.remove(0));
        for form in forms {
            let recognised = pages.iter().flat_map(|page| &page.problems).any(|problem| problem.code == "page-recognised");
            let one = pages.len() == 1;
            let lost = one && pages[0].layout.as_ref().is_some_and(|layout| layout.runs().any(|run| run.text.contains('\u{fffd}')));
            if lost && form.format == PageFormat::Text {
                let text = page::read(&form);
                text.first().into_iter().for_each(|text| page::fill(&mut pages[0], text));
            }
            let unread = pages.iter().all(|page| page.blocks.is_empty());
            if unread || (one && recognised && form.format == PageFormat::Alto) {
                let others = self.read_form(&form);
                if others.iter().any(|page| !page.blocks.is_empty()) {
                    pages = others;
                }
            }
        }
        name_by_folio(&mut pages);
        pages
    }

    fn read_form(&self, raw: &RawPage) -> Vec<Page> {
        match self {
            Self::Apart { program, time } if page::is_risky(raw.format) => read_apart(raw, program, *time).unwrap_or_else(|why| {
                let problem = Problem::new("page-reader-failed", format!("{}: {why}", raw.origin));
                vec![Page { problems: vec![problem], ..Page::empty(raw.key.page.as_str()) }]
            }),
            _ => page::read(raw),
        }
    }
}

/// Gives the pages of a file that has several the numbers that their folios print, from the second on:
/// the first has the name of the file. Where two would have one name, they keep their places in the file.
fn name_by_folio(pages: &mut [Page]) {
    let Some((first, others)) = pages.split_first_mut() else { return };
    let printed: Vec<Option<String>> = others.iter().map(|page| article::printed_number(page).map(|label| label.to_string())).collect();
    for (n, page) in others.iter_mut().enumerate() {
        if let Some(name) = printed[n].clone()
            && name != first.number
            && printed.iter().filter(|other| other.as_ref() == Some(&name)).count() == 1
        {
            page.number = name;
        }
    }
}

/// The forms of a page, the one that says most first.
fn forms(raw: &RawPage) -> Vec<RawPage> {
    let rank = |format| match format {
        PageFormat::Pdf => 0,
        PageFormat::Alto => 1,
        PageFormat::Text => 2,
    };
    let structures = || raw.companions.iter().filter(|other| other.kind == CompanionKind::Structure).cloned().collect();
    let mut forms = vec![RawPage { companions: structures(), ..raw.clone() }];
    for other in &raw.companions {
        if let CompanionKind::Page(format) = other.kind {
            let (origin, bytes) = (other.origin.clone(), other.bytes.clone());
            forms.push(RawPage { key: raw.key.clone(), format, origin, modified: raw.modified, bytes, companions: structures() });
        }
    }
    forms.sort_by_key(|form| rank(form.format));
    forms
}

/// Ends the process it holds, however it is left.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // Fails where it has ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn read_apart(raw: &RawPage, program: &PathBuf, time: Duration) -> Result<Vec<Page>, String> {
    let mut command = Command::new(program);
    command.args(["read-page", "--page", raw.key.page.as_str(), "--origin", &raw.origin]);
    // What reads a stranger's file knows no secret of the environment.
    command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let child = command.spawn().map_err(|error| format!("the process that reads PDFs cannot be started: {error}"))?;
    let mut child = Ended(child);
    let (Some(mut stdin), Some(stdout)) = (child.0.stdin.take(), child.0.stdout.take()) else {
        return Err("the process that reads PDFs has no input or output".to_owned());
    };
    let (sender, receiver) = mpsc::sync_channel(1);
    let answer: io::Result<Vec<u8>> = thread::scope(|scope| {
        scope.spawn(move || {
            let mut answer = Vec::new();
            let read = stdout.take(MAX_ANSWER + 1).read_to_end(&mut answer).map(|_| answer);
            // Nobody listens any more where the time is over.
            let _ = sender.send(read);
        });
        scope.spawn(move || {
            // Fails where the process ends before it has read all; its end tells why.
            let _ = stdin.write_all(&raw.bytes);
        });
        let answer = receiver.recv_timeout(time);
        if answer.is_err() {
            // Ended now, it closes the pipes that the threads wait on.
            let _ = child.0.kill();
        }
        answer.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    });
    let answer = answer.map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut => format!("reading it took more than {} seconds and was given up; save it anew as PDF", time.as_secs()),
        _ => format!("the answer of the process that reads PDFs cannot be read: {error}"),
    })?;
    if answer.len() as u64 > MAX_ANSWER {
        return Err(format!("it holds more than {MAX_ANSWER} bytes of text and places; give its pages one by one"));
    }
    let status = child.0.wait().map_err(|error| format!("the process that reads PDFs was lost: {error}"))?;
    if !status.success() {
        return Err(format!("reading it came to a bad end ({}); save it anew as PDF", ending(status)));
    }
    serde_json::from_slice(&answer).map_err(|error| format!("the answer of the process that reads PDFs is none: {error}"))
}

fn ending(status: ExitStatus) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        if let Some(signal) = status.signal() {
            return format!("it went past the limits of memory, stack or time: signal {signal}");
        }
    }
    status.to_string()
}

/// What the command `read-page` does: takes its own limits, reads a PDF from standard input and writes
/// its pages to standard output.
///
/// # Errors
/// What the system refused.
pub fn serve(page: String, origin: String) -> io::Result<()> {
    limit_this_process()?;
    let work = move || -> io::Result<()> {
        let mut bytes = Vec::new();
        io::stdin().lock().take(page::pdf::MAX_PDF_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        let key = PageKey { source: String::new(), date: NaiveDate::default(), page: page.into() };
        let pages = page::read(&RawPage { key, format: PageFormat::Pdf, origin, modified: None, bytes, companions: Vec::new() });
        let mut out = io::BufWriter::new(io::stdout().lock());
        serde_json::to_writer(&mut out, &pages)?;
        out.flush()
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(work)?;
    thread.join().unwrap_or_else(|_| Err(io::Error::other("the reader broke down")))
}

#[cfg(unix)]
fn limit_this_process() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = |resource, value: u64| {
        let least = |present: Option<u64>| Some(present.map_or(value, |present| present.min(value)));
        let present = getrlimit(resource);
        setrlimit(resource, Rlimit { current: least(present.current), maximum: least(present.maximum) })
    };
    limit(Resource::As, MEMORY_LIMIT)?;
    limit(Resource::Cpu, TIME_LIMIT.as_secs())?;
    // It writes no file, and leaves none behind when it ends badly.
    limit(Resource::Fsize, 0)?;
    limit(Resource::Core, 0)?;
    Ok(())
}

#[cfg(not(unix))]
fn limit_this_process() -> io::Result<()> {
    Ok(())
}
