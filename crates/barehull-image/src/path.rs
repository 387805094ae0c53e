//! Paths in an image: absolute, `/` between names, no `.`, `..`, empty name or slash at the end; the root is `/`.
//!
//! A name that is no UTF-8 is written with `\xNN` for each byte that is not.

use std::borrow::Cow;
use std::fmt::Write;

/// The path that a name of an archive or a link stands for, from the root. `..` at the root stays there; the second
/// value says whether that happened.
pub(crate) fn normalize(name: &str) -> (String, bool) {
    let mut path = String::with_capacity(name.len() + 1);
    let mut escaped = false;
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => match path.rfind('/') {
                Some(at) => path.truncate(at),
                None => escaped = true,
            },
            _ => {
                path.push('/');
                path.push_str(part);
            }
        }
    }
    if path.is_empty() {
        path.push('/');
    }
    (path, escaped)
}

/// Folder and name; `None` for the root.
pub(crate) fn split(path: &str) -> Option<(&str, &str)> {
    let (folder, name) = path.rsplit_once('/')?;
    (!name.is_empty()).then_some((if folder.is_empty() { "/" } else { folder }, name))
}

/// The path of `name` in a folder.
pub(crate) fn join(folder: &str, name: &str) -> String {
    if folder == "/" { format!("/{name}") } else { format!("{folder}/{name}") }
}

/// The bytes of a name as text.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let mut text = String::with_capacity(bytes.len() + 16);
            for chunk in bytes.utf8_chunks() {
                text.push_str(chunk.valid());
                for byte in chunk.invalid() {
                    // Writing to a string cannot fail.
                    let _ = write!(text, "\\x{byte:02x}");
                }
            }
            Cow::Owned(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_paths_below_the_root() {
        let table = [
            ("usr/bin/sh", "/usr/bin/sh", false),
            ("./usr//bin/./sh/", "/usr/bin/sh", false),
            ("/", "/", false),
            ("", "/", false),
            ("a/../b", "/b", false),
            ("../../etc/x", "/etc/x", true),
            ("a/../../b", "/b", true),
        ];
        for (name, path, escaped) in table {
            assert_eq!(normalize(name), (path.to_owned(), escaped), "{name}");
        }
    }

    #[test]
    fn other_bytes_stay_distinct() {
        assert_eq!(text(b"a\xff\xc3b"), r"a\xff\xc3b");
        assert_eq!(text("ä".as_bytes()), "ä");
    }
}
