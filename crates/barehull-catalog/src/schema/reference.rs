use std::fmt;
use std::str::FromStr;

/// Host names under which Docker Hub answers.
const HUB_NAMES: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/// A reference to an image, as `FROM` and `docker pull` take it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageRef {
    /// Host and port; `docker.io` if the text names none.
    pub registry: String,
    /// Path on the registry; official images are `library/NAME`.
    pub repository: String,
    /// As written; `None` is `latest` unless there is a digest.
    pub tag: Option<String>,
    /// `ALGORITHM:HEX`.
    pub digest: Option<String>,
}

/// Why a text is no image reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageRefError {
    /// Nothing before the tag.
    Empty,
    /// Repositories are lower case.
    UpperCase,
    /// A character or form that names cannot have.
    Name,
    /// The part behind `:`.
    Tag,
    /// The part behind `@`.
    Digest,
}

impl fmt::Display for ImageRefError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the image has no name",
            Self::UpperCase => "the name of an image is lower case",
            Self::Name => "this is not the name of an image",
            Self::Tag => "this is not a tag",
            Self::Digest => "this is not a digest",
        })
    }
}

impl std::error::Error for ImageRefError {}

impl ImageRef {
    /// The tag that counts: `latest` if neither tag nor digest is given.
    pub fn effective_tag(&self) -> Option<&str> {
        self.tag.as_deref().or(if self.digest.is_none() { Some("latest") } else { None })
    }

    /// Registry and repository as Docker shortens them: `node`, `bitnami/redis`, `gcr.io/distroless/static`.
    pub fn familiar_name(&self) -> String {
        if self.registry != "docker.io" {
            return format!("{}/{}", self.registry, self.repository);
        }
        self.repository.strip_prefix("library/").unwrap_or(&self.repository).to_owned()
    }

    /// The reference in full: `docker.io/library/node:22`.
    pub fn canonical(&self) -> String {
        self.with_name(&format!("{}/{}", self.registry, self.repository))
    }

    fn with_name(&self, name: &str) -> String {
        let mut out = name.to_owned();
        if let Some(tag) = &self.tag {
            out.push(':');
            out.push_str(tag);
        }
        if let Some(digest) = &self.digest {
            out.push('@');
            out.push_str(digest);
        }
        out
    }
}

/// The short form: `node:22`.
impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.with_name(&self.familiar_name()))
    }
}

impl FromStr for ImageRef {
    type Err = ImageRefError;

    fn from_str(text: &str) -> Result<Self, ImageRefError> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) if is_digest(digest) => (rest, Some(digest.to_owned())),
            Some(_) => return Err(ImageRefError::Digest),
            None => (text, None),
        };
        // A colon before the last slash is that of a port.
        let name_end = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match rest[name_end..].split_once(':') {
            Some((last, tag)) if is_tag(tag) => (&rest[..name_end + last.len()], Some(tag.to_owned())),
            Some(_) => return Err(ImageRefError::Tag),
            None => (rest, None),
        };
        let (registry, path) = split_registry(name);
        if path.is_empty() {
            return Err(ImageRefError::Empty);
        }
        if path.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(ImageRefError::UpperCase);
        }
        if !is_host(registry) || !path.split('/').all(is_path_part) {
            return Err(ImageRefError::Name);
        }
        let on_hub = registry == "docker.io";
        let repository =
            if on_hub && !path.contains('/') { format!("library/{path}") } else { path.to_owned() };
        Ok(Self { registry: registry.to_owned(), repository, tag, digest })
    }
}

/// The registry is the first part if it looks like a host.
fn split_registry(name: &str) -> (&str, &str) {
    match name.split_once('/') {
        Some((first, rest)) if HUB_NAMES.contains(&first) => ("docker.io", rest),
        Some((first, rest))
            if first.contains(['.', ':'])
                || first == "localhost"
                || first.bytes().any(|b| b.is_ascii_uppercase()) =>
        {
            (first, rest)
        }
        _ => ("docker.io", name),
    }
}

fn is_host(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
        Some((v6, rest)) if v6.bytes().all(|b| b.is_ascii_hexdigit() || b == b':') => {
            ("localhost", rest.strip_prefix(':'))
        }
        Some(_) => return false,
        None => host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port))),
    };
    let label = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    name.split('.').all(label) && port.is_none_or(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

/// Lower-case letters and digits, with `.`, `_`, `__` or dashes between them.
fn is_path_part(part: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = part.as_bytes();
    let ends =
        bytes.first().is_some_and(|b| alphanumeric(*b)) && bytes.last().is_some_and(|b| alphanumeric(*b));
    ends && part
        .split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        .all(|between| matches!(between, "" | "." | "_" | "__") || between.bytes().all(|b| b == b'-'))
}

fn is_tag(tag: &str) -> bool {
    let mut bytes = tag.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
        && tag.len() <= 128
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

fn is_digest(digest: &str) -> bool {
    digest.split_once(':').is_some_and(|(algorithm, hex)| {
        algorithm.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
            && algorithm.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'_' | b'-'))
            && hex.len() >= 32
            && hex.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_docker_reads_them() {
        let hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        let table = [
            ("node", "docker.io/library/node", "node"),
            ("node:22-slim", "docker.io/library/node:22-slim", "node:22-slim"),
            ("library/node", "docker.io/library/node", "node"),
            ("index.docker.io/library/node", "docker.io/library/node", "node"),
            ("bitnami/redis:7", "docker.io/bitnami/redis:7", "bitnami/redis:7"),
            ("localhost/app", "localhost/app", "localhost/app"),
            ("localhost:5000/app:1", "localhost:5000/app:1", "localhost:5000/app:1"),
            ("[::1]:5000/app", "[::1]:5000/app", "[::1]:5000/app"),
            ("gcr.io/distroless/static-debian13:nonroot", "gcr.io/distroless/static-debian13:nonroot", ""),
            ("a/b__c/d.e-f/g---h", "docker.io/a/b__c/d.e-f/g---h", "a/b__c/d.e-f/g---h"),
        ];
        for (text, canonical, familiar) in table {
            let parsed: ImageRef = text.parse().expect(text);
            assert_eq!(parsed.canonical(), canonical);
            assert_eq!(parsed.to_string(), if familiar.is_empty() { canonical } else { familiar });
        }
        let pinned: ImageRef = format!("node:22@sha256:{hex}").parse().unwrap();
        assert_eq!(pinned.tag.as_deref(), Some("22"));
        assert_eq!(pinned.to_string(), format!("node:22@sha256:{hex}"));
        let digest_only: ImageRef = format!("node@sha256:{hex}").parse().unwrap();
        assert_eq!(digest_only.effective_tag(), None);
        assert_eq!("node".parse::<ImageRef>().unwrap().effective_tag(), Some("latest"));
    }

    #[test]
    fn what_docker_refuses_is_refused() {
        let table = [
            ("", ImageRefError::Empty),
            (":22", ImageRefError::Empty),
            ("Node", ImageRefError::UpperCase),
            ("no de", ImageRefError::Name),
            ("a//b", ImageRefError::Name),
            ("-a", ImageRefError::Name),
            ("a___b", ImageRefError::Name),
            ("$BASE", ImageRefError::UpperCase),
            ("node:", ImageRefError::Tag),
            ("node:-x", ImageRefError::Tag),
            ("node:a:b", ImageRefError::Tag),
            ("node@sha256:12", ImageRefError::Digest),
            ("a.b:x/app", ImageRefError::Name),
            ("é", ImageRefError::Name),
        ];
        for (text, error) in table {
            assert_eq!(text.parse::<ImageRef>(), Err(error), "{text}");
        }
    }
}
