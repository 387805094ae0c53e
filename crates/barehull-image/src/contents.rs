//! Contents of regular files: what is kept of them, read once from front to back.

use crate::content::{Content, MultiCall, Program, Script, Text, Unread};
use crate::note::NoteKind;
use crate::packages::rpm;
use crate::wanted::{self, Wanted};
use crate::{ElfFacts, Limits, Package};
use memchr::memmem;
use std::io::{self, Read};
use std::sync::Arc;

/// Enough to know what a file is.
const HEAD: usize = 4096;
/// What the kernel reads of a script's first line (`BINPRM_BUF_SIZE`).
const LINE: usize = 256;
/// What keeping anything of a file takes besides its bytes, about.
const SMALL: u64 = 128;
/// A buffer that grew larger is given back.
const BUFFER: usize = 1 << 20;
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "ash", "ksh", "zsh"];

/// Reads contents, within the limits of the image.
#[derive(Debug)]
pub(crate) struct Contents {
    limits: Limits,
    kept: u64,
    buffer: Vec<u8>,
}

impl Contents {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { limits: limits.clone(), kept: 0, buffer: Vec::new() }
    }

    /// What is kept of the file that `body` gives the `size` bytes of. The rest is left in `body`.
    pub(crate) fn read(
        &mut self,
        path: &str,
        mode: u32,
        size: u64,
        body: &mut dyn Read,
    ) -> io::Result<Content> {
        let wanted = wanted::by_path(path);
        self.buffer.clear();
        body.take(size.min(HEAD as u64)).read_to_end(&mut self.buffer)?;
        let content = if self.buffer.starts_with(b"\x7fELF") {
            self.program(size, body)?
        } else if self.buffer.starts_with(b"#!") {
            self.script(mode, wanted, size, body)?
        } else if wanted == Some(Wanted::Packages) {
            self.packages(size, body)?
        } else if let Some(wanted) = wanted {
            let limit = match wanted {
                Wanted::Database => self.limits.database_bytes,
                _ => self.limits.text_bytes,
            };
            match self.text(limit, size, body)? {
                Ok(text) => Content::Text(Arc::new(text)),
                Err(Unread::TooLarge) if wanted == Wanted::Candidate => Content::Other,
                Err(why) => Content::Unread(why),
            }
        } else {
            Content::Other
        };
        if self.buffer.capacity() > BUFFER {
            self.buffer = Vec::new();
        }
        Ok(content)
    }

    fn program(&mut self, size: u64, body: &mut dyn Read) -> io::Result<Content> {
        if size > self.limits.elf_bytes {
            return Ok(Content::Unread(Unread::TooLarge));
        }
        self.rest(size, body)?;
        let Some(facts) = ElfFacts::read(&self.buffer) else {
            return Ok(Content::Unread(Unread::Malformed));
        };
        if !self.keep(weight(&facts)) {
            return Ok(Content::Unread(Unread::OverBudget));
        }
        let multi_call = multi_call(&self.buffer);
        Ok(Content::Elf(Arc::new(Program { facts, multi_call })))
    }

    fn script(
        &mut self,
        mode: u32,
        wanted: Option<Wanted>,
        size: u64,
        body: &mut dyn Read,
    ) -> io::Result<Content> {
        // The kernel reads no further.
        let head = &self.buffer[2..self.buffer.len().min(LINE)];
        let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let interpreter = String::from_utf8_lossy(line).trim().to_owned();
        if !self.keep(SMALL + interpreter.len() as u64) {
            return Ok(Content::Unread(Unread::OverBudget));
        }
        let is_shell = interpreter
            .split_whitespace()
            .take(2)
            .any(|word| word.rsplit('/').next().is_some_and(|name| SHELLS.contains(&name)));
        let is_kept = mode & 0o111 != 0 || is_shell || wanted.is_some();
        let text = if is_kept { self.text(self.limits.text_bytes, size, body)?.ok() } else { None };
        Ok(Content::Script(Arc::new(Script { interpreter, text })))
    }

    /// What a binary package database lists: it is large, and of no other use. One that cannot be read is noted where
    /// databases are gathered.
    fn packages(&mut self, size: u64, body: &mut dyn Read) -> io::Result<Content> {
        if size > self.limits.rpm_bytes {
            return Ok(Content::Unread(Unread::TooLarge));
        }
        self.rest(size, body)?;
        let Some(packages) = rpm::packages(&self.buffer) else { return Ok(Content::Other) };
        if !self.keep(packages.iter().map(Package::weight).sum()) {
            return Ok(Content::Unread(Unread::OverBudget));
        }
        Ok(Content::Packages(packages.into()))
    }

    /// All of the file, if it is not too large and there is still room.
    fn text(&mut self, limit: u64, size: u64, body: &mut dyn Read) -> io::Result<Result<Text, Unread>> {
        if size > limit {
            return Ok(Err(Unread::TooLarge));
        }
        if !self.keep(SMALL + size) {
            return Ok(Err(Unread::OverBudget));
        }
        self.rest(size, body)?;
        Ok(Ok(Text(self.buffer.as_slice().into())))
    }

    /// So many bytes are kept no longer.
    pub(crate) fn release(&mut self, bytes: u64) {
        self.kept = self.kept.saturating_sub(bytes);
    }

    /// Whether there is room for so many bytes more, which is then taken.
    fn keep(&mut self, bytes: u64) -> bool {
        let fits = self.kept + bytes <= self.limits.kept_bytes;
        if fits {
            self.kept += bytes;
        }
        fits
    }

    /// Fills the buffer with all of the file, which is known to be small enough.
    fn rest(&mut self, size: u64, body: &mut dyn Read) -> io::Result<()> {
        let left = size - self.buffer.len() as u64;
        self.buffer.reserve_exact(left as usize);
        body.take(left).read_to_end(&mut self.buffer).map(drop)
    }
}

/// What a file that was not read is noted as.
pub(crate) const fn note_of(content: &Content) -> Option<NoteKind> {
    match content {
        Content::Unread(Unread::TooLarge) => Some(NoteKind::TooLarge),
        Content::Unread(Unread::OverBudget) => Some(NoteKind::OverBudget),
        Content::Unread(Unread::Sparse) => Some(NoteKind::Sparse),
        Content::Unread(Unread::Malformed) => Some(NoteKind::MalformedElf),
        Content::Unread(Unread::Forbidden) => Some(NoteKind::Unreadable),
        _ => None,
    }
}

/// About how many bytes of memory the facts take: names in a small file may overlap and come to much.
fn weight(facts: &ElfFacts) -> u64 {
    let text = |text: &String| size_of::<String>() + text.len();
    let texts = |list: &[String]| list.iter().map(text).sum::<usize>();
    let requires =
        facts.requires.iter().map(|needed| text(&needed.library) + texts(&needed.versions)).sum::<usize>();
    let single = facts
        .interpreter
        .iter()
        .chain(&facts.soname)
        .chain(&facts.certificate_folder)
        .map(text)
        .sum::<usize>();
    let lists = [&facts.needed, &facts.rpath, &facts.offers, &facts.default_folders].map(|list| texts(list));
    let runpath = facts.runpath.as_ref().map_or(0, |list| texts(list));
    (size_of::<Program>() + single + requires + runpath + lists.iter().sum::<usize>()) as u64
}

/// Known by what it prints when it is called by its own name.
fn multi_call(bytes: &[u8]) -> Option<MultiCall> {
    let holds = |text: &str| memmem::find(bytes, text.as_bytes()).is_some();
    if holds("BusyBox is a multi-call binary") {
        Some(MultiCall::Busybox)
    } else if holds("Toybox %s multicall binary") {
        Some(MultiCall::Toybox)
    } else {
        None
    }
}
