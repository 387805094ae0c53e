//! What one file shows, with the places in it.

use std::collections::BTreeSet;
use std::ops::Range;

use barehull_syntax::Span;

use super::calls::Touches;
use super::pieces::{Value, path_text, whole_text};
use super::programs::Started;
use super::syntax::Source;
use super::values::values;

/// The first port that any user may listen at.
const FIRST_FREE_PORT: u32 = 1024;

/// What one file shows; places are bytes in it.
#[derive(Debug, Default)]
pub(super) struct Uses {
    pub spawns: Vec<(Started, &'static str, Span)>,
    pub writes: Vec<(String, &'static str, Span)>,
    pub reads: Vec<(String, &'static str, Span)>,
    pub writes_elsewhere: Option<Span>,
    pub low_port: Option<Span>,
    /// First steps of texts that may be relative paths.
    pub named: BTreeSet<String>,
}

impl Uses {
    /// Notes programs that are started.
    pub fn spawns(&mut self, started: Vec<Started>, name: &'static str, span: Span) {
        for one in started {
            let spawn = (one, how(name), span);
            if self.spawns.last() != Some(&spawn) {
                self.spawns.push(spawn);
            }
        }
    }

    /// Notes what is done to the file that the tokens `path` name.
    pub fn file(
        &mut self,
        source: &Source<'_>,
        path: Range<usize>,
        touches: Touches,
        name: &'static str,
        span: Span,
    ) {
        for value in values(source, path) {
            self.path(source, &value, touches, name, span);
        }
    }

    /// Notes what is done to a file.
    pub fn path(
        &mut self,
        source: &Source<'_>,
        path: &Value,
        touches: Touches,
        name: &'static str,
        span: Span,
    ) {
        match path_text(path, &source.path) {
            Some(path) if is_elsewhere(&path) => {}
            Some(path) if touches == Touches::Reads => self.reads.push((path, how(name), span)),
            Some(path) => self.writes.push((path, how(name), span)),
            None if touches == Touches::Writes => {
                self.writes_elsewhere.get_or_insert(span);
            }
            None => {}
        }
    }

    /// Notes a file that settings name, and that is written.
    pub fn written(&mut self, path: String, how: &'static str, span: Span) {
        if !is_elsewhere(&path) {
            self.writes.push((path, how, span));
        }
    }

    /// Notes a port below those that any user may listen at.
    pub fn listens(&mut self, source: &Source<'_>, address: Option<Range<usize>>, span: Span) {
        let Some(address) = address else { return };
        let low = values(source, address).iter().filter_map(whole_text).any(|text| {
            let port = text.rsplit(':').next().and_then(|port| port.parse::<u32>().ok());
            port.is_some_and(|port| (1..FIRST_FREE_PORT).contains(&port))
        });
        if low {
            self.low_port.get_or_insert(span);
        }
    }
}

/// The first step of a text that may be a relative path.
pub(super) fn first_step(text: &str) -> Option<&str> {
    const MAX: usize = 256;
    let text = text.strip_prefix("./").unwrap_or(text);
    let plain = |c: char| c.is_alphanumeric() || "_-./*%{}$".contains(c);
    let first = text.split('/').next().unwrap_or(text);
    let fits = !first.is_empty() && first != ".." && text.len() <= MAX && text.chars().all(plain);
    fits.then_some(first)
}

/// Whether a path needs nothing of the image: it is in memory, temporary, or the kernel's.
fn is_elsewhere(path: &str) -> bool {
    let folders = ["/tmp", "/var/tmp", "/dev", "/proc", "/sys"];
    let is_below = |folder: &&str| {
        path.strip_prefix(*folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    path.is_empty()
        || path == "-"
        || path.contains("://")
        || path.contains(":memory:")
        || folders.iter().any(is_below)
}

/// What a name of a table is called in words: without the folders of a Go import.
fn how(name: &'static str) -> &'static str {
    let start = match name.rfind('/') {
        Some(at) if !name.contains(' ') && !name.ends_with('/') => at + 1,
        _ => 0,
    };
    name[start..].trim_end_matches(".*")
}
