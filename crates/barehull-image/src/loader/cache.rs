//! glibc's `/etc/ld.so.cache`, and the `/etc/ld.so.conf` that `ldconfig` makes it from.
//!
//! The loader reads the cache alone: a library that was copied into a configured folder without running `ldconfig`
//! is not found.

use std::collections::{BTreeMap, BTreeSet};

use super::Root;

/// The header of the only form that glibc has written since 2.2 (`sysdeps/generic/dl-cache.h`).
const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
/// Before it, in files that also hold the form of libc 5.
const OLD_MAGIC: &[u8] = b"ld.so-1.7.0";
/// Bytes of the header and of each entry.
const HEADER: usize = 48;
const ENTRY: usize = 24;
/// Files that one `ld.so.conf` may include.
const MAX_INCLUDES: usize = 256;

/// What the loader finds under `/etc/ld.so.cache`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cache {
    /// No such file: only the default folders count.
    Absent,
    /// Paths by library name, in the order in which the loader tries them.
    Read(BTreeMap<String, Vec<String>>),
    /// There is one, and it is not understood.
    Unknown,
}

impl Cache {
    pub(super) fn read(root: &impl Root) -> Self {
        let path = "/etc/ld.so.cache";
        match root.contents(path) {
            Some(bytes) => parse(bytes).map_or(Self::Unknown, Self::Read),
            None if root.real(path).is_some() => Self::Unknown,
            None => Self::Absent,
        }
    }
}

fn parse(bytes: &[u8]) -> Option<BTreeMap<String, Vec<String>>> {
    let table =
        if bytes.starts_with(OLD_MAGIC) { &bytes[memchr::memmem::find(bytes, MAGIC)?..] } else { bytes };
    if !table.starts_with(MAGIC) {
        return None;
    }
    // Written on a machine of either byte order, which the flags tell in newer files; a count that does not fit is
    // the other one.
    let little = |at: usize| Some(u32::from_le_bytes(table.get(at..at + 4)?.try_into().ok()?));
    let big = |at: usize| Some(u32::from_be_bytes(table.get(at..at + 4)?.try_into().ok()?));
    let fits = |count: u32| HEADER + count as usize * ENTRY <= table.len();
    let number: &dyn Fn(usize) -> Option<u32> = if fits(little(20)?) { &little } else { &big };
    let count = number(20)? as usize;
    if HEADER + count * ENTRY > table.len() {
        return None;
    }
    let string = |offset: u32| {
        let rest = table.get(offset as usize..)?;
        std::str::from_utf8(&rest[..memchr::memchr(0, rest)?]).ok()
    };
    let mut paths: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for index in 0..count {
        let at = HEADER + index * ENTRY;
        let (name, path) = (string(number(at + 4)?)?, string(number(at + 8)?)?);
        paths.entry(name.to_owned()).or_default().push(path.to_owned());
    }
    Some(paths)
}

/// The folders that `/etc/ld.so.conf` and what it includes list, in order.
pub(super) fn configured_folders(root: &impl Root) -> Vec<String> {
    let mut folders = Vec::new();
    let mut seen = BTreeSet::new();
    let mut files = vec!["/etc/ld.so.conf".to_owned()];
    while let Some(file) = files.pop() {
        if seen.len() >= MAX_INCLUDES || !seen.insert(file.clone()) {
            continue;
        }
        let text = String::from_utf8_lossy(root.contents(&file).unwrap_or_default());
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if let Some(pattern) = line.strip_prefix("include").filter(|rest| rest.starts_with([' ', '\t'])) {
                let mut included = included(root, pattern.trim());
                included.reverse();
                files.extend(included);
            } else if line.starts_with('/') {
                folders.push(line.trim_end_matches('/').to_owned());
            }
        }
    }
    folders
}

/// The files of an `include` line: a pattern with `*` in its last part, relative to `/etc`.
fn included(root: &impl Root, pattern: &str) -> Vec<String> {
    let pattern = if pattern.starts_with('/') { pattern.to_owned() } else { format!("/etc/{pattern}") };
    let Some((folder, last)) = pattern.rsplit_once('/') else { return Vec::new() };
    let Some((start, end)) = last.split_once('*') else { return vec![pattern] };
    let matches = |name: &String| {
        name.len() >= start.len() + end.len()
            && name.starts_with(start)
            && name.ends_with(end)
            && !name.starts_with('.')
    };
    root.names(folder).into_iter().filter(matches).map(|name| format!("{folder}/{name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cache as `ldconfig` writes it.
    fn cache(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut strings = Vec::new();
        let mut table = Vec::new();
        let base = HEADER + entries.len() * ENTRY;
        for (name, path) in entries {
            let at = base + strings.len();
            strings.extend(name.bytes().chain([0]).chain(path.bytes()).chain([0]));
            for number in [0x303_u32, at as u32, (at + name.len() + 1) as u32, 0, 0, 0] {
                table.extend(number.to_le_bytes());
            }
        }
        let mut bytes = MAGIC.to_vec();
        bytes.extend((entries.len() as u32).to_le_bytes());
        bytes.extend((strings.len() as u32).to_le_bytes());
        bytes.resize(HEADER, 0);
        [bytes, table, strings].concat()
    }

    #[test]
    fn names_lead_to_paths() {
        let bytes = cache(&[("libz.so.1", "/usr/lib/libz.so.1"), ("libz.so.1", "/lib32/libz.so.1")]);
        let paths = parse(&bytes).unwrap();
        assert_eq!(paths["libz.so.1"], ["/usr/lib/libz.so.1", "/lib32/libz.so.1"]);
        let mut with_old = OLD_MAGIC.to_vec();
        with_old.extend([0; 13]);
        with_old.extend(&bytes);
        assert_eq!(parse(&with_old), Some(paths));
    }

    #[test]
    fn what_is_cut_or_damaged_is_unknown() {
        let bytes = cache(&[("libz.so.1", "/usr/lib/libz.so.1")]);
        for end in 0..bytes.len() {
            assert_eq!(parse(&bytes[..end]), None, "{end}");
        }
        let mut huge = bytes;
        huge[20..24].fill(0xff);
        assert_eq!(parse(&huge), None);
    }
}
