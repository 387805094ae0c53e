//! What a stage that builds the application leaves: the jar alone where it is known to hold everything, else the folder
//! that it lies in, and the files that are read beside it.

use std::collections::BTreeSet;

use super::super::plan::Plan;
use super::super::runtime_steps::Packages;
use super::super::shape::{CopyLine, Target};
use super::super::{contents, launch};
use super::files::effects;
use super::start::{Runs, Start};
use crate::evidence::Evidence;
use crate::model::{EffectKind, Landing, LanguageManager, absolute};

/// What makes a jar that holds all it needs, by the name of the plugin that does.
const WHOLE: [&str; 6] = [
    "com.github.johnrengelman.shadow",
    "com.gradleup.shadow",
    "io.ktor.plugin",
    "maven-shade-plugin",
    "org.springframework.boot\"",
    "spring-boot-maven-plugin",
];

/// What a stage that builds the application leaves to the final one.
pub(super) fn built(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    start: &mut Start,
    evidence: &Evidence,
    workdir: &str,
) -> Vec<CopyLine> {
    let Some(main) = program(plan, target, start, workdir) else {
        if workdir == "/" {
            let at = launch::launch_line(plan);
            plan.block("the application lies in / and cannot be told from the system: give it a WORKDIR", at);
            return Vec::new();
        }
        return contents::everything(plan, workdir, evidence, Packages::Judged);
    };
    let mut copies = main;
    let holds = |copies: &[CopyLine], path: &str| {
        copies
            .iter()
            .any(|c| path == c.source || path.starts_with(&format!("{}/", c.source.trim_end_matches('/'))))
    };
    let agents: Vec<String> = start.agents().map(|a| absolute(workdir, a)).collect();
    for path in agents.into_iter().chain(data(plan, evidence, workdir)) {
        if !holds(&copies, &path) {
            copies.push(CopyLine::of(&path, &path));
        }
    }
    let projects: BTreeSet<String> = projects(plan).collect();
    let inside = |path: &str, folder: &str| {
        path == folder || path.starts_with(&format!("{}/", folder.trim_end_matches('/')))
    };
    for copy in contents::files(plan, Packages::Judged) {
        let of_project = inside(&copy.source, workdir) || projects.iter().any(|p| inside(&copy.source, p));
        if !of_project && !holds(&copies, &copy.source) {
            copies.push(copy);
        }
    }
    copies
}

/// The folders that Maven or Gradle work in.
fn projects(plan: &Plan<'_, '_>) -> impl Iterator<Item = String> {
    effects(plan).filter_map(|e| match &e.kind {
        EffectKind::LanguageInstall {
            manager: LanguageManager::Maven | LanguageManager::Gradle,
            landing: Landing::Project(folder),
            ..
        } => Some(folder.trim_end_matches('/').to_owned()),
        _ => None,
    })
}

/// The jar, its folder or the folders of the class path; nothing where the code may lie all over WORKDIR.
fn program(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    start: &mut Start,
    workdir: &str,
) -> Option<Vec<CopyLine>> {
    let Some(jar) = start.jar(workdir) else { return class_path(start, workdir) };
    let folder = jar.rsplit_once('/').map_or("/", |(folder, _)| folder).to_owned();
    let whole = is_whole(plan, &jar);
    if start.pattern {
        return whole.then(|| pattern_copy(start, workdir)).flatten().map(|copy| vec![copy]).or_else(|| {
            let copies = vec![CopyLine::of(&folder, &folder)];
            rename(plan, target, start, workdir);
            Some(copies)
        });
    }
    if whole {
        return Some(vec![CopyLine::of(&jar, &jar)]);
    }
    if folder.is_empty() || folder == "/" {
        plan.assume(format!("{jar} holds all that the application needs"), Some(launch::launch_line(plan)));
        return Some(vec![CopyLine::of(&jar, &jar)]);
    }
    (folder != workdir).then(|| vec![CopyLine::of(&folder, &folder)])
}

/// A jar whose name only the build knows is copied under one that the command can say.
pub(super) fn pattern_copy(start: &mut Start, workdir: &str) -> Option<CopyLine> {
    if !start.pattern {
        return None;
    }
    let from = start.jar(workdir)?;
    let to = named(start)?;
    Some(CopyLine {
        why: Some("The pattern stands for one jar, as the start of the application took it.".to_owned()),
        ..CopyLine::of(&from, &absolute(workdir, &to))
    })
}

/// The same in the build stage, for a folder that is copied whole.
fn rename(plan: &Plan<'_, '_>, target: &mut Target, start: &mut Start, workdir: &str) {
    let Some(from) = start.jar(workdir) else { return };
    let Some(to) = named(start) else { return };
    target.build_tail.push(format!("{} mv {from} {}", plan.keyword("RUN"), absolute(workdir, &to)));
}

/// Puts `app.jar` in the place of the pattern's last part.
fn named(start: &mut Start) -> Option<String> {
    let Runs::Jar(jar) = &mut start.runs else { return None };
    let to =
        jar.rsplit_once('/').map_or_else(|| "app.jar".to_owned(), |(folder, _)| format!("{folder}/app.jar"));
    if to.contains(['*', '?', '[']) {
        return None;
    }
    jar.clone_from(&to);
    *start.rest.first_mut()? = to.clone();
    Some(to)
}

/// The folders and jars of `-cp`, where none of them is WORKDIR itself.
fn class_path(start: &Start, workdir: &str) -> Option<Vec<CopyLine>> {
    let path = start.option(&["-cp", "-classpath", "--class-path"])?;
    let entries: BTreeSet<String> = path
        .split(':')
        .filter(|entry| !entry.is_empty())
        .map(|entry| absolute(workdir, entry.trim_end_matches('*').trim_end_matches('/')))
        .map(|entry| output_folder(&entry, workdir))
        .collect();
    let plain = !entries.is_empty() && !entries.iter().any(|e| e == workdir || e == "/" || e.contains('*'));
    plain.then(|| entries.iter().map(|e| CopyLine::of(e, e)).collect())
}

/// The folder of a build's output around an entry: Java takes no offence at one that is not there, and COPY does.
fn output_folder(entry: &str, workdir: &str) -> String {
    let below = entry.strip_prefix(workdir.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/'));
    match below.and_then(|below| below.split('/').next()) {
        Some(first @ ("target" | "build" | "out")) => format!("{}/{first}", workdir.trim_end_matches('/')),
        _ => entry.to_owned(),
    }
}

/// Whether the build makes a jar that holds all it needs.
fn is_whole(plan: &Plan<'_, '_>, jar: &str) -> bool {
    let name = jar.rsplit('/').next().unwrap_or(jar);
    if ["-jar-with-dependencies.jar", "-all.jar", "-fat.jar", "-uber.jar"]
        .iter()
        .any(|end| name.ends_with(end))
    {
        return true;
    }
    if made_without_manifest(plan, name) {
        return true;
    }
    let module =
        ["/target/", "/build/libs/"].iter().find_map(|part| jar.find(part).map(|at| jar[..at].to_owned()));
    let modules = module.into_iter().chain(projects(plan));
    let files = &mut *plan.cx.files.borrow_mut();
    modules.take(8).any(|module| {
        ["pom.xml", "build.gradle", "build.gradle.kts"].iter().any(|name| {
            let found = files.read(&format!("{module}/{name}"));
            found.is_some_and(|(_, bytes)| {
                let text = String::from_utf8_lossy(&bytes).replace('\'', "\"");
                let alone =
                    *name == "pom.xml" && !text.contains("<dependency>") && !text.contains("<parent>");
                alone || WHOLE.iter().any(|plugin| text.contains(plugin))
            })
        })
    })
}

/// Whether a RUN makes the jar with the tool of that name and gives it no manifest, which alone can name other jars.
fn made_without_manifest(plan: &Plan<'_, '_>, jar: &str) -> bool {
    effects(plan).any(|e| {
        let EffectKind::Spawn { program, args } = &e.kind else { return false };
        let mut words = args.iter().flatten().map(String::as_str);
        let old = words.clone().next().is_some_and(|first| !first.starts_with("--") && first.contains('m'));
        let new = words.clone().any(|word| word == "-m" || word.starts_with("--manifest"));
        program.rsplit('/').next() == Some("jar")
            && !old
            && !new
            && words.any(|word| word.rsplit(['/', '=']).next() == Some(jar))
    })
}

/// Files of the context beside the sources that the application reads when it runs: those that its sources name,
/// and Spring's configuration.
fn data(plan: &mut Plan<'_, '_>, evidence: &Evidence, workdir: &str) -> Vec<String> {
    let (listed, _) = plan.cx.files.borrow_mut().context_files(plan.cx.stage.id);
    let top = |path: &str| -> Option<String> {
        let below = path.strip_prefix(workdir.trim_end_matches('/'))?.strip_prefix('/')?;
        let first = below.split('/').next()?;
        Some(format!("{}/{first}", workdir.trim_end_matches('/')))
    };
    let entries: BTreeSet<String> =
        listed.iter().map(|(to, _)| to.as_str()).filter(|to| is_data(to, workdir)).filter_map(top).collect();
    let read: BTreeSet<String> =
        evidence.reads.iter().filter_map(|r| top(&absolute(workdir, &r.path))).collect();
    let spring = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name == "config" || name.starts_with("application.") || name.starts_with("application-")
    };
    let (used, unused): (Vec<String>, Vec<String>) =
        entries.into_iter().partition(|e| read.contains(e) || spring(e) || !evidence.complete);
    if !unused.is_empty() {
        let names: Vec<_> = unused.iter().map(|u| u.rsplit('/').next().unwrap_or(u)).take(6).collect();
        let text = format!(
            "the application reads none of {} at run time (nothing in its sources opens them)",
            names.join(", ")
        );
        plan.assume(text, None);
    }
    used
}

/// Whether a file may be read at run time: no source, and nothing of the build or the project's own.
fn is_data(path: &str, workdir: &str) -> bool {
    const OF_BUILD: [&str; 14] = [
        "src",
        "target",
        "build",
        "out",
        "bin",
        "gradle",
        "buildSrc",
        "build-logic",
        "node_modules",
        "docs",
        "doc",
        "test",
        "tests",
        "lib",
    ];
    let Some(below) = path.strip_prefix(workdir.trim_end_matches('/')).and_then(|p| p.strip_prefix('/'))
    else {
        return false;
    };
    let first = below.split('/').next().unwrap_or_default();
    let sources = below.contains("/src/") || below.contains("/target/");
    if first.starts_with('.') || sources || (first != below && OF_BUILD.contains(&first)) {
        return false;
    }
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let ends = [
        ".java", ".kt", ".kts", ".gradle", ".scala", ".groovy", ".md", ".adoc", ".sh", ".cmd", ".bat", ".iml",
    ];
    let starts = [
        "pom.xml",
        "gradlew",
        "mvnw",
        "gradle.properties",
        "lombok.config",
        "dockerfile",
        "docker-compose",
        "compose.",
        "license",
        "readme",
        "notice",
        "jenkinsfile",
        "makefile",
        "procfile",
        "build.xml",
        "build.sbt",
        "package.json",
        "package-lock.json",
        "sonar-project",
    ];
    !ends.iter().any(|end| name.ends_with(end)) && !starts.iter().any(|start| name.starts_with(start))
}
