//! The interpreter, what is installed with it, and what of both the new base has not.

use std::collections::BTreeSet;

use barehull_catalog::{Presence, Role};

use super::super::plan::Plan;
use super::super::shape::{CopyLine, Target};
use super::super::{closure, contents, ground, launch};
use super::{Way, minor};
use crate::evidence::Evidence;
use crate::model::needs::process_of;
use crate::model::{Effect, EffectKind, Landing, LanguageManager, StepKind, absolute};

/// Modules that look for shared libraries by name at run time, which no list of linked libraries shows.
const FINDS_LIBRARIES: [&str; 9] =
    ["cairocffi", "cairosvg", "gi", "magic", "pyzbar", "soundfile", "tkinter", "weasyprint", "zmq"];

/// What the sources show that the new image has not.
pub(super) fn seen(plan: &mut Plan<'_, '_>, evidence: &Evidence) {
    ground::block_spawns(plan, evidence);
    let at = launch::launch_line(plan);
    for module in FINDS_LIBRARIES.iter().filter(|m| evidence.imports.contains(**m)) {
        plan.block(
            format!("{module} looks for shared libraries by name at run time: copy them, and it, by hand"),
            at,
        );
    }
}

/// Whether something but pure wheels may be linked to libraries of the system.
pub(super) fn needs_libraries(plan: &Plan<'_, '_>) -> bool {
    plan.effects().any(|e| matches!(&e.kind, EffectKind::Install { packages, .. } if packages.iter().any(|p| p.name.starts_with("lib") || p.name.ends_with("-dev"))))
}

/// Whether packages land beside the interpreter, where the base's own can be pointed at them.
pub(super) fn in_site_packages(plan: &Plan<'_, '_>) -> bool {
    let pip = |e: &Effect| match &e.kind {
        EffectKind::LanguageInstall { manager: LanguageManager::Pip, landing, .. } => {
            Some(*landing == Landing::Global)
        }
        EffectKind::LanguageInstall { .. } => Some(false),
        EffectKind::Spawn { program, .. } if program.contains("venv") => Some(false),
        EffectKind::Spawn { args, .. } if args.iter().flatten().any(|a| a == "venv" || a == "virtualenv") => {
            Some(false)
        }
        _ => None,
    };
    let copied = plan.cx.stage.steps.iter().any(|s| match &s.kind {
        StepKind::Transfer(t) => {
            !matches!(t.from, crate::model::Source::Context | crate::model::Source::Heredoc)
        }
        _ => false,
    });
    !copied && plan.effects().filter_map(pip).all(|global| global)
}

/// Brings the interpreter and what is installed with it.
pub(super) fn interpreter(plan: &Plan<'_, '_>, target: &mut Target, way: Way, version: Option<&str>) {
    let minor = minor(version);
    match way {
        Way::OfBase => {
            let folder = format!("/usr/local/lib/python{}/site-packages", minor.unwrap_or_default());
            target.env.push(("PYTHONPATH".to_owned(), folder.clone()));
            target.build_tail.push(format!(
                "# pip itself stays behind.\n{} rm -rf {folder}/pip {folder}/pip-*",
                plan.keyword("RUN")
            ));
            target.copies.push(CopyLine::of(&folder, &folder));
        }
        Way::Glibc => {
            let first = without_pip(plan) + &closure::locale(plan);
            closure::glibc(plan, target, &closure::Linked::Below(&roots(plan)), true, &first);
            target.copies.push(CopyLine::of("/usr/local/", "/usr/local/"));
        }
        Way::Musl => {
            let all = roots(plan);
            let roots = all.join(" ");
            let programs = format!("$(find {roots} -type f \\( -perm -100 -o -name '*.so*' \\))");
            closure::musl(plan, target, &programs, &all, &without_pip(plan));
            target.copies.push(CopyLine::of("/usr/local/", "/usr/local/"));
        }
    }
}

/// Where programs and extension modules lie: beside the interpreter, and in environments elsewhere.
pub(super) fn roots(plan: &Plan<'_, '_>) -> Vec<String> {
    let mut roots = vec!["/usr/local".to_owned()];
    let workdir = plan.cx.stage.config.workdir();
    for folder in plan.cx.stage.config.path() {
        roots.extend(environment_of(plan, &format!("{folder}/python")));
    }
    roots.extend(plan.effects().filter_map(made_environment).map(str::to_owned));
    let process = process_of(&plan.cx.stage.config, plan.cx.model.file);
    let program = process.as_ref().and_then(|p| p.argv.first());
    roots.extend(program.and_then(|p| environment_of(plan, p)));
    let mut seen = BTreeSet::new();
    roots.retain(|root| seen.insert(root.clone()));
    if workdir != "/" && !roots.iter().any(|r| r == workdir) {
        roots.push(workdir.to_owned());
    }
    roots
}

/// The virtual environment whose program lies at `path`: one that a RUN makes, that is copied, or is called so.
pub(super) fn environment_of(plan: &Plan<'_, '_>, path: &str) -> Option<String> {
    const NAMES: [&str; 6] = ["venv", ".venv", "env", ".env", "virtualenv", ".virtualenv"];
    let path = absolute(plan.cx.stage.config.workdir(), path);
    let root = path.rsplit_once('/')?.0.strip_suffix("/bin")?;
    let stages = plan.cx.model.stages.iter().filter(|s| s.reachable).flat_map(|s| &s.steps);
    let made = stages
        .filter_map(|s| match &s.kind {
            StepKind::Run(run) => Some(&run.effects),
            _ => None,
        })
        .flatten()
        .filter_map(made_environment)
        .any(|made| made == root);
    let named = NAMES.contains(&root.rsplit('/').next()?);
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    let copied = lineage.iter().any(|stage| contents::landings(stage).iter().any(|l| l == root));
    (!root.is_empty() && !root.starts_with("/usr") && (made || named || copied)).then(|| root.to_owned())
}

/// The folder of the virtual environment that a command makes.
fn made_environment(effect: &Effect) -> Option<&str> {
    let EffectKind::Spawn { program, args } = &effect.kind else { return None };
    let is_tool = |word: &str| matches!(word, "venv" | "virtualenv");
    let own = is_tool(program.rsplit('/').next().unwrap_or(program));
    let mut words = args.iter().flatten().map(String::as_str).skip_while(|word| !own && !is_tool(word));
    words.find(|word| word.starts_with('/')).map(|word| word.trim_end_matches('/'))
}

/// Shell lines that take pip out of what is copied, environments included.
fn without_pip(plan: &Plan<'_, '_>) -> String {
    let mut lines = Vec::new();
    for root in roots(plan).iter().filter(|r| *r == "/usr/local" || *r != plan.cx.stage.config.workdir()) {
        lines.push(format!("{root}/bin/pip*"));
        if root == "/usr/local" {
            lines.push(format!("{root}/lib/python*/ensurepip"));
        }
        lines.push(format!("{root}/lib/python*/site-packages/pip"));
        lines.push(format!("{root}/lib/python*/site-packages/pip-*"));
    }
    // Others that were installed beside it: uv, poetry, pipenv.
    for entry in plan.cx.stage.inventory.materialise() {
        let (component, present) = (&entry.component, entry.presence == Presence::Present);
        let own =
            lines.iter().any(|l| l.strip_suffix('*').is_some_and(|start| component.path.starts_with(start)));
        if present
            && !own
            && component.role == Role::LanguagePackageManager
            && component.path.starts_with("/usr/local/")
        {
            lines.push(component.path.to_string());
        }
    }
    let lines: Vec<_> = lines.chunks(2).map(|pair| pair.join(" ")).collect();
    format!("    rm -rf {}; \\\n", lines.join(" \\\n        "))
}
