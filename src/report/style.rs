//! Colours of the text output.

use std::fmt::Display;

use annotate_snippets::Renderer;
use anstyle::{AnsiColor, Style};

use crate::finding::{Level, Severity};

/// How text is made for the one who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// With colours.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Long lists in full.
    pub all: bool,
}

impl Look {
    /// For a file: no colours, 100 columns.
    pub const PLAIN: Self = Self { color: false, width: 100, all: false };

    /// `text` in bold.
    pub fn strong(self, text: impl Display) -> String {
        self.paint(Style::new().bold(), text)
    }

    /// `text` that matters less.
    pub fn faint(self, text: impl Display) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    /// `text` for something good.
    pub fn good(self, text: impl Display) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    /// `text` in the colour of a severity.
    pub fn severity(self, severity: Severity, text: impl Display) -> String {
        let color = match severity {
            Severity::Error => AnsiColor::BrightRed,
            Severity::Warning => AnsiColor::Yellow,
            Severity::Info => AnsiColor::BrightBlue,
        };
        self.paint(color.on_default().bold(), text)
    }

    /// `text` in the colour of a level.
    pub fn level(self, level: Level, text: impl Display) -> String {
        let color = match level {
            Level::Safe => AnsiColor::Green,
            Level::Review => AnsiColor::Cyan,
            Level::Sketch => AnsiColor::Magenta,
        };
        self.paint(color.on_default(), text)
    }

    /// A line of a unified diff.
    pub fn diff_line(self, line: &str) -> String {
        let style = match line.as_bytes() {
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] | [b'd', b'i', b'f', b'f', ..] => {
                Style::new().bold()
            }
            [b'+', ..] => AnsiColor::Green.on_default(),
            [b'-', ..] => AnsiColor::Red.on_default(),
            [b'@', ..] => AnsiColor::Cyan.on_default(),
            _ => return line.to_owned(),
        };
        let text = line.trim_end_matches('\n');
        self.paint(style, text) + &line[text.len()..]
    }

    fn paint(self, style: Style, text: impl Display) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_string() }
    }

    /// What draws excerpts.
    pub(super) fn renderer(self) -> Renderer {
        let renderer = if self.color { Renderer::styled() } else { Renderer::plain() };
        renderer.term_width(self.width)
    }
}
