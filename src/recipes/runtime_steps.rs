//! What the RUN instructions of a final stage are for, when the stage is to stand on a base without a shell:
//! which of them the new base makes needless, and what the others leave behind that must be copied.

use std::collections::BTreeSet;

use super::contents;
use super::plan::Plan;
use super::service_checks;
use super::shape::{CopyLine, Target};
use crate::model::needs::{ProgramNeed, Why};
use crate::model::{Effect, EffectKind, Named, RunStep, Stage, StepKind};

/// Packages whose content every base with a libc, and distroless/static, has.
const COVERED: [&str; 14] = [
    "ca-certificates",
    "ca-certificates-bundle",
    "tzdata",
    "libc6-compat",
    "gcompat",
    "libc6",
    "musl",
    "netbase",
    "base-files",
    "openssl-libs",
    "libgcc-s1",
    "libgcc",
    "apt-transport-https",
    "gnupg",
];

/// Packages that hold nothing themselves and stand for build tools.
const BUILD_SETS: [&str; 5] =
    ["alpine-sdk", "build-base", "build-essential", "software-properties-common", "gcc-c++"];

/// Packages whose programs start scripts call: nothing else starts them, unless somebody says so.
const FOR_SCRIPTS: [&str; 5] = ["gosu", "su-exec", "gettext-base", "gettext", "wait-for-it"];

/// What is left of the final stage's RUN instructions.
pub enum Leftovers {
    /// Nothing: all of them can go.
    None,
    /// The stage must stay as a build stage; these are the files to take from it.
    Some(Vec<CopyLine>),
}

/// Who looks at the packages that RUN instructions install.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Packages {
    /// Nobody has yet: each is judged.
    Judge,
    /// The recipe did.
    Judged,
}

/// The packages that a stage's own instructions install.
pub fn installed(stage: &Stage) -> impl Iterator<Item = &Named> {
    effects(stage).flat_map(|e| match &e.kind {
        EffectKind::Install { packages, root: None, .. } => packages.as_slice(),
        _ => &[],
    })
}

fn effects(stage: &Stage) -> impl Iterator<Item = &Effect> {
    stage.steps.iter().flat_map(|s| match &s.kind {
        StepKind::Run(run) => run.effects.as_slice(),
        _ => &[],
    })
}

/// Sorts out the RUN instructions of the stage; those that can go are put into `target.drop`.
pub fn leftovers(plan: &mut Plan<'_, '_>, target: &mut Target) -> Leftovers {
    let stage = plan.cx.stage;
    let lineage = plan.cx.model.lineage(stage.id);
    let lower_works = lineage.iter().skip(1).any(|s| {
        s.steps.iter().any(|step| match &step.kind {
            StepKind::Run(run) => !run.effects.iter().all(is_needless),
            StepKind::Transfer(_) => true,
            StepKind::Config => false,
        })
    });
    let mut needless = BTreeSet::new();
    let mut kept = lower_works;
    for step in &stage.steps {
        let StepKind::Run(run) = &step.kind else { continue };
        if edited_by(run).is_none()
            && run.effects.iter().all(|e| is_needless(e) || is_dropped_install(plan, e))
        {
            needless.insert(step.instruction);
        } else {
            kept = true;
        }
    }
    let volumes = !contents::volumes(plan.cx).is_empty();
    if !kept && !volumes {
        target.drop.extend(needless);
        return Leftovers::None;
    }
    Leftovers::Some(contents::files(plan, Packages::Judge))
}

/// Whether an effect leaves nothing that a running application sees.
pub fn is_needless(effect: &Effect) -> bool {
    match &effect.kind {
        EffectKind::RefreshLists(_)
        | EffectKind::CleanCache(_)
        | EffectKind::Upgrade(_)
        | EffectKind::Uninstall { .. }
        | EffectKind::MarkAuto { .. }
        | EffectKind::MarkManual { .. }
        | EffectKind::Account { .. }
        | EffectKind::Nothing => true,
        EffectKind::Install { packages, root: None, .. } => {
            packages.iter().all(|p| COVERED.contains(&p.name.as_str()))
        }
        EffectKind::Spawn { args, .. } => {
            matches!(args.as_slice(), [Some(only)] if matches!(only.as_str(), "--version" | "--help"))
        }
        EffectKind::Remove { path, .. } => {
            ["/var/lib/apt", "/var/cache", "/tmp", "/root/.cache", "/var/lib/dpkg", "/usr/share", "/var/log"]
                .iter()
                .any(|prefix| path.starts_with(prefix))
        }
        _ => false,
    }
}

/// The last word of the first command that changes a file where it lies: such a RUN leaves something, although no
/// file is new.
pub fn edited_by(run: &RunStep) -> Option<String> {
    const EDITORS: [&str; 6] = ["dos2unix", "gunzip", "gzip", "strip", "upx", "xz"];
    run.scripts.iter().flat_map(|s| s.commands()).find_map(|command| {
        let name = command.base_name()?;
        let flag = |flag: &str| command.arguments().any(|w| w.literal().is_some_and(|t| t.starts_with(flag)));
        let edits = EDITORS.contains(&name.as_ref()) || (name == "sed" && (flag("-i") || flag("--in-place")));
        edits.then(|| command.arguments().last().map_or(String::new(), |w| w.display().into_owned()))
    })
}

/// Whether the new base has what the package holds.
pub fn is_covered(package: &str) -> bool {
    COVERED.contains(&package)
}

/// Judges the packages of the system beside an interpreter that is kept: libraries come with its closure, build
/// tools and tools nobody needs stay behind, and what nobody can judge is a blocker. `own` starts the names of the
/// language's own packages, `idle` names others that an application starts only where its sources show it.
pub fn judge_others(plan: &mut Plan<'_, '_>, own: &str, idle: &[&str]) {
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    let named: Vec<_> = lineage.into_iter().flat_map(installed).cloned().collect();
    for package in named {
        let name = package.name.as_str();
        let library = name.starts_with("lib")
            || name.ends_with("-dev")
            || name.ends_with("-devel")
            || name.starts_with(own);
        if library || is_covered(name) {
            continue;
        }
        if idle.contains(&name) {
            plan.assume(
                format!("nothing starts what {name} brought in the running container"),
                Some(package.at),
            );
        } else {
            judge_package(plan, &package);
        }
    }
}

/// Inits, which recipes keep or drop themselves, and interpreters that builds use (node-gyp, asset pipelines);
/// programs that the application starts are blockers of their own.
const JUDGED_ELSEWHERE: [&str; 8] =
    ["tini", "dumb-init", "catatonit", "python3", "python", "python2", "perl", "python-is-python3"];

/// Blocks on a package that the application may need; one whose tools nothing starts stays behind.
pub fn judge_package(plan: &mut Plan<'_, '_>, package: &Named) -> bool {
    let stage = plan.cx.stage;
    if JUDGED_ELSEWHERE.contains(&package.name.as_str()) {
        return true;
    }
    let Some(os) = &stage.os else { return false };
    let brought = plan.cx.catalog.packages(os).brings([&package.name], false);
    let checks = service_checks::places(plan.cx);
    let uses = brought.components.iter().filter(|c| c.package == package.name).flat_map(|c| {
        let name = c.path.rsplit('/').next().unwrap_or_default();
        let own = |n: &&ProgramNeed| {
            n.why != Why::HealthCheck && !n.place.as_ref().is_some_and(|at| checks.contains(at))
        };
        stage.needs.of(name).filter(own).map(|n| &n.why).collect::<Vec<_>>()
    });
    let uses: BTreeSet<&Why> = uses.collect();
    if !uses.is_empty() && uses.iter().all(|why| **why == Why::Application) {
        // The call that starts it is a blocker already.
        return false;
    }
    let needed = !uses.is_empty();
    let has_own = brought.components.iter().any(|c| c.package == package.name);
    let is_known = has_own
        || [BUILD_SETS.as_slice(), &FOR_SCRIPTS].iter().any(|set| set.contains(&package.name.as_str()));
    if needed || !is_known {
        let why = if needed { "which the image uses at run time" } else { "which the application may use" };
        plan.block(
            format!(
                "the image installs {}, {why}: copy what it needs of it from a build stage",
                package.name
            ),
            package.at,
        );
        return false;
    }
    plan.assume(
        format!("nothing starts what {} brought in the running container", package.name),
        Some(package.at),
    );
    true
}

/// An installation of tools that nothing needs; packages that nobody can judge are blockers.
pub fn is_dropped_install(plan: &mut Plan<'_, '_>, effect: &Effect) -> bool {
    let EffectKind::Install { packages, root: None, .. } = &effect.kind else { return false };
    for package in packages.iter().filter(|p| !is_covered(&p.name)) {
        judge_package(plan, package);
    }
    true
}
