//! Files that a program reads at start and that the project does not hold: settings and secrets that whoever builds the
//! image puts beside its sources, as `.env`.

use std::collections::BTreeSet;

use super::RecipeCx;
use super::plan::Plan;
use super::shape::{CopyLine, Target};
use crate::evidence::Evidence;
use crate::model::{Source, StepKind, absolute};

/// Endings of settings, keys and certificates.
const ENDS: [&str; 13] = [
    ".cfg",
    ".conf",
    ".crt",
    ".env",
    ".ini",
    ".json",
    ".key",
    ".p12",
    ".pem",
    ".properties",
    ".toml",
    ".yaml",
    ".yml",
];

/// A library that reads `.env` where it is told no name.
const READS_DOT_ENV: [&str; 2] = ["github.com/joho/godotenv", "github.com/joho/godotenv/autoload"];

/// Takes them along where a COPY of the whole context brings them into the build stage; those that are there by
/// name, the others by a RUN that looks.
pub fn beside(plan: &Plan<'_, '_>, target: &mut Target, evidence: &Evidence) {
    let cx = plan.cx;
    let Some(context) = cx.files.borrow().context() else { return };
    let Some(dest) = whole_context(cx) else { return };
    let mut missing = BTreeSet::new();
    for path in read(evidence) {
        let path = absolute(cx.stage.config.workdir(), &path);
        let Some(below) = path.strip_prefix(&dest).map(|rest| rest.trim_start_matches('/')) else { continue };
        let is_copied =
            target.copies.iter().any(|c| path == c.source || path.starts_with(&format!("{}/", c.source)));
        let Ok(source) = context.root().join(below) else { continue };
        if is_copied || context.ignores(&source) {
            continue;
        }
        if context.exists(&source) == Some(true) {
            target.copies.push(CopyLine::of(&path, &path));
        } else {
            missing.insert(path);
        }
    }
    if missing.is_empty() {
        return;
    }
    let escape = char::from(cx.model.dockerfile.escape());
    let paths: Vec<String> = missing.into_iter().collect();
    target.build_tail.push(format!(
        "# The program reads it, and the project does not hold it: it goes along where it is there.\n\
         {} mkdir -p /closure; {escape}\n    \
         for file in {}; do {escape}\n        \
         [ ! -e \"$file\" ] || install -D -m 644 \"$file\" \"/closure$file\"; {escape}\n    done",
        plan.keyword("RUN"),
        paths.join(" ")
    ));
    target.copies.push(CopyLine::of("/closure/", "/"));
}

/// Relative paths of such files that the sources name.
fn read(evidence: &Evidence) -> BTreeSet<String> {
    let plain = |path: &str| path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b));
    let named = evidence.reads.iter().map(|r| r.path.as_str());
    let mut found: BTreeSet<String> = named
        .filter(|path| !path.starts_with('/') && !path.contains("..") && plain(path))
        .filter(|path| ENDS.iter().any(|end| path.ends_with(end)))
        .map(str::to_owned)
        .collect();
    let told = evidence.reads.iter().any(|r| r.how.contains("godotenv"));
    if !told && READS_DOT_ENV.iter().any(|import| evidence.imports.contains(*import)) {
        found.insert(".env".to_owned());
    }
    found
}

/// Where a COPY of the stage puts the whole context.
fn whole_context(cx: &RecipeCx<'_>) -> Option<String> {
    let transfers = cx.stage.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Transfer(t) if t.from == Source::Context => Some(t),
        _ => None,
    });
    let whole = |source: &Option<String>| source.as_deref().is_some_and(|s| matches!(s, "." | "./" | "/"));
    let dest = transfers.filter(|t| t.sources.iter().any(whole)).find_map(|t| t.dest.as_deref())?;
    Some(dest.trim_end_matches('/').to_owned())
}
