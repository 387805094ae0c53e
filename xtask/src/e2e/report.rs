//! The table of real builds, for the terminal and for `docs/real-builds.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::bases::Bases;
use super::trial::{Outcome, Tried};
use super::truth::{MEASURED, Score, compare};

/// A sample's line.
#[derive(Debug)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// What it is.
    pub title: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// The table and the scores.
#[derive(Debug)]
pub struct Report {
    /// Samples that were built, by name.
    pub rows: Vec<Row>,
    /// Samples that were not, with the reason.
    pub static_only: Vec<(String, String)>,
    /// Rewrites that were broken on purpose: what is wrong with them, and what of it `verify` finds.
    pub caught: Vec<(String, Option<String>)>,
}

impl Report {
    /// Right and wrong claims, by role.
    pub fn scores(&self) -> BTreeMap<String, Score> {
        let mut scores = BTreeMap::new();
        for Row { name, outcome, .. } in &self.rows {
            for (kind, tried) in [("original", &outcome.before), ("rewritten", &outcome.after)] {
                if let Some(Tried { claim, contents, .. }) = tried {
                    compare(&mut scores, &format!("{name}, {kind}"), claim, contents);
                }
            }
        }
        scores
    }

    /// What falls short of the bar: precision 100 % everywhere, recall 98 % for the roles that it is set for.
    pub fn below_the_bar(&self) -> Vec<String> {
        let scores = self.scores();
        let mut short: Vec<String> = scores
            .iter()
            .filter(|(_, score)| !score.wrong.is_empty())
            .map(|(role, score)| format!("{role}: precision {:.1} %", score.precision()))
            .collect();
        let measured = MEASURED.iter().filter_map(|role| scores.get(*role));
        let (right, missed) =
            measured.fold((0, 0), |(r, m), score| (r + score.right, m + score.missed.len()));
        if missed * 100 > (right + missed) * 2 {
            short.push(format!("{}: {missed} of {} missed", MEASURED.join(", "), right + missed));
        }
        short
    }

    /// The tables, as Markdown.
    pub fn tables(&self) -> String {
        let mut text = String::from(
            "| Sample | What it is | Before | After | Tools before | Tools after |\n|---|---|---:|---:|---:|---:|\n",
        );
        for Row { name, title, outcome } in &self.rows {
            let size = |tried: &Option<Tried>| {
                tried.as_ref().map_or("-".to_owned(), |t| megabytes(t.contents.bytes))
            };
            let tools = |tried: &Option<Tried>| {
                tried.as_ref().map_or("-".to_owned(), |t| t.contents.count().to_string())
            };
            let Outcome { before, after, .. } = outcome;
            let _ = writeln!(
                text,
                "| {name} | {title} | {} | {} | {} | {} |",
                size(before),
                size(after),
                tools(before),
                tools(after)
            );
        }
        text.push_str(
            "\n## Claims and files\n\n| Role | Claimed and there | Claimed, not there | There, not claimed | Precision | Recall |\n",
        );
        text.push_str("|---|---:|---:|---:|---:|---:|\n");
        let scores = self.scores();
        for (role, score) in &scores {
            let _ = writeln!(
                text,
                "| {role} | {} | {} | {} | {:.1} % | {:.1} % |",
                score.right,
                score.wrong.len(),
                score.missed.len(),
                score.precision(),
                score.recall()
            );
        }
        for (what, list) in [("Claimed, not there", true), ("There, not claimed", false)] {
            let of = |score: &Score| if list { score.wrong.clone() } else { score.missed.clone() };
            let all: Vec<(String, String)> = scores.values().flat_map(of).collect();
            if !all.is_empty() {
                let _ = write!(text, "\n{what}:\n\n{}", by_path(&all));
            }
        }
        text
    }

    /// The page of the documentation.
    pub fn page(&self, bases: &Bases) -> String {
        let mut text = format!("{INTRODUCTION}\n{}\n## Not built\n\n", self.tables());
        for (name, reason) in &self.static_only {
            let _ = writeln!(text, "- {name}: {reason}");
        }
        text.push_str("\n## Broken on purpose\n\nRewrites that must be seen to be broken:\n\n");
        for (title, verify) in &self.caught {
            let verify = if verify.is_some() { ", and before that by `barehull verify`" } else { "" };
            let _ = writeln!(text, "- {title}: by the smoke check{verify}");
        }
        text.push_str(STAND_INS);
        text.push_str("\n| Stands in for | But |\n|---|---|\n");
        for base in bases.all.iter().filter(|base| !base.tags.is_empty()) {
            let tags: Vec<&str> =
                base.tags.iter().map(|tag| tag.trim_start_matches("docker.io/library/")).collect();
            let _ = writeln!(text, "| {} | {} |", tags.join(", "), base.not_quite.as_deref().unwrap_or(""));
        }
        text
    }
}

const INTRODUCTION: &str = "\
# Real builds

Written by `cargo xtask e2e --write-docs`, from a run over all samples; do not edit. CI builds a part of them that shows each
recipe and base image (`--cover`). Every sample that can be built is built and run twice, as it is and as
`barehull fix --level review --write` rewrites it: the same smoke checks, as the image's own user, and its health check.
Before that, `barehull verify` looks into the image: it must start, and a rewritten one may have nothing wrong that the original
has not, none of the roles that `surface` promised to be gone, and no leftovers in its layers. What `barehull surface`
claims of both images, from the Dockerfile alone, is compared with the files that are in them. A tool with several names (a
link, an architecture in front of it) counts once.

Where no size stands under *after*, there is no rewrite at level `review`: nothing is wrong, or a blocker says what is.
Sizes are those of all files; tools are executables with a role.

## Before and after
";

const STAND_INS: &str = "
## What stands in for what

No image registry is asked. Base images are composed under their real names from Debian's packages by the package lists of
the real ones, with interpreters from PyPI or compiled from Debian's source, as `xtask/e2e/bases.yaml` says; what depends on
the exact version of a package is not proven here. Builds are made by buildah with `--isolation chroot`. It differs from
BuildKit: heredocs, `COPY --chown`, mounts and health checks are the same, `COPY --link` is refused before 1.41, cache mounts
are not kept between runs, and an unused stage is skipped as BuildKit does. RUN gets this machine's mirrors and certificates by
mounts, which leave empty files in stages that have a RUN (`/etc/pip.conf`, `/usr/local/etc/npmrc`, `/run/e2e`). A rewritten
Dockerfile is built on the steps that it shares with the original, as Docker does.

Containers are run by crun in a network where only the loopback device is up, with the machine's kernel limits; a volume is
filled as Docker does, and belongs to the image's user where the image has nothing at its place. What a start waits for or
downloads from is there under its host name, some of it late.

A sample with a manifest is run as the manifest says, before and after the patch: its init containers one after the other, then
the container, over the same volumes, with the users, groups, capabilities, read-only roots and variables of the pod; then the
checks, and the probes from the pod's own address. Volumes are as the kubelet makes them: an emptyDir may be written by
everybody, a claim belongs to root unless `fsGroup` says otherwise, ConfigMaps and Secrets are read-only. Not like a cluster:
nothing restarts, probes are made once, seccomp profiles and resource limits are passed over, and of a pod with several
containers only the sample's own is run.
";

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

/// One line a path, with the images it is about.
fn by_path(found: &[(String, String)]) -> String {
    let mut images: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (image, path) in found {
        images.entry(path).or_default().push(image);
    }
    let lines: Vec<String> =
        images.iter().map(|(path, images)| format!("- `{path}`: {}\n", images.join("; "))).collect();
    lines.concat()
}
