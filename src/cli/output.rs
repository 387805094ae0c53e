//! Where output goes, and whether it has colours.

use std::io::{self, IsTerminal, Stderr, Stdout, Write};

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use barehull::report::Look;
use barehull::report::escape::{escaped, escaped_lines};

use super::args::{Color, Global};

/// Widest text that is easy to read.
const MAX_WIDTH: usize = 140;
/// Columns where there is no terminal.
const FILE_WIDTH: usize = 100;

/// Standard output and standard error.
pub struct Output {
    out: AutoStream<Stdout>,
    err: AutoStream<Stderr>,
    quiet: bool,
    all: bool,
}

impl Output {
    pub fn new(global: &Global) -> Self {
        let choice = match global.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        choice.write_global();
        // Bytes go through as they are: colours are decided where text is made.
        let (out, err) = (AutoStream::always(io::stdout()), AutoStream::always(io::stderr()));
        Self { out, err, quiet: global.quiet, all: global.all }
    }

    /// Whether only findings, patches and errors are wanted.
    pub const fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// How text on standard output looks.
    pub fn look(&self) -> Look {
        self.look_of(&io::stdout())
    }

    /// How text on standard error looks.
    pub fn error_look(&self) -> Look {
        self.look_of(&io::stderr())
    }

    fn look_of(&self, stream: &impl RawStream) -> Look {
        let width = if stream.is_terminal() { textwrap::termwidth().min(MAX_WIDTH) } else { FILE_WIDTH };
        Look { color: AutoStream::choice(stream) != ColorChoice::Never, width, all: self.all }
    }

    /// Prints `text` on standard output. It was escaped where it was made.
    pub fn print(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// Prints a patch: byte for byte into a file or a pipe, escaped and coloured on a terminal.
    pub fn print_patch(&mut self, patch: &str) -> io::Result<()> {
        if !io::stdout().is_terminal() {
            return self.out.write_all(patch.as_bytes());
        }
        let look = self.look();
        let shown: String =
            escaped_lines(patch).split_inclusive('\n').map(|line| look.diff_line(line)).collect();
        self.print(&shown)
    }

    /// Prints `text`, escaped where it was made, on standard error unless that is to be quiet.
    pub fn say(&mut self, text: &str) {
        if !self.quiet {
            // Nothing can be done about a closed standard error.
            let _ = self.err.write_all(text.as_bytes());
        }
    }

    /// Prints what was asked for on standard error, also when quiet.
    pub fn print_error(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes());
    }

    /// Prints a note.
    pub fn note(&mut self, message: &str) {
        let head = self.error_look().strong("note");
        self.say(&format!("{head}: {}\n", escaped(message)));
    }

    /// Prints an error, also when quiet.
    pub fn error(&mut self, message: &str) {
        let look = self.error_look();
        let head = look.severity(barehull::finding::Severity::Error, "error");
        let line = format!("{head}: {}\n", escaped(message));
        let _ = self.err.write_all(line.as_bytes());
    }
}

/// Whether the reader of standard output has gone away.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
