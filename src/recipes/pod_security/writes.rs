//! Where an application writes to, as far as its sources and the Dockerfile show all of it.

use std::collections::BTreeSet;

use crate::evidence::{Evidence, FileUse, Language};
use crate::manifest::{Found, VolumeSource};
use crate::model::needs::{languages_of, process_of};
use crate::model::{Base, EffectKind, Sink, Source, StepKind, absolute};
use crate::project::outside::OutsideUse;
use crate::recipes::RecipeCx;

/// The folders that a container has to be able to write to.
pub(super) enum Writes {
    /// These alone; those with a mount are not among them.
    Only(Vec<String>),
    /// They are not all known.
    Unknown(String),
}

/// Libraries and servers that write where no source of the application says so: by language, what is imported, and where.
const WRITERS: [(Language, &str, &str); 37] = [
    (Language::Go, "github.com/dgraph-io/badger", "its database"),
    (Language::Go, "github.com/glebarez/sqlite", "its database"),
    (Language::Go, "github.com/mattn/go-sqlite3", "its database"),
    (Language::Go, "go.etcd.io/bbolt", "its database"),
    (Language::Go, "gopkg.in/natefinch/lumberjack.v2", "its logs"),
    (Language::Go, "gorm.io/driver/sqlite", "its database"),
    (Language::Go, "modernc.org/sqlite", "its database"),
    (Language::Node, "better-sqlite3", "its database"),
    (Language::Node, "sqlite3", "its database"),
    (Language::Rust, "rocksdb", "its database"),
    (Language::Rust, "rusqlite", "its database"),
    (Language::Rust, "sled", "its database"),
    (Language::Node, "next", ".next/cache"),
    (Language::Node, "nuxt", ".nuxt"),
    (Language::Node, "pm2", "~/.pm2"),
    (Language::Node, "puppeteer", "the browser's profile"),
    (Language::Node, "playwright", "the browser's profile"),
    (Language::Node, "multer", "the folder of uploads"),
    (Language::Node, "winston", "files of its transports"),
    (Language::Node, "winston-daily-rotate-file", "files of its transports"),
    (Language::Node, "log4js", "files of its appenders"),
    (Language::Node, "bunyan", "files of its streams"),
    (Language::Node, "level", "its database"),
    (Language::Node, "lowdb", "its database"),
    (Language::Node, "nedb", "its database"),
    (Language::Node, "strapi", "its uploads"),
    (Language::Python, "streamlit", "~/.streamlit"),
    (Language::Python, "matplotlib", "~/.config/matplotlib"),
    (Language::Python, "transformers", "~/.cache/huggingface"),
    (Language::Python, "huggingface_hub", "~/.cache/huggingface"),
    (Language::Python, "sentence_transformers", "~/.cache/huggingface"),
    (Language::Python, "torch", "~/.cache/torch"),
    (Language::Python, "nltk", "~/nltk_data"),
    (Language::Python, "spacy", "its models"),
    (Language::Python, "diskcache", "its database"),
    (Language::Python, "playwright", "the browser's profile"),
    (Language::Python, "selenium", "the browser's profile"),
];

/// Words of a command that name a file to write: a scheduler's database, logs, process ids.
const WRITING_WORDS: [&str; 9] = [
    "beat",
    "-B",
    "--pid",
    "--pidfile",
    "-p",
    "--log-file",
    "--access-logfile",
    "--error-logfile",
    "--logto",
];

/// Where the application of a container writes to.
pub(super) fn of(cx: &RecipeCx<'_>, used: &OutsideUse, found: &Found) -> Writes {
    match folders(cx, used, found) {
        Ok(folders) => Writes::Only(folders.into_iter().collect()),
        Err(why) => Writes::Unknown(why),
    }
}

fn folders(cx: &RecipeCx<'_>, used: &OutsideUse, found: &Found) -> Result<BTreeSet<String>, String> {
    let own_entrypoint = cx.stage.config.entrypoint.as_ref().is_some_and(|e| !e.value.is_empty());
    if used.entrypoint.is_some() || (used.command.is_some() && !own_entrypoint) {
        return Err("the manifest starts something else than the image does".to_owned());
    }
    if !used.executes.is_empty() {
        return Err("a hook runs a command in it".to_owned());
    }
    if let Some(unread) = cx.stage.needs.unread.first() {
        return Err(unread.reason.clone());
    }
    if cx.stage.needs.start_script.is_some() || cx.stage.needs.cmd_script.is_some() {
        return Err("a script starts the application".to_owned());
    }
    let Some(process) = process_of(&cx.stage.config, cx.model.file) else {
        return Err("the image starts nothing".to_owned());
    };
    if process.shell.is_some() || !process.wrappers.is_empty() {
        return Err("a shell or a wrapper starts the application".to_owned());
    }
    let argv = behind_base_script(cx, &process.argv);
    let mut folders = BTreeSet::from(["/tmp".to_owned()]);
    for (language, evidence) in &searched(cx, argv)? {
        libraries(*language, evidence)?;
        for write in &evidence.writes {
            folders.extend(folder_of(cx, found, write)?);
        }
    }
    words(argv)?;
    for volume in &cx.stage.config.volumes {
        folders.extend(placed(cx, found, volume.value.trim_end_matches('/'))?);
    }
    folders.retain(|folder| !is_mounted(found, folder));
    // One inside of another needs no volume of its own.
    let all = folders.clone();
    folders.retain(|folder| !all.iter().any(|other| other != folder && is_within(folder, other)));
    Ok(folders)
}

/// The command line without the base image's own script, where that only starts what it is given.
fn behind_base_script<'a>(cx: &RecipeCx<'_>, argv: &'a [String]) -> &'a [String] {
    let Base::Image { facts: Some(facts), .. } = cx.model.root_base(cx.stage.id) else { return argv };
    let script = facts.start_script.as_ref().filter(|script| script.hands_over);
    match argv {
        [first, rest @ ..]
            if script.is_some_and(|s| first.rsplit('/').next() == Some(&*s.name)) && !rest.is_empty() =>
        {
            rest
        }
        _ => argv,
    }
}

/// What the sources show that the process runs.
fn searched(cx: &RecipeCx<'_>, argv: &[String]) -> Result<Vec<(Language, Evidence)>, String> {
    if cx.files.borrow().context().is_none() {
        return Err("the build context was not read".to_owned());
    }
    let languages = languages_of(cx.model, cx.stage.id);
    let Some(language) = languages.iter().find(|language| runs(**language, argv, cx)) else {
        return Err("the program that it runs is not the application's own".to_owned());
    };
    let mut found = Vec::new();
    for language in &languages {
        found.push((*language, cx.files.borrow_mut().evidence(*language)));
    }
    let (_, main) = found.iter().find(|(known, _)| known == language).expect("it is one of them");
    if !main.complete {
        return Err("not all of its sources were read".to_owned());
    }
    if let Some((_, evidence)) = found.iter().find(|(_, evidence)| evidence.writes_elsewhere.is_some()) {
        let at = evidence.writes_elsewhere.expect("it was asked for");
        let path = cx.files.borrow().path_of(at.file);
        return Err(format!("{path} writes to a path that it works out when it runs"));
    }
    let mut spawns = found.iter().flat_map(|(_, evidence)| &evidence.spawns);
    if let Some(spawn) = spawns.next() {
        let what = spawn.program.as_deref().unwrap_or("a program that is not known before it runs");
        return Err(format!("it starts {what}"));
    }
    Ok(found)
}

/// Whether a command line runs sources of this language, and nothing that writes on its own.
fn runs(language: Language, argv: &[String], cx: &RecipeCx<'_>) -> bool {
    let name = |word: &String| word.rsplit('/').next().unwrap_or(word).to_owned();
    let Some(program) = argv.first().map(name) else { return false };
    let program = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let second = argv.get(1).map(String::as_str).unwrap_or_default();
    match language {
        Language::Node => {
            let is_script = [".js", ".mjs", ".cjs", ".ts"].iter().any(|end| program.ends_with(end));
            matches!(program, "node" | "bun") || is_script && cx.stage.config.entrypoint.is_some()
        }
        Language::Python => {
            let servers = ["gunicorn", "uvicorn", "hypercorn", "daphne", "waitress-serve"];
            let is_module = second == "-m" && argv.get(2).is_some_and(|module| servers.contains(&&**module));
            let is_script = matches!(program, "python") && second.ends_with(".py");
            servers.contains(&program) || is_module || is_script
        }
        Language::Java => program == "java",
        Language::Dotnet => program == "dotnet" && second.ends_with(".dll"),
        Language::Go | Language::Rust => is_built(cx, argv),
        Language::C | Language::Ruby | Language::Php => false,
    }
}

/// Whether the program is a file that another stage built.
fn is_built(cx: &RecipeCx<'_>, argv: &[String]) -> bool {
    let Some(program) = argv.first() else { return false };
    let config = &cx.stage.config;
    let paths: Vec<String> = if program.contains('/') {
        vec![absolute(config.workdir(), program)]
    } else {
        config.path().iter().map(|folder| format!("{folder}/{program}")).collect()
    };
    cx.stage.steps.iter().any(|step| match &step.kind {
        StepKind::Transfer(t) if matches!(t.from, Source::Stage(_)) => {
            let Some(dest) = t.dest.as_deref() else { return false };
            let names = t.sources.iter().flatten().filter_map(|source| source.rsplit('/').next());
            names.map(|name| format!("{}/{name}", dest.trim_end_matches('/'))).chain([dest.to_owned()]).any(
                |landed| {
                    paths.iter().any(|path| *path == landed || is_within(path, &landed) && landed != "/")
                },
            )
        }
        _ => false,
    })
}

/// An error where a library is imported that writes by itself.
fn libraries(language: Language, evidence: &Evidence) -> Result<(), String> {
    let writes = |(of, name, to): &(Language, &str, &str)| {
        let is_meant = |import: &String| {
            import.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let is_there = *of == language && evidence.imports.iter().any(is_meant);
        is_there.then(|| format!("{name} writes to {to}"))
    };
    WRITERS.iter().find_map(writes).map_or(Ok(()), Err)
}

/// An error where the command line names a file to write.
fn words(argv: &[String]) -> Result<(), String> {
    for (at, word) in argv.iter().enumerate().skip(1) {
        let (option, value) = word.split_once('=').unwrap_or((word, ""));
        let value = if value.is_empty() { argv.get(at + 1).map_or("", String::as_str) } else { value };
        let to_stream = matches!(value, "-" | "/dev/stdout" | "/dev/stderr");
        // `-p` is a port as often as a file.
        let is_number = value.parse::<u16>().is_ok();
        if WRITING_WORDS.contains(&option) && !to_stream && !is_number {
            return Err(format!("{option} in its command names a file"));
        }
        if option == "-Djava.io.tmpdir" || option.starts_with("-Xlog") || option == "-XX:HeapDumpPath" {
            return Err(format!("{option} in its command names a file"));
        }
    }
    Ok(())
}

/// The folder that has to be writable for a file that the sources write; nothing where it is already.
fn folder_of(cx: &RecipeCx<'_>, found: &Found, write: &FileUse) -> Result<Option<String>, String> {
    let path = absolute(cx.stage.config.workdir(), write.path.trim_end_matches('*'));
    if ["/dev/", "/proc/"].iter().any(|p| path.starts_with(p)) {
        return Ok(None);
    }
    let makes_folder = ["mkdir", "Mkdir", "makedirs", "createDir", "CreateDirectory", "create_dir"]
        .iter()
        .any(|word| write.how.contains(word));
    let folder = if makes_folder || write.path.ends_with(['/', '*']) {
        path.trim_end_matches('/')
    } else {
        path.rsplit_once('/').map_or("", |(folder, _)| folder)
    };
    placed(cx, found, folder)
}

/// `folder`, where an empty one may take its place; nothing where it is mounted already.
fn placed(cx: &RecipeCx<'_>, found: &Found, folder: &str) -> Result<Option<String>, String> {
    if folder == "/tmp" || folder.starts_with("/tmp/") {
        return Ok(Some("/tmp".to_owned()));
    }
    if is_mounted(found, folder) {
        return Ok(None);
    }
    if is_free(cx, folder) {
        return Ok(Some(folder.to_owned()));
    }
    let shown = if folder.is_empty() { "/" } else { folder };
    Err(format!(
        "it writes to {shown}, where files of the image lie: give what is written a folder of its own"
    ))
}

/// Whether something that can be written is mounted there.
fn is_mounted(found: &Found, folder: &str) -> bool {
    let volumes = &found.workload.volumes;
    let is_fixed = |name: &str| {
        volumes.iter().any(|v| {
            v.name == name && matches!(v.source, VolumeSource::ConfigMap { .. } | VolumeSource::Secret { .. })
        })
    };
    let mounts = found.container().mounts.iter().filter(|m| m.sub_path.is_none());
    let mut innermost = mounts.filter(|m| is_within(folder, m.path.trim_end_matches('/')));
    innermost.any(|m| !m.read_only && !is_fixed(&m.volume))
}

/// Whether nothing of the image lies in `folder`, so that an empty volume hides nothing.
fn is_free(cx: &RecipeCx<'_>, folder: &str) -> bool {
    const SYSTEM: [&str; 12] =
        ["/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/root", "/run", "/sbin", "/sys", "/usr", "/var"];
    const OF_DATA: [&str; 3] = ["/var/cache/", "/var/lib/", "/var/log/"];
    let of_data = OF_DATA.iter().any(|p| folder.strip_prefix(p).is_some_and(|rest| !rest.is_empty()));
    if folder.is_empty()
        || is_within(cx.stage.config.workdir(), folder)
        || (SYSTEM.iter().any(|s| is_within(folder, s)) && !of_data)
    {
        return false;
    }
    let stages = cx.model.behind(cx.stage.id);
    let steps = stages.iter().flat_map(|id| &cx.model.stage(*id).steps);
    for step in steps {
        let fills = match &step.kind {
            StepKind::Transfer(t) => {
                // What is copied to its own path is judged where it comes from.
                let is_same = matches!(t.from, Source::Stage(_))
                    && matches!(t.sources.as_slice(), [Some(source)] if Some(source.as_str()) == t.dest.as_deref());
                let dest = t.dest.as_deref().map(|dest| dest.trim_end_matches('/'));
                !is_same
                    && match dest {
                        None => true,
                        Some(dest) => {
                            is_within(dest, folder) || t.from != Source::Context && is_within(folder, dest)
                        }
                    }
            }
            StepKind::Run(run) => run.effects.iter().any(|e| match &e.kind {
                EffectKind::Write { path } | EffectKind::Unpack { folder: path } => is_within(path, folder),
                EffectKind::Fetch { to: Sink::File(path) | Sink::Folder(path), .. } => {
                    is_within(path, folder)
                }
                EffectKind::Copy { to, .. } | EffectKind::Move { to, .. } => is_within(to, folder),
                _ => false,
            }),
            StepKind::Config => false,
        };
        if fills {
            return false;
        }
    }
    stages.iter().all(|id| {
        let (files, complete) = cx.files.borrow_mut().context_files(*id);
        complete && !files.iter().any(|(path, _)| is_within(path, folder))
    })
}

fn is_within(path: &str, folder: &str) -> bool {
    path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
