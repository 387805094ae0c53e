//! `outdated-base-variant`: the tag asks for an older release of the distribution than the image stands on today.

use barehull_catalog::{ImageRef, Os};

use super::FileCx;
use crate::finding::{Finding, Place};
use crate::model::{Base, Stage};

pub(super) fn check(cx: &FileCx<'_>) -> Vec<Finding> {
    let stages = cx.model.stages.iter().filter(|stage| stage.reachable);
    stages.filter_map(|stage| of_stage(cx, stage)).collect()
}

fn of_stage(cx: &FileCx<'_>, stage: &Stage) -> Option<Finding> {
    let Base::Image { image, facts: Some(facts) } = &stage.base else { return None };
    // What gets no fixes at all is told by eol-base.
    let is_over = cx.today.is_some_and(|today| facts.eol.iter().any(|eol| eol.date < today));
    let tag = image.tag.as_deref().filter(|_| !is_over)?;
    let (plain, family) = without_release(tag, &facts.os)?;
    let other = ImageRef { tag: Some(plain.clone()), digest: None, ..image.clone() };
    let now = cx.catalog.outline(&other)?;
    let is_same =
        now.os.family == facts.os.family && now.minimal == facts.minimal && now.runtime == facts.runtime;
    if !is_same || !is_older(facts.os.release.as_deref()?, now.os.release.as_deref()?) {
        return None;
    }
    let name = cx.catalog.entry_name(image);
    let message = format!("{name}:{tag} stands on {}; {name}:{plain} is on {} by now", facts.os, now.os);
    let finding =
        Finding::new(super::OUTDATED_BASE_VARIANT, Place::Source(cx.model.at(stage.base_span)), message);
    Some(finding.subject(format!("{name} {family}")))
}

/// The tag without the word for the release: `3.13-slim-bookworm` is `3.13-slim`, `22-alpine3.20` is `22-alpine`.
fn without_release(tag: &str, os: &Os) -> Option<(String, String)> {
    let release = os.release.as_deref()?;
    let numbered = format!("alpine{release}");
    let mut words: Vec<&str> = tag.split('-').collect();
    let is_release = |word: &&str| Some(*word) == os.codename.as_deref() || *word == numbered;
    let at = words.iter().position(is_release).filter(|at| *at > 0)?;
    let family = words[at].to_owned();
    if family == numbered {
        words[at] = "alpine";
    } else {
        words.remove(at);
    }
    Some((words.join("-"), family))
}

/// Whether release `a` came before `b`: their numbers, one after the other.
fn is_older(a: &str, b: &str) -> bool {
    let numbers =
        |text: &str| text.split('.').map(|part| part.parse::<u32>().ok()).collect::<Option<Vec<_>>>();
    matches!((numbers(a), numbers(b)), (Some(a), Some(b)) if a < b)
}
