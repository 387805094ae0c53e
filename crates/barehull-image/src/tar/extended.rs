//! What stands in front of a member: names that are too long for its header, and attributes.

use super::invalid;
use crate::path;
use std::io;

/// What outranks a member's header.
#[derive(Debug, Default)]
pub(crate) struct Extended {
    name: Option<String>,
    /// The name of a sparse file; `name` is then one for readers that know no sparse files.
    sparse_name: Option<String>,
    pub(super) link: Option<String>,
    pub(super) size: Option<u64>,
    pub(super) uid: Option<u64>,
    pub(super) gid: Option<u64>,
    /// Of a sparse file, with its holes.
    pub(super) real_size: Option<u64>,
    pub(super) is_sparse: bool,
    pub(super) has_capability: bool,
}

impl Extended {
    pub(super) fn name(&self) -> Option<&String> {
        self.sparse_name.as_ref().or(self.name.as_ref())
    }

    /// GNU's long name: all bytes up to a NUL.
    pub(super) fn set_name(&mut self, bytes: &[u8]) {
        self.name = Some(up_to_nul(bytes));
    }

    /// GNU's long link target.
    pub(super) fn set_link(&mut self, bytes: &[u8]) {
        self.link = Some(up_to_nul(bytes));
    }

    /// POSIX' records: `<length of the record> <key>=<value>\n`.
    pub(super) fn read_records(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let wrong = || invalid("the attributes of a member cannot be read");
        while !bytes.is_empty() && bytes[0] != 0 {
            let blank = bytes.iter().take(20).position(|byte| *byte == b' ').ok_or_else(wrong)?;
            let length = number(&bytes[..blank]).and_then(|length| usize::try_from(length).ok());
            let record = length.and_then(|length| bytes.get(blank + 1..length)).ok_or_else(wrong)?;
            bytes = &bytes[blank + 1 + record.len()..];
            let record = record.strip_suffix(b"\n").ok_or_else(wrong)?;
            let equals = record.iter().position(|byte| *byte == b'=').ok_or_else(wrong)?;
            self.set(&record[..equals], &record[equals + 1..]).ok_or_else(wrong)?;
        }
        Ok(())
    }

    /// `None`: a number that is none.
    fn set(&mut self, key: &[u8], value: &[u8]) -> Option<()> {
        match key {
            // An empty value takes back what was said before.
            b"path" => self.name = (!value.is_empty()).then(|| path::text(value).into_owned()),
            b"linkpath" => self.link = (!value.is_empty()).then(|| path::text(value).into_owned()),
            b"size" => self.size = Some(number(value)?),
            b"uid" => self.uid = Some(number(value)?),
            b"gid" => self.gid = Some(number(value)?),
            b"SCHILY.xattr.security.capability" | b"LIBARCHIVE.xattr.security.capability" => {
                self.has_capability = true;
            }
            b"GNU.sparse.name" => self.sparse_name = Some(path::text(value).into_owned()),
            b"GNU.sparse.realsize" | b"GNU.sparse.size" => {
                self.is_sparse = true;
                self.real_size = Some(number(value)?);
            }
            _ if key.starts_with(b"GNU.sparse.") => self.is_sparse = true,
            _ => {}
        }
        Some(())
    }
}

fn up_to_nul(bytes: &[u8]) -> String {
    path::text(bytes.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned()
}

fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}
