//! What `barehull verify` finds in an image that was built. It is what is tested here, so that it is no witness: that is
//! the smoke check.

use barehull::verify::verify;
use barehull_catalog::Catalog;
use barehull_image::Image;

/// Rules that no image of a sample may break, the original included.
const FATAL: [&str; 2] = ["broken-entrypoint", "broken-healthcheck"];

/// Rules of which a rewrite may break none that the original keeps: what may fail at run time, and what is left over.
const WORSE: [&str; 9] = [
    "broken-program",
    "build-cache-in-image",
    "missing-certificates",
    "missing-command",
    "missing-name-service",
    "missing-time-zones",
    "secret-in-image",
    "unwritable-volume",
    "vcs-folder-in-image",
];

/// What is found in one image.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    found: Vec<Found>,
}

#[derive(Clone, Debug)]
struct Found {
    rule: &'static str,
    subject: String,
    message: String,
}

impl Verdict {
    /// Of an image.
    pub fn of(image: &Image) -> Self {
        let findings = verify(image, Catalog::builtin(), &[]).findings.into_iter();
        let found = findings.map(|finding| Found {
            rule: finding.rule.id,
            subject: finding.subject,
            message: finding.message,
        });
        Self { found: found.collect() }
    }

    /// What keeps it from starting.
    pub fn fatal(&self) -> Vec<String> {
        self.found.iter().filter(|found| FATAL.contains(&found.rule)).map(Found::in_words).collect()
    }

    /// What is wrong with it and not with another.
    pub fn worse_than(&self, other: &Self) -> Vec<String> {
        let is_old = |found: &Found| {
            other.found.iter().any(|old| old.rule == found.rule && old.subject == found.subject)
        };
        // That scripts of the system's packages have no shell is what a rewrite is for.
        let is_meant = |found: &Found| found.rule == "broken-program" && found.subject == "scripts";
        let found = self.found.iter().filter(|found| WORSE.contains(&found.rule));
        found.filter(|found| !is_old(found) && !is_meant(found)).map(Found::in_words).collect()
    }

    /// All of it.
    pub fn in_words(&self) -> String {
        let lines: Vec<String> = self.found.iter().map(Found::in_words).collect();
        lines.join("; ")
    }
}

impl Found {
    fn in_words(&self) -> String {
        format!("{}: {}", self.rule, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(found: &[(&'static str, &str)]) -> Verdict {
        let found = found.iter().map(|(rule, subject)| Found {
            rule,
            subject: (*subject).to_owned(),
            message: (*subject).to_owned(),
        });
        Verdict { found: found.collect() }
    }

    #[test]
    fn a_rewrite_may_not_be_worse() {
        let before = verdict(&[("unwritable-volume", "/data"), ("shell-in-final", "shell")]);
        let after = verdict(&[
            ("unwritable-volume", "/data"),
            ("unwritable-volume", "/cache"),
            ("broken-program", "scripts"),
            ("unwritable-workdir", "/app"),
        ]);
        assert_eq!(after.worse_than(&before), ["unwritable-volume: /cache"]);
        assert_eq!(before.fatal(), [""; 0]);
        assert_eq!(verdict(&[("broken-healthcheck", "curl")]).fatal(), ["broken-healthcheck: curl"]);
    }

    #[test]
    fn every_rule_is_one() {
        for rule in FATAL.iter().chain(&WORSE) {
            assert!(barehull::rules::all().iter().any(|meta| meta.id == *rule), "{rule}");
        }
    }
}
