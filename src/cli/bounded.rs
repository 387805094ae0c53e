//! Files that are named on the command line, read no further than a limit: a device has no end.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Result, bail};

/// The bytes of a file.
pub fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        bail!("it has more than the {limit} bytes that are read; make it smaller");
    }
    Ok(bytes)
}

/// The text of a file.
pub fn text(path: &Path, limit: u64) -> Result<String> {
    match String::from_utf8(bytes(path, limit)?) {
        Ok(text) => Ok(text),
        Err(_) => bail!("it is not UTF-8"),
    }
}
