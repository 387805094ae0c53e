//! Programs that the application's own sources start.

use std::collections::BTreeSet;

use super::{Needs, ProgramNeed, Unread, Why, process_of};
use crate::evidence::Language;
use crate::finding::Place;
use crate::model::image_files::ImageFiles;
use crate::model::{Base, EffectKind, Model, Stage, StageId, StepKind, Toolchain, toolchain};

/// Adds what the sources behind the stage's image start. A program whose name is made at run time is noted as
/// such: it may be any that is there.
pub(crate) fn add(needs: &mut Needs, files: &mut ImageFiles<'_>) {
    let (model, stage) = (files.model(), files.stage());
    for language in languages(model, stage) {
        for spawn in files.evidence(language).spawns {
            let place = Some(Place::Source(spawn.place));
            let mut need = |program: &str| {
                let (program, why) = (program.to_owned(), Why::Application);
                needs.programs.push(ProgramNeed { program, why, place: place.clone() });
            };
            if spawn.shell {
                need("sh");
            }
            match &spawn.program {
                Some(program) => need(program),
                None => {
                    let reason =
                        "the application starts a program that is not known before it runs".to_owned();
                    needs.unnamed.push(Unread { reason, place });
                }
            }
        }
    }
    needs.programs.sort();
    needs.programs.dedup();
    needs.unnamed.dedup();
}

/// The languages that may run in the image: interpreters that it stands on or installs, what it starts, and Go and
/// .NET where a toolchain is among the stages behind it.
pub(crate) fn languages(model: &Model, stage: StageId) -> BTreeSet<Language> {
    let mut found = BTreeSet::new();
    let runtime = |id: StageId| match model.root_base(id) {
        Base::Image { facts: Some(facts), .. } => facts.runtime.as_ref().and_then(|r| language(&r.name)),
        _ => None,
    };
    found.extend(runtime(stage).filter(|l| *l != Language::Go));
    let behind = model.behind(stage).into_iter().filter_map(runtime);
    found.extend(behind.filter(|l| matches!(l, Language::Go | Language::Dotnet)));
    if runtime(stage).is_none() {
        let compiled = model.behind(stage).into_iter().filter_map(|id| toolchain(model, id));
        found.extend(compiled.filter_map(|toolchain| match toolchain {
            Toolchain::Rust => Some(Language::Rust),
            Toolchain::C => Some(Language::C),
            Toolchain::Other(_) => None,
        }));
    }
    let process = process_of(&model.stage(stage).config, model.file);
    let program = process.as_ref().and_then(|p| p.argv.first());
    found.extend(program.and_then(|p| language(p.rsplit('/').next().unwrap_or(p))));
    found.extend(model.lineage(stage).into_iter().flat_map(installed).filter_map(language));
    found
}

/// The packages that a stage's instructions install, by name.
fn installed(stage: &Stage) -> impl Iterator<Item = &str> {
    let effects = stage.steps.iter().flat_map(|s| match &s.kind {
        StepKind::Run(run) => run.effects.as_slice(),
        _ => &[],
    });
    let packages = effects.flat_map(|e| match &e.kind {
        EffectKind::Install { packages, .. } => packages.as_slice(),
        _ => &[],
    });
    packages.map(|p| p.name.as_str())
}

/// The language of an interpreter or toolchain, by the name of its image, package or program.
fn language(name: &str) -> Option<Language> {
    match name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "node" | "nodejs" | "npm" | "yarn" | "pnpm" => Some(Language::Node),
        "python" | "gunicorn" | "uvicorn" | "hypercorn" | "daphne" | "flask" | "celery" | "streamlit" => {
            Some(Language::Python)
        }
        "go" | "golang" => Some(Language::Go),
        "java" => Some(Language::Java),
        name if is_java_package(name) => Some(Language::Java),
        "dotnet" => Some(Language::Dotnet),
        "ruby" | "bundle" | "rails" | "puma" | "rackup" => Some(Language::Ruby),
        name if name.starts_with("php") || name == "libapache2-mod-php" => Some(Language::Php),
        _ => None,
    }
}

/// `openjdk-17-jre-headless`, `openjdk8-jre`, `java-17-openjdk`, `default-jre`.
fn is_java_package(name: &str) -> bool {
    name.starts_with("openjdk")
        || name.starts_with("java-")
        || name.starts_with("default-jre")
        || name.starts_with("default-jdk")
}
