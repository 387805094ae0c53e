//! Names of images.

use std::fmt;

/// An image's name, and its tag where one is written. What a variable hides is a `*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageName {
    name: String,
    tag: Option<String>,
}

impl ImageName {
    /// Reads `registry.example:5000/acme/web:1.2@sha256:…`; nothing where no name can be told.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("docker://").unwrap_or(text);
        let text = text.split('@').next().unwrap_or_default();
        let start = text.rfind('/').map_or(0, |slash| slash + 1);
        let end = text[start..].find(':').map_or(text.len(), |colon| start + colon);
        let mut name = &text[..end];
        for hub in ["docker.io/", "index.docker.io/", "registry-1.docker.io/"] {
            name = name.strip_prefix(hub).unwrap_or(name);
        }
        name = name.strip_prefix("library/").unwrap_or(name);
        let odd =
            |c: char| c.is_whitespace() || matches!(c, '$' | '{' | '}' | '(' | ')' | '"' | '\'' | '\\' | '=');
        let last = name.rsplit('/').next().unwrap_or_default();
        let unknown = last.is_empty() || last.contains('*') || name.contains(odd);
        let tag = text[end..].strip_prefix(':').filter(|tag| !tag.is_empty() && !tag.contains('*'));
        (!unknown && name != "scratch").then(|| Self { name: name.to_owned(), tag: tag.map(str::to_owned) })
    }

    /// Whether both may stand for one image, whatever its tag: equal from the end up to where one is hidden by a variable.
    pub fn is_same(&self, other: &Self) -> bool {
        let (mut ours, mut theirs) = (self.name.rsplit('/'), other.name.rsplit('/'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(a), Some(b)) if a.contains('*') || b.contains('*') => return true,
                (Some(a), Some(b)) if a == b => {}
                // `$REGISTRY/web`, with a registry that may be empty.
                (Some(rest), None) | (None, Some(rest)) => return rest.contains('*'),
                _ => return false,
            }
        }
    }

    /// The name, without its tag.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// What follows the last slash of the name.
    pub(super) fn last(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }

    /// The tag, where it is written and holds no variable.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_hub_prefixes_go() {
        let table = [
            ("web", Some("web")),
            ("acme/web:1.2", Some("acme/web")),
            ("docker.io/library/nginx:1", Some("nginx")),
            ("localhost:5000/web", Some("localhost:5000/web")),
            ("localhost:5000/web:1@sha256:aa", Some("localhost:5000/web")),
            ("*/web:*", Some("*/web")),
            ("*", None),
            ("acme/*", None),
            ("web-*", None),
            ("", None),
            ("acme/", None),
            ("$X/web", None),
        ];
        for (text, expected) in table {
            assert_eq!(ImageName::new(text).as_ref().map(ImageName::as_str), expected, "{text}");
        }
    }

    #[test]
    fn names_meet_up_to_what_is_hidden() {
        let same = |a: &str, b: &str| ImageName::new(a).unwrap().is_same(&ImageName::new(b).unwrap());
        assert!(same("acme/web:1", "docker.io/acme/web"));
        assert!(same("*/web", "ghcr.io/acme/web:3"));
        assert!(same("*/web", "web"));
        assert!(same("*/acme/web", "*/web"));
        assert!(!same("acme/web", "other/web"));
        assert!(!same("acme/web", "web"));
        assert!(!same("*/acme/web", "other/web"));
    }
}
