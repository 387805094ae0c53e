//! Each patch reaches what `expect` in its `sample.yaml` asks for.

use regex::Regex;

use crate::sample::{self, Sample};
use barehull::finding::Level;

/// Samples whose patch does not reach it yet, and why.
const GAPS: [(&str, &str); 1] =
    [("go-multistage", "nothing on distroless could check its health: it is stripped, and curl stays")];

#[test]
fn patches_reach_what_is_expected_of_them() {
    let mut wrong = Vec::new();
    for sample in sample::all() {
        let missed = missed(&sample).join("; ");
        match (GAPS.iter().any(|(name, _)| *name == sample.name), missed.is_empty()) {
            (false, false) => wrong.push(format!("{}: {missed}", sample.name)),
            (true, true) => wrong.push(format!("{}: no longer a gap: take it off the list", sample.name)),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_fix_breaks_an_invariant() {
    for sample in sample::all() {
        let dropped = sample.analyse(Level::Sketch).rewrite.map(|rewrite| rewrite.dropped);
        assert!(dropped.as_ref().is_some_and(Vec::is_empty), "{}: {dropped:?}", sample.name);
    }
}

/// What the sample's patch does not reach, in words.
fn missed(sample: &Sample) -> Vec<String> {
    let mut missed = Vec::new();
    // A sketch of a step that nobody expects is not what the sample is about.
    let level = if sample.expect.level.as_deref() == Some("review") { Level::Review } else { Level::Sketch };
    let analysis = sample.analyse(level);
    let level = sample.fix(&analysis).map(|fix| fix.level.as_str());
    if level != sample.expect.level.as_deref() {
        missed.push(format!(
            "the level is {}, not {}",
            level.unwrap_or("none"),
            sample.expect.level.as_deref().unwrap_or("none")
        ));
    }
    let rewrite = analysis.rewrite.as_ref().expect("a rewrite was asked for");
    let stage = sample.built(&rewrite.stages_after);
    let base = Regex::new(&sample.expect.base).expect("a regular expression");
    if !base.is_match(&stage.base) {
        missed.push(format!("the base is {}, not {base}", stage.base));
    }
    for (role, entries) in &stage.surface.groups {
        if sample.expect.gone.iter().any(|gone| *gone == role.to_string()) && !entries.is_empty() {
            missed.push(format!("{role} is left: {}", stage.surface.names(*role).join(" ")));
        }
    }
    missed
}
