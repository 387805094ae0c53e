//! How the final image gets its files: the stage stays where it only collects, else what it holds is copied.

use barehull_syntax::Location;

use super::super::contents;
use super::super::plan::Plan;
use super::super::runtime_steps::{self, Packages};
use super::super::shape::{CopyLine, Target};
use super::built::{built, pattern_copy};
use super::machine::Machine;
use super::sources::{give, own, written};
use super::start::Start;
use super::volumes;
use crate::evidence::Evidence;
use crate::model::{Effect, EffectKind, LanguageManager, Model, Named, Source, Stage, StepKind};

/// Programs whose result is the application.
const BUILDERS: [&str; 12] = [
    "ant",
    "bazel",
    "clojure",
    "groovyc",
    "jar",
    "javac",
    "jlink",
    "kotlinc",
    "lein",
    "sbt",
    "scalac",
    "scala-cli",
];

/// Packages that the base of the JRE covers.
const FONTS: [&str; 8] = [
    "fontconfig",
    "fonts-dejavu",
    "fonts-dejavu-core",
    "freetype",
    "libfontconfig1",
    "libfreetype6",
    "msttcorefonts-installer",
    "ttf-dejavu",
];

/// How the final stage gets its files.
pub(super) enum Collected {
    /// The stage only collects: its base changes where it stands.
    InPlace,
    /// A new stage copies them.
    Copied,
}

/// A package of the system that is Java.
pub(super) struct Packaged {
    /// Its version, where the name says it.
    pub(super) major: Option<u32>,
    /// Where it is installed.
    pub(super) at: Location,
    /// Whether it has a compiler.
    pub(super) is_kit: bool,
}

/// The package that brings Java to a stage.
pub(super) fn packaged(stage: &Stage, model: &Model) -> Option<Packaged> {
    let lineage = model.lineage(stage.id);
    let mut packages = lineage.into_iter().flat_map(runtime_steps::installed);
    let of = |p: &Named| Packaged {
        major: number_in(&p.name),
        at: p.at,
        is_kit: ["jdk", "devel", "openjdk8"].iter().any(|part| p.name.split('-').any(|word| word == *part)),
    };
    packages.find(|p| is_java(&p.name)).map(of)
}

fn is_java(package: &str) -> bool {
    ["openjdk", "java-1", "java-2", "default-jre", "default-jdk", "temurin-", "zulu"]
        .iter()
        .any(|start| package.starts_with(start))
}

/// `openjdk-17-jre`, `openjdk8-jre`, `java-1.8.0-openjdk`.
fn number_in(package: &str) -> Option<u32> {
    let start = package.find(|c: char| c.is_ascii_digit())?;
    super::machine::major(&package[start..])
}

/// Packages of the system: Java itself and its fonts are in the new base, tools nobody starts stay behind, and what
/// nobody can judge is a blocker.
pub(super) fn packages(plan: &mut Plan<'_, '_>, machine: &Machine) {
    const OF_BUILDS: [&str; 6] =
        ["ant", "ca-certificates-java", "gradle", "java-cacerts", "java-common", "maven"];
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    let named: Vec<_> = lineage.into_iter().flat_map(runtime_steps::installed).cloned().collect();
    for package in named {
        let name = package.name.as_str();
        let covered = runtime_steps::is_covered(name)
            || is_java(name)
            || OF_BUILDS.contains(&name)
            || (machine.has_fonts() && FONTS.contains(&name));
        if !covered {
            runtime_steps::judge_package(plan, &package);
        }
    }
}

/// Decides what is copied, or that nothing has to be.
pub(super) fn collect(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    start: &mut Start,
    evidence: &Evidence,
) -> Collected {
    let workdir = plan.cx.stage.config.workdir().to_owned();
    let writes = written(plan, evidence, &workdir);
    let nothing = !writes.in_workdir && writes.folders.is_empty();
    let private = fetched_by_add(plan);
    if only_collects(plan, target) && !start.pattern && nothing && private.is_empty() {
        for step in plan.cx.stage.steps.iter().filter(|s| matches!(s.kind, StepKind::Run(_))) {
            target.drop.insert(step.instruction);
        }
        keep_time_zone(plan, target);
        return Collected::InPlace;
    }
    keep_time_zone(plan, target);
    let copies = match (builds(plan), writes.in_workdir) {
        (true, false) => built(plan, target, start, evidence, &workdir),
        (_, true) => contents::everything(plan, &workdir, evidence, Packages::Judged),
        (false, false) => {
            let jar = pattern_copy(start, &workdir);
            let mut copies = contents::files(plan, Packages::Judged);
            copies.extend(jar);
            copies
        }
    };
    target.copies.extend(copies.into_iter().filter(|c| !is_for_nobody(&c.source)));
    if let Some(jar) = start.jar(&workdir).filter(|_| !start.pattern) {
        // Copies leave /tmp out, and a jar may lie there.
        let holds =
            |c: &CopyLine| jar == c.dest || jar.starts_with(&format!("{}/", c.source.trim_end_matches('/')));
        if !target.copies.iter().any(holds) {
            target.copies.push(CopyLine::of(&jar, &jar));
        }
    }
    contents::make_volumes(plan, target);
    give(plan, target, &writes.folders);
    for path in &private {
        own(target, path);
    }
    Collected::Copied
}

pub(super) fn effects<'a>(plan: &Plan<'a, '_>) -> impl Iterator<Item = &'a Effect> {
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    lineage.into_iter().flat_map(|s| &s.steps).flat_map(|s| match &s.kind {
        StepKind::Run(run) => run.effects.as_slice(),
        _ => &[],
    })
}

fn builds(plan: &Plan<'_, '_>) -> bool {
    effects(plan).any(|e| match &e.kind {
        EffectKind::LanguageInstall { manager, .. } => {
            matches!(manager, LanguageManager::Maven | LanguageManager::Gradle)
        }
        EffectKind::Spawn { program, .. } => {
            BUILDERS.contains(&program.rsplit('/').next().unwrap_or(program))
        }
        _ => false,
    })
}

/// What ADD gets from the network, where nothing changes its mode: only its owner may read such a file.
fn fetched_by_add(plan: &Plan<'_, '_>) -> Vec<String> {
    let transfers = plan.cx.stage.steps.iter().filter_map(|s| match &s.kind {
        StepKind::Transfer(t) if t.from == Source::Remote && t.chmod.is_none() => t.dest.as_deref(),
        _ => None,
    });
    transfers.map(|dest| dest.trim_end_matches('/').to_owned()).filter(|dest| !dest.is_empty()).collect()
}

/// Whether the stage only collects what is there already, so that its base can change where it stands.
fn only_collects(plan: &Plan<'_, '_>, target: &Target) -> bool {
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    let below = lineage.iter().skip(1).flat_map(|s| &s.steps).any(|s| !matches!(s.kind, StepKind::Config));
    let landings = contents::landings(plan.cx.stage);
    let workdir = plan.cx.stage.config.workdir();
    !below
        && effects(plan).all(|e| leaves_nothing(e, &landings, workdir))
        && !volumes(plan.cx)
        && target.copies.iter().all(|c| c.from.is_some())
        && target.build_tail.is_empty()
        && target.init.is_empty()
}

/// Whether an effect leaves nothing that the application sees, beside what COPY brings.
fn leaves_nothing(effect: &Effect, landings: &[String], workdir: &str) -> bool {
    let copied = |path: &str| landings.iter().any(|l| l == path);
    let inside = |path: &str| {
        let path = path.trim_end_matches('/');
        workdir == path || landings.iter().any(|l| l == path || l.starts_with(&format!("{path}/")))
    };
    match &effect.kind {
        // Packages were judged.
        EffectKind::Install { root: None, .. } => true,
        EffectKind::Write { path } | EffectKind::Chmod { path, .. } => copied(path) || is_time_zone(path),
        EffectKind::Link { path, .. } => is_time_zone(path),
        EffectKind::Copy { to, .. } => is_time_zone(to),
        EffectKind::MakeFolder { path } => inside(path) || is_for_nobody(path),
        _ => runtime_steps::is_needless(effect),
    }
}

fn is_time_zone(path: &str) -> bool {
    matches!(path, "/etc/localtime" | "/etc/timezone")
}

/// Whether a path is for nobody in the container: Debian's packages of Java want the folder of manual pages, which slim
/// images have not.
fn is_for_nobody(path: &str) -> bool {
    is_time_zone(path) || path.starts_with("/usr/share/man")
}

/// The time zone that a RUN links becomes TZ, which Java reads.
fn keep_time_zone(plan: &Plan<'_, '_>, target: &mut Target) {
    let zone = effects(plan).find_map(|e| {
        let (from, to) = match &e.kind {
            EffectKind::Link { path, target } => (target, path),
            EffectKind::Copy { from, to } => (from, to),
            _ => return None,
        };
        (to == "/etc/localtime").then(|| from.strip_prefix("/usr/share/zoneinfo/")).flatten()
    });
    if let Some(zone) = zone.filter(|_| plan.cx.stage.config.env("TZ").is_none()) {
        target.env.push(("TZ".to_owned(), zone.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::number_in;

    #[test]
    fn versions_in_names_of_packages() {
        let cases = [
            ("openjdk-17-jre-headless", Some(17)),
            ("openjdk8-jre", Some(8)),
            ("java-1.8.0-openjdk", Some(8)),
            ("java-21-amazon-corretto", Some(21)),
            ("default-jre", None),
        ];
        for (name, expected) in cases {
            assert_eq!(number_in(name), expected, "{name}");
        }
    }
}
