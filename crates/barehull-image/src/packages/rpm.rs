//! rpm's database: headers of packages in an SQLite file (Fedora, RHEL 9 and later) or an NDB file (SUSE). The older
//! Berkeley DB is only known to be there.

mod ndb;
mod sqlite;
#[cfg(test)]
mod tests;

use super::Package;

/// Keys that signatures are checked with are listed like packages, and are none.
const KEY: &str = "gpg-pubkey";
/// Tags of a header, and types of their values: <https://rpm-software-management.github.io/rpm/manual/tags.html>.
const NAME: u32 = 1000;
const VERSION: u32 = 1001;
const RELEASE: u32 = 1002;
const EPOCH: u32 = 1003;
const NUMBER: u32 = 4;
const TEXT: u32 = 6;

/// The packages that are installed, in the order of the database; `None`: it is of another form, or broken.
pub(crate) fn packages(database: &[u8]) -> Option<Vec<Package>> {
    let mut packages = Vec::new();
    let mut add = |header: &[u8]| {
        packages.push(package(header)?);
        Some(())
    };
    if database.starts_with(sqlite::MAGIC) {
        sqlite::blobs(database, b"Packages", &mut add)?;
    } else {
        ndb::blobs(database, &mut add)?;
    }
    packages.retain(|package| package.name != KEY);
    Some(packages)
}

/// The package that a header describes: counts of entries and of bytes, entries of 16 bytes (tag, type, offset of the
/// value, count), values.
fn package(header: &[u8]) -> Option<Package> {
    let entries = be32(header, 0)? as usize;
    let bytes = be32(header, 4)? as usize;
    let start = entries.checked_mul(16)?.checked_add(8)?;
    let index = header.get(8..start)?;
    let values = header.get(start..start.checked_add(bytes)?)?;
    let value = |wanted: u32, kind: u32| {
        let entry =
            index.chunks_exact(16).find(|e| be32(e, 0) == Some(wanted) && be32(e, 4) == Some(kind))?;
        values.get(be32(entry, 8)? as usize..)
    };
    let text = |tag: u32| {
        let bytes = value(tag, TEXT)?;
        let end = memchr::memchr(0, bytes)?;
        Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
    };
    let epoch = value(EPOCH, NUMBER).and_then(|bytes| be32(bytes, 0)).filter(|epoch| *epoch != 0);
    let mut version = epoch.map_or_else(String::new, |epoch| format!("{epoch}:"));
    version.push_str(&text(VERSION)?);
    if let Some(release) = text(RELEASE) {
        version.push('-');
        version.push_str(&release);
    }
    Some(Package { name: text(NAME)?, version })
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}
