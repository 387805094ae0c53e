//! What of the stage the final image gets: the jar alone where it is known to hold everything, else the folders that
//! the application lies in.

use std::collections::BTreeSet;

use barehull_syntax::Location;

use super::super::plan::Plan;
use super::super::runtime_steps::{self, Packages};
use super::super::shape::{CopyLine, Target};
use super::super::{contents, ground::NONROOT, launch};
use super::machine::Machine;
use super::start::{Runs, Start};
use super::volumes;
use crate::evidence::{Evidence, Language};
use crate::model::{
    Effect, EffectKind, Landing, LanguageManager, Model, Named, Source, Stage, StepKind, absolute,
};

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

/// What makes a jar that holds all it needs, by the name of the plugin that does.
const WHOLE: [&str; 7] = [
    "com.github.johnrengelman.shadow",
    "com.gradleup.shadow",
    "io.ktor.plugin",
    "maven-assembly-plugin",
    "maven-shade-plugin",
    "org.springframework.boot\"",
    "spring-boot-maven-plugin",
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

/// What the application's sources show: those the stage was built from, or those beside a jar that was built
/// outside of the Dockerfile.
pub(super) fn evidence(plan: &mut Plan<'_, '_>) -> Evidence {
    let cx = plan.cx;
    let files = &mut *cx.files.borrow_mut();
    let Some(context) = files.context() else { return Evidence::default() };
    let Some((folder, at)) = built_outside(plan) else { return files.evidence(Language::Java) };
    let found =
        context.root().join(&folder).map(|f| files.evidence_below(Language::Java, &f)).unwrap_or_default();
    if found.imports.is_empty() {
        let text = "what the jar holds was not read: it starts no program that the new base has not";
        plan.assume(text, Some(at));
    }
    found
}

/// The project's folder behind a jar that COPY brings from the context.
fn built_outside(plan: &Plan<'_, '_>) -> Option<(String, Location)> {
    let model = plan.cx.model;
    let behind = model.behind(plan.cx.stage.id);
    for step in behind.into_iter().flat_map(|id| &model.stage(id).steps) {
        let StepKind::Transfer(transfer) = &step.kind else { continue };
        if transfer.from != Source::Context {
            continue;
        }
        let archive = |s: &&String| {
            let ends = [".jar", ".war", "/target", "/libs", "target/", "libs/"];
            ends.iter().any(|end| s.ends_with(end)) && !s.contains("wrapper")
        };
        let at = model.at(model.instruction(step).span);
        if let Some(source) = transfer.sources.iter().flatten().find(archive) {
            return Some((project_of(source), at));
        }
        if transfer.sources.contains(&None) && transfer.dest.as_ref().is_some_and(|d| d.ends_with(".jar")) {
            return Some((".".to_owned(), at));
        }
    }
    None
}

/// `service` of `service/target/app.jar`; the context's root where no folder of a build is named.
fn project_of(source: &str) -> String {
    let source = source.trim_start_matches("./").trim_start_matches('/');
    let parts: Vec<&str> = source.split('/').collect();
    let end = parts.iter().position(|p| matches!(*p, "target" | "build" | "out" | "libs")).unwrap_or(0);
    if end == 0 { ".".to_owned() } else { parts[..end].join("/") }
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
    if only_collects(plan, target) && !start.pattern && nothing {
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
    target.copies.extend(copies.into_iter().filter(|c| !is_time_zone(&c.source)));
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
    Collected::Copied
}

fn effects<'a>(plan: &Plan<'a, '_>) -> impl Iterator<Item = &'a Effect> {
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
        EffectKind::MakeFolder { path } => inside(path),
        _ => runtime_steps::is_needless(effect),
    }
}

fn is_time_zone(path: &str) -> bool {
    matches!(path, "/etc/localtime" | "/etc/timezone")
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

/// What the application writes where another user than root may not.
struct Written {
    /// Whether it makes files in WORKDIR itself.
    in_workdir: bool,
    /// Other folders, absolute.
    folders: BTreeSet<String>,
}

/// The folders that the application writes to, volumes and `/tmp` aside; none where it is not root already, since
/// the stage then made them for its user.
fn written(plan: &mut Plan<'_, '_>, evidence: &Evidence, workdir: &str) -> Written {
    const MAKE_FOLDERS: [&str; 4] =
        ["mkdir", "mkdirs", "java.nio.file.Files.createDirectories", "java.nio.file.Files.createDirectory"];
    let mut found = Written { in_workdir: false, folders: BTreeSet::new() };
    if plan.cx.stage.config.runs_as_root() == Some(false) {
        return found;
    }
    let volumes = contents::volumes(plan.cx);
    for write in &evidence.writes {
        let path = absolute(workdir, write.path.trim_end_matches('/'));
        let is_folder = write.path.ends_with('/') || MAKE_FOLDERS.contains(&write.how);
        let folder = match path.rsplit_once('/') {
            _ if is_folder => path.as_str(),
            Some(("", _)) | None => "/",
            Some((folder, _)) => folder,
        };
        if volumes.iter().any(|v| is_inside(folder, &v.source)) {
            continue;
        }
        if folder == "/" {
            let text = format!(
                "the application writes {path}, which 65532 may not: mount a volume or give it a WORKDIR"
            );
            plan.assume(text, Some(write.place));
        } else if folder == workdir {
            found.in_workdir = true;
        } else {
            found.folders.insert(folder.to_owned());
        }
    }
    found
}

fn is_inside(path: &str, folder: &str) -> bool {
    path == folder || path.starts_with(&format!("{}/", folder.trim_end_matches('/')))
}

/// Gives the folders that the application writes to, to its user: those that are copied change their owner, others are
/// made.
fn give(plan: &Plan<'_, '_>, target: &mut Target, folders: &BTreeSet<String>) {
    let owner = target.user.clone().unwrap_or_else(|| NONROOT.to_owned());
    let mut made = Vec::new();
    for folder in folders {
        match target.copies.iter_mut().find(|c| is_inside(folder, &c.source)) {
            Some(copy) => copy.chown = Some(owner.clone()),
            None => made.push(folder.as_str()),
        }
    }
    if !made.is_empty() {
        target.build_tail.insert(0, format!("{} mkdir -p {}", plan.keyword("RUN"), made.join(" ")));
        let copies = made.iter().map(|f| CopyLine { chown: Some(owner.clone()), ..CopyLine::of(f, f) });
        target.copies.extend(copies.collect::<Vec<_>>());
    }
}

/// What a stage that builds the application leaves to the final one.
fn built(
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
fn pattern_copy(start: &mut Start, workdir: &str) -> Option<CopyLine> {
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
        .collect();
    let plain = !entries.is_empty() && !entries.iter().any(|e| e == workdir || e == "/" || e.contains('*'));
    plain.then(|| entries.iter().map(|e| CopyLine::of(e, e)).collect())
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
    let module =
        ["/target/", "/build/libs/"].iter().find_map(|part| jar.find(part).map(|at| jar[..at].to_owned()));
    let modules = module.into_iter().chain(projects(plan));
    let files = &mut *plan.cx.files.borrow_mut();
    modules.take(8).any(|module| {
        ["pom.xml", "build.gradle", "build.gradle.kts"].iter().any(|name| {
            let found = files.read(&format!("{module}/{name}"));
            found.is_some_and(|(_, bytes)| {
                let text = String::from_utf8_lossy(&bytes).replace('\'', "\"");
                let alone = *name == "pom.xml" && !text.contains("<dependency>");
                alone || WHOLE.iter().any(|plugin| text.contains(plugin))
            })
        })
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

#[cfg(test)]
mod tests {
    use super::{number_in, project_of};

    #[test]
    fn projects_of_jars() {
        let cases = [
            ("target/*.jar", "."),
            ("./service/target/app.jar", "service"),
            ("a/b/build/libs/x.jar", "a/b"),
            ("app.jar", "."),
        ];
        for (source, expected) in cases {
            assert_eq!(project_of(source), expected, "{source}");
        }
    }

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
