//! Digests of blobs.

use crate::ReadError;
use sha2::{Digest as _, Sha256, Sha512};
use std::fmt::Write as _;

/// A digest as manifests write it: `sha256:` and 64 hexadecimal digits, or `sha512:` and 128.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Digest(String);

impl Digest {
    /// # Errors
    /// If it is of another form; it is part of a file name later.
    pub(crate) fn parse(text: &str) -> Result<Self, ReadError> {
        let well_formed = text.split_once(':').is_some_and(|(algorithm, hex)| {
            let length = match algorithm {
                "sha256" => 64,
                "sha512" => 128,
                _ => return false,
            };
            hex.len() == length && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        });
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            let start: String = text.chars().take(160).collect();
            Err(ReadError::invalid("the manifest", format!("`{start}` is no sha256 or sha512 digest")))
        }
    }

    /// A file name of 64 hexadecimal digits is the digest of its contents.
    pub(crate) fn of_file_name(name: &str) -> Option<Self> {
        Self::parse(&format!("sha256:{}", name.rsplit('/').next()?.trim_end_matches(".json"))).ok()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a person means it who wrote all of it, or the first twelve digits at least.
    pub(crate) fn is_meant(&self, wanted: &str) -> bool {
        let digits = self.0.split_once(':').map_or("", |(_, digits)| digits);
        let start = wanted.strip_prefix("sha256:").unwrap_or(wanted);
        wanted == self.0 || (start.len() >= 12 && digits.starts_with(start))
    }

    /// Where an image layout has it.
    pub(crate) fn blob_path(&self) -> String {
        format!("blobs/{}", self.0.replacen(':', "/", 1))
    }

    pub(crate) fn hasher(&self) -> Hasher {
        if self.0.starts_with("sha512") {
            Hasher::Sha512(Sha512::new())
        } else {
            Hasher::Sha256(Sha256::new())
        }
    }

    /// # Errors
    /// If the bytes that were hashed are others.
    pub(crate) fn check(&self, name: &str, hasher: Hasher) -> Result<(), ReadError> {
        let found = hasher.finish();
        if found == self.0 {
            return Ok(());
        }
        Err(ReadError::Digest { name: name.to_owned(), expected: self.0.clone(), found })
    }
}

/// Bytes on their way to a digest.
#[derive(Clone, Debug)]
pub(crate) enum Hasher {
    /// Nobody says what it should be.
    None,
    Sha256(Sha256),
    Sha512(Sha512),
}

impl Hasher {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::None => {}
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
        }
    }

    fn finish(self) -> String {
        let (mut text, bytes) = match self {
            Self::None => return String::new(),
            Self::Sha256(hasher) => ("sha256:".to_owned(), hasher.finalize().to_vec()),
            Self::Sha512(hasher) => ("sha512:".to_owned(), hasher.finalize().to_vec()),
        };
        for byte in bytes {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

#[cfg(any(test, feature = "fixture"))]
impl Digest {
    /// The sha256 digest of bytes.
    pub(crate) fn of(bytes: &[u8]) -> String {
        let mut hasher = Hasher::Sha256(Sha256::new());
        hasher.update(bytes);
        hasher.finish()
    }
}
