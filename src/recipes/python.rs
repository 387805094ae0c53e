//! Python applications: on distroless/python3 where it has their version and nothing but wheels is installed,
//! else with the interpreter they have and its libraries, on distroless/cc (glibc) or on nothing else (musl).

use barehull_catalog::{Ecosystem, Libc, Presence, Role, compare_versions};

use super::plan::Plan;
use super::probe::{Piece, Probe, pieces};
use super::runtime_steps;
use super::shape::{CopyLine, Target, split};
use super::{Outcome, Recipe, RecipeCx, bases, closure, contents, ground, launch, outside};
use crate::evidence::{Evidence, Language};
use crate::model::needs::{Process, process_of};
use crate::model::{Base, Effect, EffectKind, Landing, LanguageManager, Provenance, StepKind, absolute};

/// Python applications to a base without a shell.
pub static RECIPE: Recipe =
    Recipe { id: "python-distroless", title: "Python application on distroless", plan };

/// Variables that mean something to the build only.
const BUILD_ENV: [&str; 14] = [
    "DEBIAN_FRONTEND",
    "PIP_NO_CACHE_DIR",
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_ROOT_USER_ACTION",
    "POETRY_VERSION",
    "POETRY_HOME",
    "POETRY_NO_INTERACTION",
    "POETRY_VIRTUALENVS_CREATE",
    "POETRY_VIRTUALENVS_IN_PROJECT",
    "UV_COMPILE_BYTECODE",
    "UV_LINK_MODE",
    "UV_NO_CACHE",
    "POETRY_CACHE_DIR",
];

/// Modules that look for shared libraries by name at run time, which no list of linked libraries shows.
const FINDS_LIBRARIES: [&str; 9] =
    ["cairocffi", "cairosvg", "gi", "magic", "pyzbar", "soundfile", "tkinter", "weasyprint", "zmq"];

/// How the interpreter comes into the final image.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The base's own; installed packages are put on its path.
    OfBase,
    /// The build stage's, with its glibc libraries.
    Glibc,
    /// The build stage's, with musl.
    Musl,
}

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    let Base::Image { facts: Some(facts), .. } = cx.model.root_base(cx.stage.id) else {
        return Outcome::NotApplicable;
    };
    let Some(runtime) = facts.runtime.as_ref().filter(|r| r.name == "python") else {
        return Outcome::NotApplicable;
    };
    if super::is_minimal(cx) || runtime.interpreter.as_deref().is_some_and(|i| !i.starts_with("/usr/local/"))
    {
        return Outcome::NotApplicable;
    }
    let mut plan = Plan::new(cx, RECIPE.id);
    ground::start_is_read(&mut plan);
    let Some(process) = start(&mut plan) else { return plan.blocked() };
    let workdir = cx.stage.config.workdir().to_owned();
    let version = runtime.version.as_deref();
    let evidence = cx.files.borrow_mut().evidence(Language::Python);
    ground::note_unread_sources(&mut plan, &evidence);
    seen(&mut plan, &evidence);
    packages(&mut plan);
    let libraries = needs_libraries(&plan);
    let offered = bases::choose(cx, Ecosystem::Python, version, |r| r.carries_runtime());
    let way = match (&facts.libc, &offered) {
        (Libc::Musl, _) => Way::Musl,
        (_, Some(_))
            if !libraries
                && in_site_packages(&plan)
                && minor(version).is_some()
                && !outside::has_commands(&plan) =>
        {
            Way::OfBase
        }
        _ => Way::Glibc,
    };
    if facts.os.release.as_deref().is_some_and(|r| way == Way::Glibc && compare_versions(r, "13").is_gt()) {
        plan.block("the interpreter is linked to a newer glibc than the minimal base has", plan.base_line());
        return plan.blocked();
    }
    let mut target = Target {
        build_name: if cx.model.stages.len() == 1 { "build" } else { "assemble" },
        ..Target::default()
    };
    target.env_drop = BUILD_ENV.iter().map(|v| (*v).to_owned()).collect();
    if let Some(value) =
        cx.stage.config.env.iter().find(|v| v.name == "LANG" && matches!(v.from, Provenance::Base(_)))
    {
        target.env.extend(value.value.clone().map(|v| ("LANG".to_owned(), v)));
    }
    let chosen = match way {
        Way::OfBase => offered,
        Way::Glibc => bases::choose(cx, Ecosystem::Native, None, |r| {
            r.libc == Libc::Glibc && r.libraries.iter().any(|l| l == "libstdc++6")
        }),
        Way::Musl => None,
    };
    if chosen.is_none() && way != Way::Musl {
        plan.block("no minimal base of the catalog fits this interpreter", plan.base_line());
        return plan.blocked();
    }
    if let Some(base) = &chosen {
        target.base.clone_from(&base.reference);
    }
    interpreter(&plan, &mut target, way, version);
    ground::settle_user(&mut plan, &mut target);
    if way == Way::Musl && target.user.is_none() {
        target.user = Some(ground::NONROOT.to_owned());
    }
    contents::make_volumes(&plan, &mut target);
    ground::note_ports(&mut plan);
    let base = target.base.clone();
    ground::note_digest(&mut plan, &base);
    launch::keep_inits(&mut plan, &mut target, &process, way != Way::Musl);
    let entrypoint = chosen.and_then(|c| c.entrypoint.first().cloned()).filter(|_| way == Way::OfBase);
    let python = entrypoint.clone().unwrap_or_else(|| "/usr/local/bin/python3".to_owned());
    ground::settle_health(&mut plan, &mut target, |probe| check(&python, probe));
    declare(&mut plan, &mut target, &process, entrypoint);
    let own = way == Way::OfBase;
    let scripts =
        ["python", "python3", "gunicorn", "uvicorn", "celery", "flask", "hypercorn", "daphne", "streamlit"];
    let programs: &[&str] = if own { &[] } else { &scripts };
    outside::settle(&mut plan, &outside::Offer { programs, interpreter: own && target.entrypoint.is_none() });
    application(&mut plan, &mut target, &workdir, &evidence);
    let title = match way {
        Way::OfBase => format!("Run the application on {base}"),
        Way::Glibc | Way::Musl => format!("Keep the interpreter, run the application on {base}"),
    };
    plan.finish(title, &target, || split(cx.model, cx.stage, &target))
}

/// `3.12` of `3.12.4`.
fn minor(version: Option<&str>) -> Option<String> {
    let mut parts = version?.split('.');
    let (major, minor) = (parts.next()?, parts.next()?);
    minor.bytes().all(|b| b.is_ascii_digit()).then(|| format!("{major}.{minor}"))
}

/// The process; gunicorn's `--bind :$PORT` needs no shell, since that is its default.
fn start(plan: &mut Plan<'_, '_>) -> Option<Process> {
    let config = &plan.cx.stage.config;
    if let Some(process) = process_of(config, plan.cx.model.file)
        && process.shell.as_deref().is_some_and(|why| why.contains("$PORT"))
        && let Some(argv) = without_port(&process.argv)
    {
        plan.assume("PORT is set wherever the image runs, as it had to be: gunicorn listens on 0.0.0.0:$PORT by itself then", Some(launch::launch_line(plan)));
        return Some(Process { argv, shell: None, ..process });
    }
    let process = launch::process(plan, None)?;
    let program = process.argv[0].clone();
    let name = program.rsplit('/').next().unwrap_or(&program);
    if matches!(
        name,
        "supervisord" | "uwsgi" | "nginx" | "conda" | "poetry" | "pipenv" | "uv" | "watchmedo" | "pytest"
    ) {
        plan.block(
            format!("{name} starts the application: start the application itself"),
            launch::launch_line(plan),
        );
        return None;
    }
    is_python(plan, &process).then_some(process)
}

/// Blocks where the process is no Python program: an interactive interpreter, a program of the system, or one
/// that came from elsewhere and may start anything.
fn is_python(plan: &mut Plan<'_, '_>, process: &Process) -> bool {
    let at = launch::launch_line(plan);
    let program = &process.argv[0];
    let name = program.rsplit('/').next().unwrap_or(program);
    if name.starts_with("python") {
        if process.argv.len() == 1 {
            plan.block("it starts Python without a script: an interactive prompt", at);
        }
        return process.argv.len() > 1;
    }
    let stage = plan.cx.stage;
    let of_system = if program.contains('/') {
        let path = absolute(stage.config.workdir(), program);
        let beside_python = stage.config.path().iter().any(|f| path == format!("{f}/{name}"));
        !beside_python && !is_python_script(plan, &path)
    } else {
        stage.inventory.materialise().iter().any(|entry| {
            entry.presence == Presence::Present
                && entry.component.name() == name
                && !entry.component.path.starts_with("/usr/local/")
        })
    };
    if of_system {
        plan.block(
            format!(
                "{program} starts the application, and is no Python program as far as the build context shows"
            ),
            at,
        );
    }
    !of_system
}

/// Whether the build context shows a script at `path` whose first line names Python.
fn is_python_script(plan: &Plan<'_, '_>, path: &str) -> bool {
    plan.cx.files.borrow_mut().read(path).is_some_and(|(_, bytes)| {
        let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
        line.starts_with(b"#!") && line.windows(6).any(|w| w == b"python")
    })
}

/// The words without gunicorn's bind to `$PORT`; nothing if a variable stands elsewhere.
fn without_port(argv: &[String]) -> Option<Vec<String>> {
    let words: Vec<&str> = argv.iter().map(String::as_str).skip_while(|w| *w == "exec").collect();
    if words.first() != Some(&"gunicorn") {
        return None;
    }
    let is_port = |value: &str| matches!(value, ":$PORT" | ":${PORT}" | "0.0.0.0:$PORT" | "0.0.0.0:${PORT}");
    let mut kept = Vec::new();
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        if matches!(word, "--bind" | "-b") && words.peek().is_some_and(|v| is_port(v)) {
            words.next();
        } else if word.strip_prefix("--bind=").or(word.strip_prefix("-b")).is_some_and(is_port) {
            // Its default says the same.
        } else if word.contains('$') {
            return None;
        } else {
            kept.push(word.to_owned());
        }
    }
    Some(kept)
}

/// What the sources show that the new image has not.
fn seen(plan: &mut Plan<'_, '_>, evidence: &Evidence) {
    for spawn in &evidence.spawns {
        let what = spawn.program.as_deref().unwrap_or("a program that is not known before it runs");
        plan.block(
            format!("the application starts {what} ({}): the new base has no such program", spawn.how),
            spawn.place,
        );
    }
    let at = launch::launch_line(plan);
    for module in FINDS_LIBRARIES.iter().filter(|m| evidence.imports.contains(**m)) {
        plan.block(
            format!("{module} looks for shared libraries by name at run time: copy them, and it, by hand"),
            at,
        );
    }
}

fn effects<'a>(plan: &Plan<'a, '_>) -> impl Iterator<Item = &'a Effect> {
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    lineage.into_iter().flat_map(|s| &s.steps).flat_map(|s| match &s.kind {
        StepKind::Run(run) => run.effects.as_slice(),
        _ => &[],
    })
}

/// Whether something but pure wheels may be linked to libraries of the system.
fn needs_libraries(plan: &Plan<'_, '_>) -> bool {
    effects(plan).any(|e| matches!(&e.kind, EffectKind::Install { packages, .. } if packages.iter().any(|p| p.name.starts_with("lib") || p.name.ends_with("-dev"))))
}

/// Whether packages land beside the interpreter, where the base's own can be pointed at them.
fn in_site_packages(plan: &Plan<'_, '_>) -> bool {
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
    !copied && effects(plan).filter_map(pip).all(|global| global)
}

/// Packages of the system: build tools and tools nobody needs stay behind, libraries come with the closure, and
/// what nobody can judge is a blocker.
fn packages(plan: &mut Plan<'_, '_>) {
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    let named: Vec<_> = lineage.into_iter().flat_map(runtime_steps::installed).cloned().collect();
    for package in named {
        let name = package.name.as_str();
        let library = name.starts_with("lib")
            || name.ends_with("-dev")
            || name.ends_with("-devel")
            || name.starts_with("python3");
        if library || runtime_steps::is_covered(name) {
            continue;
        }
        runtime_steps::judge_package(plan, &package);
    }
}

/// Brings the interpreter and what is installed with it.
fn interpreter(plan: &Plan<'_, '_>, target: &mut Target, way: Way, version: Option<&str>) {
    let minor = minor(version);
    match way {
        Way::OfBase => {
            let folder = format!("/usr/local/lib/python{}/site-packages", minor.unwrap_or_default());
            target.env.push(("PYTHONPATH".to_owned(), folder.clone()));
            target.copies.push(CopyLine::of(&folder, &folder));
        }
        Way::Glibc => {
            closure::glibc(plan, target, &roots(plan), &without_pip(plan));
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
fn roots(plan: &Plan<'_, '_>) -> Vec<String> {
    let mut roots = vec!["/usr/local".to_owned()];
    let workdir = plan.cx.stage.config.workdir();
    for folder in plan.cx.stage.config.path() {
        let environment = folder.strip_suffix("/bin").filter(|f| !f.is_empty() && !f.starts_with("/usr"));
        roots.extend(environment.map(str::to_owned));
    }
    for effect in effects(plan) {
        let EffectKind::Spawn { args, .. } = &effect.kind else { continue };
        let made = args.iter().flatten().skip_while(|a| !matches!(a.as_str(), "venv" | "virtualenv")).skip(1);
        roots.extend(made.filter(|a| a.starts_with('/')).map(|a| a.trim_end_matches('/').to_owned()));
    }
    roots.dedup();
    if workdir != "/" && !roots.iter().any(|r| r == workdir) {
        roots.push(workdir.to_owned());
    }
    roots
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

/// A health check in exec form with Python itself as the client.
fn check(python: &str, probe: &Probe) -> Option<Vec<String>> {
    let script = match probe {
        Probe::Http { url, fails_on_status: true } => {
            let os = if url.contains("${") { "import os, urllib.request" } else { "import urllib.request" };
            format!("{os}; urllib.request.urlopen({}, timeout=5)", address(url))
        }
        Probe::Http { url, .. } if url.contains("${") => return None,
        Probe::Http { url, fails_on_status: false } => {
            let rest = url.trim_start_matches("http://");
            let (host, path) =
                rest.split_once('/').map_or((rest, String::from("/")), |(h, p)| (h, format!("/{p}")));
            format!(
                "import http.client as h; c = h.HTTPConnection({}, timeout=5); c.request('GET', {}); c.getresponse()",
                quoted(host),
                quoted(&path)
            )
        }
        Probe::Tcp { host, port } => {
            format!("import socket; socket.create_connection(({}, {port}), 5)", quoted(host))
        }
        Probe::Own(argv) => return own_check(python, argv),
    };
    Some(vec![python.to_owned(), "-c".to_owned(), script])
}

/// A string literal in single quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// An address as an expression: its variables are looked up when the check runs.
fn address(url: &str) -> String {
    let parts = pieces(url).into_iter().map(|piece| match piece {
        Piece::Text(text) => quoted(text),
        Piece::Variable(name, None) => format!("os.environ[{}]", quoted(name)),
        Piece::Variable(name, Some(default)) => {
            format!("(os.environ.get({}) or {})", quoted(name), quoted(default))
        }
    });
    parts.collect::<Vec<_>>().join(" + ")
}

/// A check that is a Python program already.
fn own_check(python: &str, argv: &[String]) -> Option<Vec<String>> {
    let (program, rest) = argv.split_first()?;
    let is_python = program.rsplit('/').next().is_some_and(|name| name.starts_with("python"));
    is_python.then(|| std::iter::once(python.to_owned()).chain(rest.iter().cloned()).collect())
}

/// ENTRYPOINT and CMD of the new image.
fn declare(plan: &mut Plan<'_, '_>, target: &mut Target, process: &Process, entrypoint: Option<String>) {
    let Some(python) = entrypoint else {
        // The interpreter and the scripts beside it keep their paths: the command stays what it was.
        launch::declare(target, process, &process.argv);
        return;
    };
    let (program, rest) = process.argv.split_first().expect("a process has a program");
    let name = program.rsplit('/').next().unwrap_or(program);
    let mut args: Vec<String> = Vec::new();
    if !name.starts_with("python") {
        // A console script's first line names an interpreter that is not there: its module is run instead.
        args.extend(["-m".to_owned(), name.to_owned()]);
        plan.assume(format!("`python -m {name}` does what `{name}` does"), Some(launch::launch_line(plan)));
    }
    args.extend(rest.iter().cloned());
    if process.entrypoint_words > 1 || !target.init.is_empty() {
        let words = process.entrypoint_words + args.len() - rest.len();
        let argv: Vec<String> = std::iter::once(python).chain(args).collect();
        launch::declare_split(target, &argv, words.max(1));
    } else {
        target.entrypoint = None;
        target.cmd = (!args.is_empty()).then_some(args);
    }
    ground::note_command_form(plan, "python");
}

/// The application's own files, and what else the stage put outside /usr/local.
fn application(plan: &mut Plan<'_, '_>, target: &mut Target, workdir: &str, evidence: &Evidence) {
    if workdir == "/" {
        let at = launch::launch_line(plan);
        plan.block("the application lies in / and cannot be told from the system: give it a WORKDIR", at);
        return;
    }
    for effect in effects(plan).collect::<Vec<_>>() {
        if matches!(&effect.kind, EffectKind::LanguageInstall { landing: Landing::Home, .. }) {
            plan.block("`pip install --user` puts packages into root's home, which no other user may read: install into /usr/local or an environment", effect.at);
        }
    }
    installed_by_user(plan);
    let copies = contents::everything(plan, workdir, evidence, runtime_steps::Packages::Judged);
    target.copies.extend(copies.into_iter().filter(|c| !c.source.starts_with("/usr/local")));
    // Environments that a RUN made.
    for root in roots(plan).into_iter().filter(|r| !r.starts_with("/usr/local")) {
        let holds =
            |c: &CopyLine| format!("{root}/").starts_with(&format!("{}/", c.source.trim_end_matches('/')));
        if !target.copies.iter().any(holds) {
            target.copies.push(CopyLine::of(&root, &root));
        }
    }
}

/// Blocks where another user than root runs pip: it cannot write beside the interpreter, so that the packages
/// land in that user's home without a word.
fn installed_by_user(plan: &mut Plan<'_, '_>) {
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    for step in lineage.into_iter().flat_map(|s| &s.steps) {
        let by_user =
            step.user.as_deref().is_some_and(|u| !matches!(u.split(':').next(), Some("root" | "0")));
        let StepKind::Run(run) = &step.kind else { continue };
        for effect in run.effects.iter().filter(|_| by_user) {
            if let EffectKind::LanguageInstall {
                manager: LanguageManager::Pip,
                landing: Landing::Global,
                ..
            } = &effect.kind
            {
                plan.block("pip runs as a user who may not write to /usr/local, so the packages land in that user's home: install them before USER", effect.at);
            }
        }
    }
}
