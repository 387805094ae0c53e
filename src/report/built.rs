//! A built image in numbers, for people.

use std::fmt::Write;

use super::Paths;
use super::escape::escaped;
use super::style::Look;
use crate::analysis::{Analysis, BuiltImage};

/// `app.tar: Debian 12, amd64, 3 layers, 74.8 MB, 3412 files, 88 packages`, and what limits what was said.
pub fn heading(analysis: &Analysis, paths: &Paths, look: Look) -> String {
    let Some(image) = &analysis.image else { return String::new() };
    let mut out = format!("{}: {}\n", look.strong(escaped(&paths.show(&analysis.path))), in_words(image));
    for note in &image.notes {
        let _ = writeln!(out, "  {}", look.faint(escaped(note)));
    }
    out
}

fn in_words(image: &BuiltImage) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(image.os.as_deref().map(|os| escaped(os).into_owned()));
    if !image.architecture.is_empty() {
        parts.push(escaped(&image.architecture).into_owned());
    }
    parts.push(counted(image.layers.len() as u64, "layer"));
    parts.push(size(image.visible_bytes));
    parts.push(counted(image.files, "file"));
    if !image.packages.is_empty() {
        parts.push(counted(image.packages.len() as u64, "package"));
    }
    parts.join(", ")
}

pub(super) fn counted(count: u64, name: &str) -> String {
    if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") }
}

/// Bytes as people say it, in powers of ten as registries do: `74.8 MB`.
pub fn size(bytes: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.iter().find(|(unit, _)| bytes >= *unit) {
        // Tenths, rounded down.
        Some((unit, name)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let table = [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_000, "1.0 kB"),
            (74_850_000, "74.8 MB"),
            (2_000_000_000, "2.0 GB"),
        ];
        for (bytes, text) in table {
            assert_eq!(size(bytes), text);
        }
    }
}
