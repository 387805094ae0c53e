use std::path::{Path, PathBuf};

/// Why an image cannot be read.
///
/// Names in it come from the image: who shows the message to a person escapes control characters.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// The file is no image.
    #[error(
        "{}: not an image: expected an OCI image layout (folder or tar), an archive of `docker save`, or the folder of a root file system",
        path.display()
    )]
    NotAnImage {
        /// The file or folder.
        path: PathBuf,
    },
    /// The archive around the image is compressed.
    #[error("{}: the archive is compressed with {format}; unpack it first, so that its members can be read in any order", path.display())]
    CompressedArchive {
        /// The file.
        path: PathBuf,
        /// `gzip`, `zstd`.
        format: &'static str,
    },
    /// It holds several images, and nothing says which.
    #[error("several images match; choose one by name or platform:\n{}", list(choices))]
    Ambiguous {
        /// Their names and platforms.
        choices: Vec<String>,
    },
    /// It holds images, but not the one that was asked for.
    #[error("no image matches {wanted}; there are:\n{}", list(choices))]
    NoMatch {
        /// What was asked for.
        wanted: String,
        /// Names and platforms of what there is.
        choices: Vec<String>,
    },
    /// A file that the image needs is not there.
    #[error("{name} is missing")]
    Missing {
        /// The blob or member.
        name: String,
    },
    /// The bytes are not those that the manifest names.
    #[error("{name} does not match its digest: expected {expected}, found {found}")]
    Digest {
        /// The blob or layer.
        name: String,
        /// What the manifest or configuration says.
        expected: String,
        /// What the bytes give.
        found: String,
    },
    /// It ends too early.
    #[error("{name} is truncated")]
    Truncated {
        /// The blob or member.
        name: String,
    },
    /// It is not of the form that it should have.
    #[error("{name}: {reason}")]
    Invalid {
        /// The blob or member.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// It is larger than what is read; see [`Limits`](crate::Limits).
    #[error("{name}: more than {limit} {unit}, which is where reading stops")]
    TooLarge {
        /// The image, blob or member.
        name: String,
        /// How many.
        limit: u64,
        /// Of what: `bytes`, `entries`.
        unit: &'static str,
    },
}

impl ReadError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        |source| Self::Io { path: path.to_owned(), source }
    }

    pub(crate) fn invalid(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid { name: name.into(), reason: reason.into() }
    }
}

fn list(choices: &[String]) -> String {
    const SHOWN: usize = 20;
    let mut lines: Vec<String> = choices.iter().take(SHOWN).map(|choice| format!("  {choice}")).collect();
    if choices.len() > SHOWN {
        lines.push(format!("  and {} more", choices.len() - SHOWN));
    }
    lines.join("\n")
}
