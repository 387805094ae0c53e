//! `global-pip-as-root`: pip installs into the interpreter that belongs to the distribution.

use super::FileCx;
use super::language::one_line;
use crate::finding::{Finding, Place};
use crate::model::{Base, EffectKind, Landing, LanguageManager, Model, RunStep, Stage, Step, StepKind};

/// Images whose `python3` is the distribution's own.
const DISTRIBUTIONS: [&str; 16] = [
    "alpine",
    "almalinux",
    "amazonlinux",
    "centos",
    "debian",
    "fedora",
    "opensuse/leap",
    "opensuse/tumbleweed",
    "oraclelinux",
    "photon",
    "rockylinux",
    "rockylinux/rockylinux",
    "ubi8/ubi",
    "ubi9/ubi",
    "ubuntu",
    "kalilinux/kali-rolling",
];
/// Words of RUN lines and variables that make or use an environment or an interpreter of their own.
const OWN_PYTHON: [&str; 12] = [
    "venv",
    "virtualenv",
    "VIRTUAL_ENV",
    "conda",
    "mamba",
    "pyenv",
    "pipx",
    "/activate",
    "uv ",
    "poetry",
    "deadsnakes",
    "python.org",
];

pub(super) fn check(cx: &FileCx<'_>) -> Vec<Finding> {
    let model = cx.model;
    let mut found = Vec::new();
    for stage in cx.shipped_stages() {
        // All texts of the stage are searched for it: only where pip is called.
        let mut is_distributions = None;
        for step in &stage.steps {
            let StepKind::Run(run) = &step.kind else { continue };
            if !is_root(step) {
                continue;
            }
            for command in &run.commands {
                let Some(packages) = installed(run, &command.effects) else { continue };
                if !*is_distributions.get_or_insert_with(|| has_distributions_python(model, stage)) {
                    continue;
                }
                let message = "pip replaces packages of the distribution's Python, which apt and others rely on: \
                               install into a virtual environment";
                let place = Place::Source(command.at);
                // Not the command as it is written: other rules' fixes add options to it.
                let finding = Finding::new(super::GLOBAL_PIP_AS_ROOT, place, message).subject(packages);
                found.push(finding.stage(&stage.identity));
            }
        }
    }
    found
}

fn is_root(step: &Step) -> bool {
    let user = step.user.as_deref().unwrap_or("root");
    matches!(user.split(':').next(), Some("" | "root" | "0"))
}

/// What pip puts beside the interpreter, if it does: the names of packages, or `pip` where a file lists them.
fn installed(run: &RunStep, effects: &std::ops::Range<u32>) -> Option<String> {
    let effects = run.effects.get(effects.start as usize..effects.end as usize).unwrap_or_default();
    effects.iter().find_map(|effect| match &effect.kind {
        EffectKind::LanguageInstall {
            manager: LanguageManager::Pip,
            landing: Landing::Global,
            packages,
            ..
        } => {
            let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
            Some(if names.is_empty() { "pip".to_owned() } else { one_line(&names.join(" ")) })
        }
        _ => None,
    })
}

/// Whether `pip` of the stage is that of a distribution, and nothing makes another Python.
fn has_distributions_python(model: &Model, stage: &Stage) -> bool {
    let Base::Image { image, .. } = model.root_base(stage.id) else { return false };
    let name = image.repository.strip_prefix("library/").unwrap_or(&image.repository);
    let lineage = model.lineage(stage.id);
    let mut instructions = lineage.iter().flat_map(|stage| &stage.steps).map(|step| model.instruction(step));
    let copies_python = |step: &Step| match &step.kind {
        StepKind::Transfer(transfer) => {
            let dest = transfer.dest.as_deref().unwrap_or("/usr/local");
            dest.starts_with("/usr/local") || dest.starts_with("/opt") || dest.contains("python")
        }
        _ => false,
    };
    DISTRIBUTIONS.contains(&name)
        && !instructions.any(|instruction| {
            let rest = instruction.rest.text();
            let texts = instruction.heredocs.iter().map(|heredoc| heredoc.body.text());
            texts.chain([rest]).any(|text| OWN_PYTHON.iter().any(|word| text.contains(word)))
        })
        && !lineage.iter().flat_map(|stage| &stage.steps).any(copies_python)
}
