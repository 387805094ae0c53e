//! Unified diffs that `git apply` and `patch -p1` accept.

use std::fmt::Write;
use std::sync::Arc;

use similar::TextDiff;

use crate::project::ProjectPath;

/// A file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePatch {
    /// The file.
    pub path: ProjectPath,
    /// Its bytes before; absent where the patch creates it.
    pub before: Option<Arc<[u8]>>,
    /// Its bytes after; absent where the patch deletes it.
    pub after: Option<Arc<[u8]>>,
    /// Unix permission bits of a created or deleted file.
    pub mode: u32,
}

/// The unified diff of `patch`, its paths below `prefix` (`""`, or a folder with a trailing slash).
/// Only text is ever changed, so bytes that are not UTF-8 do not occur.
pub fn unified_diff(patch: &FilePatch, prefix: &str) -> String {
    let path = format!("{prefix}{}", patch.path);
    let (a, b) = (quoted(&format!("a/{path}")), quoted(&format!("b/{path}")));
    let before = text(patch.before.as_deref());
    let after = text(patch.after.as_deref());
    let mut out = format!("diff --git {a} {b}\n");
    match (&patch.before, &patch.after) {
        (None, _) => {
            let _ = writeln!(out, "new file mode 100{:o}", patch.mode);
        }
        (_, None) => {
            let _ = writeln!(out, "deleted file mode 100{:o}", patch.mode);
        }
        _ => {}
    }
    let from = if patch.before.is_some() { header(a) } else { "/dev/null".to_owned() };
    let to = if patch.after.is_some() { header(b) } else { "/dev/null".to_owned() };
    // `git apply` splits at line feeds only, so a lone carriage return must not end a line here.
    let (old, new) = (lines(&before), lines(&after));
    let diff = TextDiff::configure().newline_terminated(true).diff_slices(&old, &new);
    let _ = write!(out, "{}", diff.unified_diff().context_radius(3).header(&from, &to));
    out
}

/// A tab behind a name with spaces keeps `patch` from reading a time stamp out of it.
fn header(path: String) -> String {
    if path.contains(' ') { path + "\t" } else { path }
}

fn text(bytes: Option<&[u8]>) -> String {
    bytes.map(String::from_utf8_lossy).unwrap_or_default().into_owned()
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// A path as git writes it: in double quotes with C escapes where it holds quotes, controls or non-ASCII.
fn quoted(path: &str) -> String {
    let plain = path.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\');
    if plain {
        return path.to_owned();
    }
    let mut out = String::from("\"");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\{byte:03o}");
            }
        }
    }
    out.push('"');
    out
}
