//! No patch uses what the builder that it is for lacks.

use barehull::builders::Builder;
use barehull::edit::unified_diff;
use barehull::finding::Level;
use barehull::report::{Look, Paths, rewrite};

use crate::{sample, snapshots};

/// Words of a Dockerfile, and the builders that do not know them, as their documentation has it: told apart from what
/// `src/builders.rs` reads from the tree.
const WORDS: &[(&str, &[Builder])] = &[
    ("<<", &[Builder::Classic, Builder::Kaniko]),
    ("--mount=", &[Builder::Classic, Builder::Kaniko]),
    ("--network=", &[Builder::Classic, Builder::Kaniko]),
    ("--security=", &[Builder::Classic, Builder::Kaniko, Builder::Buildah]),
    ("--chmod=", &[Builder::Classic]),
    ("--link", &[Builder::Classic]),
    ("--exclude=", &[Builder::Classic, Builder::Kaniko]),
    ("--parents", &[Builder::Classic, Builder::Kaniko]),
    ("--checksum=", &[Builder::Classic, Builder::Kaniko]),
    ("--keep-git-dir", &[Builder::Classic, Builder::Kaniko]),
    ("# syntax", &[Builder::Classic, Builder::Kaniko, Builder::Buildah]),
];

#[test]
fn no_patch_uses_what_its_builder_lacks() {
    let mut patches = 0;
    for sample in sample::all() {
        for builder in Builder::ALL {
            let analysis = sample.analyse_for(builder, Level::Sketch);
            let rewrite = analysis.rewrite.as_ref().expect("a rewrite was asked for");
            assert!(rewrite.dropped.is_empty(), "{}: {:?}", sample.name, rewrite.dropped);
            let Some(patch) = rewrite.patch.iter().find(|patch| patch.path == analysis.path) else {
                continue;
            };
            patches += 1;
            let before = String::from_utf8_lossy(patch.before.as_deref().unwrap_or_default());
            let diff = unified_diff(patch, "");
            let lacked = WORDS.iter().filter(|(_, lack)| lack.contains(&builder)).map(|(word, _)| word);
            for word in lacked.filter(|word| !before.contains(**word)) {
                // GNU cp has an option of that name, too.
                let holds = |line: &str| line.replace("cp -a --parents", "").contains(word);
                let line = diff.lines().find(|line| line.starts_with('+') && holds(line));
                assert_eq!(line, None, "{} for {}", sample.name, builder.as_str());
            }
        }
    }
    assert!(patches > 200, "{patches} patches are not four of each sample");
}

/// One that copies with `--chmod` before and after, which the classic builder refuses.
#[test]
fn for_the_classic_builder() {
    let sample = sample::all().into_iter().find(|sample| sample.name == "start-helm").expect("a sample");
    let analysis = sample.analyse_for(Builder::Classic, Level::Sketch);
    let mut page = rewrite::file(&analysis, &Paths::Project, Look::PLAIN);
    page.push('\n');
    for patch in &analysis.rewrite.as_ref().expect("a rewrite was asked for").patch {
        page.push_str(&unified_diff(patch, ""));
    }
    snapshots::settings().bind(|| insta::assert_snapshot!("start-helm.classic", page));
}
