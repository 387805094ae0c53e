//! A job of a GitLab pipeline behind the one that builds.

use super::{Scanning, line_behind, line_end};
use crate::project::outside::OutsideUse;
use crate::project::yaml;

/// The name of the job that is added.
const JOB: &str = "scan-image";

/// The lines of a job that scans, behind the job that `build` stands in. Nothing where that is a template for others,
/// where its name would have to be quoted, or where the jobs do not stand in lines.
pub(super) fn job_behind(text: &str, build: &OutsideUse) -> Option<Scanning> {
    let parsed = yaml::parse(text);
    let [top] = parsed.documents.as_slice() else { return None };
    let at = build.at.span;
    let jobs = top.pairs();
    let job =
        jobs.into_iter().find(|job| job.value.span.start <= at.start && at.end <= job.value.span.end)?;
    let name = job.key.value.as_str();
    let start = job.key.span.start as usize;
    let stands_alone = start == 0 || text[..start].ends_with('\n');
    let stage = job.value.text_at(&["stage"]);
    let can_be_named = [Some(name), stage].into_iter().flatten().all(is_plain);
    if !stands_alone
        || !can_be_named
        || name.starts_with('.')
        || job.value.get("script").is_none()
        || top.get(JOB).is_some()
    {
        return None;
    }
    let line_end = line_end(text);
    let (at, open) = line_behind(text, &job.value, line_end)?;
    if text[..at].trim_end().ends_with(['}', ']']) && text[start..at].lines().count() == 1 {
        return None;
    }
    let image = image(&text[build.at.span.range()]);
    let image = image.unwrap_or_else(|| format!("TODO # the image that {name} builds and pushes"));
    let mut lines = vec![String::new(), format!("{JOB}:")];
    // Jobs of one stage may wait for each other; the default stage is the same for both.
    lines.extend(stage.map(|stage| format!("  stage: {stage}")));
    lines.push(format!("  needs: [{name:?}]"));
    if job.value.get("rules").is_some() {
        lines.push(format!("  rules: !reference [{name:?}, rules]"));
    } else if let Some(key) = ["only", "except", "extends"].iter().find(|key| job.value.get(key).is_some()) {
        lines.push(format!("  # TODO: when {name} runs ({key})"));
    }
    lines.extend([
        "  image:".to_owned(),
        "    name: aquasec/trivy:TODO # a release that you trust, with its digest".to_owned(),
        "    entrypoint: [\"\"]".to_owned(),
    ]);
    // The login of the project's registry is for no other one.
    if image.trim_start_matches(['$', '{']).starts_with("CI_REGISTRY") {
        lines.extend([
            "  variables:".to_owned(),
            "    TRIVY_USERNAME: $CI_REGISTRY_USER".to_owned(),
            "    TRIVY_PASSWORD: $CI_REGISTRY_PASSWORD".to_owned(),
        ]);
    } else {
        lines.push("  # TODO: TRIVY_USERNAME and TRIVY_PASSWORD, if the registry asks who it is".to_owned());
    }
    lines.extend([
        "  script:".to_owned(),
        "    - trivy image --severity HIGH,CRITICAL --ignore-unfixed --exit-code 1 --pkg-types os,library"
            .to_owned()
            + " "
            + &image,
    ]);
    let lines: String = lines.iter().flat_map(|line| [line.as_str(), line_end]).collect();
    let assumes = vec![
        format!(
            "{name} pushes the image to a registry, under a name that goes out to nobody before the scan"
        ),
        "jobs that ship the image wait for this one".to_owned(),
    ];
    Some(Scanning { at: at as u32, text: format!("{open}{lines}"), assumes })
}

/// Whether a name needs no quotes wherever it is written.
fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/'))
}

/// The tag that `docker build` is given, where another job knows its variables as well.
fn image(command: &str) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
    let tag = words.iter().enumerate().find_map(|(at, word)| match *word {
        "-t" | "--tag" => words.get(at + 1).copied(),
        word => word.strip_prefix("--tag="),
    })?;
    let mut variables = tag.split('$').skip(1);
    let is_known = variables.all(|name| name.trim_start_matches('{').starts_with("CI_"));
    let is_word = tag.chars().all(|c| c.is_ascii_alphanumeric() || "$_{}./:@-".contains(c));
    (is_known && is_word).then(|| tag.to_owned())
}
