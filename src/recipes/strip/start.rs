//! What a stage starts, and what that needs of its image: which programs stay, and how the start is written where
//! no shell is left.

use std::collections::{BTreeMap, BTreeSet};

use super::direct::{self, Direct};
use super::programs::{self, Known};
use super::{health, hooks, installed, made, mentions, releases, scripts};
use crate::finding::Place;
use crate::model::needs::{Process, ProgramNeed, Why, process_of};
use crate::model::{Base, EffectKind, Health, ImageConfig, Launch, Provenance, Setting, StepKind, absolute};
use crate::project::Spot;
use crate::recipes::RecipeCx;
use crate::recipes::launch::launch_line;
use crate::recipes::plan::Plan;
use crate::recipes::{contents, outside, runtime_steps, service_checks};
use barehull_catalog::{Family, Role, StartScript};
use barehull_syntax::MappedText;

/// How the image starts once it is stripped.
pub(in crate::recipes) struct Start {
    /// Programs that are started, by name, with the first use of each.
    pub uses: BTreeMap<String, Use>,
    /// Programs that are taken for binaries, or for scripts that no shell runs, from how they are made.
    pub taken: BTreeSet<String>,
    /// Whether sources that are only searched for calls were found, and all of them read.
    pub searched: bool,
    /// Why nobody knows all programs that are started.
    pub unknown: Option<Use>,
    /// The process in exec form, where a shell started it that can go; else it stays as it is written.
    pub exec: Option<Process>,
    /// Whether an entrypoint script of the base is left out that only hands over.
    pub without_entrypoint: bool,
    /// What takes the place of a start script of the base that does little more.
    pub direct: Option<Direct>,
    /// The health check in exec form, where a shell ran it that can go.
    pub health: Option<Vec<String>>,
    /// Health checks of compose services in exec form, where a shell ran them that can go.
    pub checks: Vec<service_checks::Rewrite>,
}

/// Why a program stays.
#[derive(Clone, Debug)]
pub(in crate::recipes) struct Use {
    /// What uses it, in words.
    pub why: String,
    /// Where.
    pub place: Option<Place>,
    /// Whether it needs nothing of the system's basic tools.
    pub native: bool,
}

/// Finds what the stage starts; blocks where the image is for people.
pub(in crate::recipes) fn find(plan: &mut Plan<'_, '_>) -> Option<Start> {
    let bare = reader(plan, true).map(Reader::read);
    let start = match bare {
        // Where the shell stays anyway, everything stays as it was written.
        Some(start) if start.needs_no_shell() => Some(start),
        _ => reader(plan, false).map(Reader::read),
    }?;
    let people = start.uses.iter().find(|(name, _)| programs::known(name) == Some(Known::ForPeople));
    if let Some((name, used)) = people {
        let place = used.place.clone().unwrap_or(Place::Source(plan.base_line()));
        plan.block(format!("{name} lets people log in, who get a shell: leave it out, and use `docker exec` or a debug container"), place);
        return None;
    }
    Some(start)
}

impl Start {
    /// Whether nothing that is known starts a shell.
    pub fn needs_no_shell(&self) -> bool {
        self.unknown.is_none() && !self.uses.keys().any(|name| is_shell(name))
    }
}

/// What is started, with (`bare`) or without taking off what only a shell or an entrypoint script of the base adds.
fn reader<'p, 'a, 'c>(plan: &'p Plan<'a, 'c>, bare: bool) -> Option<Reader<'p, 'a, 'c>> {
    let cx = plan.cx;
    let mut config = cx.stage.config.clone();
    let without_entrypoint = bare && passes(cx, &config) && !direct::gives_options(cx);
    let is_empty = |e: &Setting<Launch>| e.value.argv().is_some_and(|words| words == [""]);
    if without_entrypoint || config.entrypoint.as_ref().is_some_and(is_empty) {
        config.entrypoint = None;
    }
    let direct = if bare { direct::find(cx, &config) } else { None };
    if let (Some(direct), Some(cmd)) = (&direct, &mut config.cmd) {
        config.entrypoint = None;
        cmd.value = Launch::Exec(direct.argv.iter().map(|w| MappedText::verbatim(w, 0)).collect());
    }
    let process = process_of(&config, cx.model.file)?;
    let exec = direct.as_ref().map(|_| process.clone());
    Some(Reader {
        plan,
        bare,
        config,
        process,
        start: Start {
            uses: BTreeMap::new(),
            taken: BTreeSet::new(),
            searched: false,
            unknown: None,
            exec,
            without_entrypoint,
            direct,
            health: None,
            checks: Vec::new(),
        },
    })
}

struct Reader<'p, 'a, 'c> {
    plan: &'p Plan<'a, 'c>,
    bare: bool,
    config: ImageConfig,
    process: Process,
    start: Start,
}

impl Reader<'_, '_, '_> {
    fn read(mut self) -> Start {
        let needs = &self.plan.cx.stage.needs;
        let written = self.launch();
        let check = self.health();
        let checks = self.checks();
        for need in &needs.programs {
            let counts = match &need.why {
                Why::Entrypoint if self.start.without_entrypoint => false,
                Why::Entrypoint | Why::Cmd => written,
                Why::HealthCheck => check,
                Why::Outside(_) => !need.place.as_ref().is_some_and(|place| checks.contains(place)),
                Why::Terminal(_) => false,
                _ => true,
            };
            if !counts || self.is_argument(need) {
                continue;
            }
            let unknown = self.start.unknown.clone();
            self.need(need);
            // What a person runs is there, and says by itself what it lacks.
            if matches!(need.why, Why::Person(_)) {
                self.start.unknown = unknown;
            }
        }
        for unread in needs.unread.iter().chain(&needs.unnamed) {
            self.unknown(&unread.reason, unread.place.clone());
        }
        self.sources();
        let own = self.process.argv.iter().find(|word| *word != "exec");
        let is_own = own.is_some_and(|program| {
            programs::known(last(program)).is_none() && self.context_file(program).is_none()
        });
        for (client, at) in installed::unexplained(self.plan.cx, is_own && !self.start.searched) {
            self.program(client, "an install line that no other RUN explains", Some(&Place::Source(at)));
        }
        if self.start.unknown.is_some() {
            for (name, place) in scripts::calls(self.plan.cx) {
                self.program(&name, "a script of the image", Some(&place));
            }
        }
        // Where there is a shell anyway, the one that system() and popen() start stays, too.
        let shell = self.start.uses.iter().find(|(name, _)| is_shell(name));
        if let Some(used) = shell.map(|(_, used)| used.clone()) {
            self.program("sh", &used.why, used.place.as_ref());
        }
        self.start
    }

    /// What sources start that are only searched for calls.
    fn sources(&mut self) {
        let found = mentions::search(self.plan.cx);
        self.start.searched = found.any && found.complete;
        for call in found.calls {
            let why = "the application".to_owned();
            self.program("sh", &why, Some(&call.place));
            match call.program {
                Some(program) => self.program(&program, &why, Some(&call.place)),
                None => self.unknown(
                    "the application starts a program that is not known before it runs",
                    Some(call.place),
                ),
            }
        }
    }

    /// ENTRYPOINT and CMD; whether what they run, shells included, stays as it is.
    fn launch(&mut self) -> bool {
        let place = Some(Place::Source(launch_line(self.plan)));
        // `exec` of a shell form is the shell's own.
        let program = self.process.argv.iter().find(|word| *word != "exec").cloned();
        if let Some(program) = &program {
            self.program(program, "the command of the image", place.as_ref());
        }
        let full = words(&self.config);
        let through_shell = full.as_ref().is_none_or(|w| w.iter().any(|w| is_shell(last(w))));
        if !through_shell {
            let inits = self.process.inits.iter().filter_map(|init| init.first());
            let before: Vec<String> = inits.chain(&self.process.wrappers).cloned().collect();
            let behind = self.behind_script();
            let scripts = self.scripts_behind();
            for word in before.iter().chain(&behind).chain(&scripts) {
                self.program(word, "the command of the image", place.as_ref());
            }
            return false;
        }
        let plain = self.process.shell.is_none()
            && self.process.inits.is_empty()
            && self.process.wrappers.is_empty()
            && program.as_deref().is_some_and(|p| !is_shell(last(p)));
        if self.bare && plain {
            self.start.exec = Some(self.process.clone());
            return false;
        }
        true
    }

    /// The program of CMD, where ENTRYPOINT is a script that starts it.
    fn behind_script(&self) -> Option<String> {
        let script = last(self.process.argv.first()?);
        let is_script =
            script.contains("entrypoint") || script.ends_with(".sh") || self.is_shell_script(script);
        if self.process.entrypoint_words == 0 {
            return None;
        }
        let first = self.process.argv.get(self.process.entrypoint_words)?;
        (is_script && !first.starts_with('-')).then(|| first.clone())
    }

    /// Scripts of a shell among the arguments: what comes first may be a wrapper that starts them (`bundle exec`).
    fn scripts_behind(&self) -> Vec<String> {
        let is_script = |word: &&String| {
            let name = last(word);
            !word.starts_with('-')
                && (name.ends_with(".sh") || name.ends_with("entrypoint") || self.is_shell_script(word))
        };
        self.process.argv.iter().skip(1).filter(is_script).cloned().collect()
    }

    fn is_shell_script(&self, program: &str) -> bool {
        let cx = self.plan.cx;
        let found = cx.files.borrow_mut().find_program(program, &cx.stage.config);
        found.and_then(Result::ok).is_some_and(|(_, bytes)| {
            let first =
                String::from_utf8_lossy(bytes.split(|b| *b == b'\n').next().unwrap_or_default()).into_owned();
            first.starts_with("#!") && first.trim_end().ends_with("sh")
        })
    }

    /// HEALTHCHECK; whether it stays as it is.
    fn health(&mut self) -> bool {
        let Some(health) = &self.config.healthcheck else { return true };
        let Health::Check { launch, .. } = &health.value else { return true };
        let Some(argv) = health::without_shell(launch).filter(|_| self.bare) else { return true };
        let place = health.from.location().map(Place::Source);
        let changed = launch.argv().is_none_or(|now| now != argv);
        self.program(&argv[0], "HEALTHCHECK", place.as_ref());
        self.start.health = Some(argv).filter(|_| changed);
        false
    }

    /// Health checks of compose services that need no shell; where they stand.
    fn checks(&mut self) -> Vec<Place> {
        let cx = self.plan.cx;
        let mut found = Vec::new();
        if !self.bare {
            return found;
        }
        for used in service_checks::services(cx) {
            let Some(check) = service_checks::command(used) else { continue };
            let in_shell = outside::is_in_shell(check.value);
            let without = |launch: &Launch| health::without_shell(launch).ok_or_else(String::new);
            let Some(rewrite) =
                in_shell.then(|| service_checks::rewrite(cx, used, without)).and_then(Result::ok)
            else {
                continue;
            };
            let place = cx.place(&Spot { path: used.at.path.clone(), span: check.span });
            let why = format!("the health check of {}", service_checks::title(used));
            self.program(&rewrite.program, &why, Some(&place));
            found.push(place);
            self.start.checks.push(rewrite);
        }
        found
    }

    /// Whether a use elsewhere only gives arguments to the image's ENTRYPOINT.
    fn is_argument(&self, need: &ProgramNeed) -> bool {
        let name = need.name();
        let outside = matches!(need.why, Why::Outside(_) | Why::Person(_));
        let takes = self.config.entrypoint.as_ref().is_some_and(|e| !e.value.is_empty());
        let no_program = name.starts_with('-') || matches!(name, "." | "..") || name.contains('=');
        no_program
            || (outside
                && takes
                && programs::known(name).is_none()
                && self.plan.cx.catalog.role_of(name).is_none()
                && !need.program.contains('/'))
    }

    fn need(&mut self, need: &ProgramNeed) {
        self.program(&need.program, &need.why.to_string(), need.place.as_ref());
    }

    /// A program that is started, and those that it starts in turn.
    fn program(&mut self, program: &str, why: &str, place: Option<&Place>) {
        let mut open = vec![(program.to_owned(), why.to_owned())];
        while let Some((program, why)) = open.pop() {
            let name = last(&program).to_owned();
            if name.is_empty() || self.start.uses.contains_key(&name) {
                continue;
            }
            let (native, mut behind) = self.starts(&program, &name, &why, place);
            self.start.uses.insert(name.clone(), Use { why: why.clone(), place: place.cloned(), native });
            let together = programs::TOGETHER.iter().filter(|(n, _)| *n == name).flat_map(|(_, all)| *all);
            behind.extend(together.map(|other| (*other).to_owned()));
            // What may be started in turn counts where it is there.
            behind.retain(|other| is_shell(other) || self.is_there(other));
            // What a shell's name leads to is needed for the same reason.
            let why = if is_shell(&name) { why } else { name };
            open.extend(behind.into_iter().map(|other| (other, why.clone())));
        }
    }

    /// Whether a program may be in the image: one without a role always.
    fn is_there(&self, name: &str) -> bool {
        let stage = self.plan.cx.stage;
        self.plan.cx.catalog.role_of(name).is_none()
            || stage.inventory.materialise().iter().any(|e| e.component.name() == name)
    }

    /// What a program starts; notes where nobody knows.
    fn starts(&mut self, program: &str, name: &str, why: &str, place: Option<&Place>) -> (bool, Vec<String>) {
        let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        if is_shell(name) {
            return (false, owned(self.shell(name)));
        }
        let of_base = self.is_of_base(program);
        if let Some(needs) = self.base_script(name).filter(|_| of_base) {
            return (false, needs);
        }
        let known = match self.context_file(program) {
            Some(known) => Some(known),
            None if of_base => None,
            None => Self::by_name(program, name),
        };
        let has_role = self.plan.cx.catalog.role_of(name).is_some();
        let known = if has_role {
            known
        } else {
            known.or_else(|| self.standalone(program, name)).or_else(|| self.made(program, name))
        };
        if known.is_none() && !has_role {
            let reason = format!("what {program} starts is not known ({why})");
            self.unknown(&reason, place.cloned());
        }
        match known {
            Some(Known::Native) => (true, Vec::new()),
            Some(Known::Starts(others)) => (false, owned(others)),
            _ => (false, Vec::new()),
        }
    }

    /// A program that is known by its name; one beside the application may be another one of that name, unless it
    /// starts a shell, which is what the careful would think anyway.
    fn by_name(program: &str, name: &str) -> Option<Known> {
        // What npm puts there is a script of Node.js, which may give its work to a shell.
        if program.contains("node_modules/.bin/") {
            return Some(Known::Starts(&["env", "sh"]));
        }
        let own = program.starts_with("./");
        programs::known(name).filter(|known| !own || matches!(known, Known::Starts(_)))
    }

    /// A program of a package that the stage installs and of which the catalog says that it starts nothing.
    fn standalone(&self, program: &str, name: &str) -> Option<Known> {
        let cx = self.plan.cx;
        let os = cx.stage.os.as_ref()?;
        let of_system = !program.contains('/')
            || ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"]
                .iter()
                .any(|folder| program.starts_with(folder));
        let lineage = cx.model.lineage(cx.stage.id);
        let installed: Vec<&str> =
            lineage.into_iter().flat_map(runtime_steps::installed).map(|p| p.name.as_str()).collect();
        let mut entries = cx.catalog.standalone(os).filter(|e| e.programs.iter().any(|p| p == name));
        (of_system && entries.any(|e| installed.contains(&&*e.package))).then_some(Known::Native)
    }

    /// What `/bin/sh` is.
    fn shell(&self, name: &str) -> &'static [&'static str] {
        let family = self.plan.cx.stage.os.as_ref().map(|o| o.family);
        match (name, family) {
            ("sh", Some(Family::Debian | Family::Ubuntu)) if self.relinks_shell() => &["bash", "dash"],
            ("sh", Some(Family::Debian | Family::Ubuntu)) => &["dash"],
            ("sh", _) => &["busybox", "bash", "dash"],
            _ => &[],
        }
    }

    /// Whether an instruction makes `/bin/sh` something else than it was.
    fn relinks_shell(&self) -> bool {
        let model = self.plan.cx.model;
        let steps = model.lineage(self.plan.cx.stage.id).into_iter().flat_map(|s| &s.steps);
        steps.into_iter().any(|step| {
            let StepKind::Run(run) = &step.kind else { return false };
            let linked = run.effects.iter().any(|e| match &e.kind {
                EffectKind::Link { path, .. } => path.ends_with("/sh"),
                EffectKind::Move { to, .. } | EffectKind::Copy { to, .. } => to.ends_with("/sh"),
                _ => false,
            });
            linked || model.instruction(step).rest.text().contains("dpkg-reconfigure dash")
        })
    }

    /// A program that comes from the build context: a script of a shell, whose commands are needs of their own, one
    /// of an interpreter, or a binary.
    fn context_file(&self, program: &str) -> Option<Known> {
        let cx = self.plan.cx;
        let (_, bytes) = cx.files.borrow_mut().find_program(program, &cx.stage.config)?.ok()?;
        let first = String::from_utf8_lossy(bytes.split(|b| *b == b'\n').next().unwrap_or_default());
        if bytes.starts_with(b"\x7fELF") {
            return Some(Known::Native);
        }
        let interpreter = first.strip_prefix("#!")?;
        let names = interpreter.split_ascii_whitespace().filter(|w| !w.starts_with('-'));
        let all_known = names.clone().all(|w| is_shell(last(w)) || programs::known(last(w)).is_some());
        all_known.then_some(if interpreter.contains("/env") {
            Known::Starts(&["env"])
        } else {
            Known::Native
        })
    }

    /// Whether it is an entrypoint script that the base image brings.
    fn is_of_base(&self, program: &str) -> bool {
        let entrypoint = self.config.entrypoint.as_ref().filter(|e| matches!(e.from, Provenance::Base(_)));
        let words = entrypoint.and_then(|e| e.value.argv()).unwrap_or_default();
        words.contains(&program) && programs::known(last(program)).is_none()
    }

    /// What the entrypoint script of the base image starts, where somebody read it.
    fn base_script(&self, name: &str) -> Option<Vec<String>> {
        let cx = self.plan.cx;
        let script = script_of(cx).filter(|s| s.name == name)?;
        (!hooks::may_start_programs(cx)).then(|| script.needs.iter().map(ToString::to_string).collect())
    }

    /// A program that an instruction made: a script of an interpreter's packages, a compiled one, or a starter that a
    /// build tool wrote.
    fn made(&mut self, program: &str, name: &str) -> Option<Known> {
        let path = program.contains('/').then(|| absolute(self.config.workdir(), program));
        let path = path.or_else(|| self.copied_program(name));
        let of_system =
            |p: &String| ["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"].iter().any(|f| p.starts_with(f));
        if name.ends_with(".sh") {
            return None;
        }
        let cx = self.plan.cx;
        let unread = cx.files.borrow().context().is_none();
        if unread && path.as_ref().is_some_and(|path| made::comes_from_context(cx, path)) {
            return None;
        }
        let makers = made::makers(cx, path.as_deref());
        let known = match makers {
            _ if path.is_none() && makers.installs_python => Known::Native,
            _ if path.is_none() && makers.installs_scripts => Known::Starts(&["env"]),
            _ if makers.starts_by_script && path.as_ref().is_some_and(|p| p.contains("/bin/")) => {
                Known::Starts(self.starter())
            }
            _ if makers.compiles && path.as_ref().is_none_or(|p| !of_system(p) || makers.is_copy) => {
                Known::Native
            }
            _ => return None,
        };
        if known == Known::Native {
            self.start.taken.insert(program.to_owned());
        }
        Some(known)
    }

    /// The shells of a starter that a build tool wrote; the tools that a release's own scripts name are used, too.
    fn starter(&mut self) -> &'static [&'static str] {
        let Some(release) = releases::find(self.plan.cx) else { return programs::BASH };
        for (tool, place) in release.tools {
            if self.is_there(&tool) {
                self.program(&tool, "a script of the release", Some(&place));
            }
        }
        if release.plain { programs::SHELL } else { programs::BASH }
    }

    /// The path that a COPY of another stage gives a program of this name.
    fn copied_program(&self, name: &str) -> Option<String> {
        let lineage = self.plan.cx.model.lineage(self.plan.cx.stage.id);
        let landings = lineage.into_iter().flat_map(contents::landings);
        let on_path = self.config.path();
        landings.into_iter().find(|path| {
            path.rsplit_once('/').is_some_and(|(folder, n)| n == name && on_path.contains(&folder))
        })
    }

    fn unknown(&mut self, reason: &str, place: Option<Place>) {
        if self.start.unknown.is_none() {
            self.start.unknown = Some(Use { why: reason.to_owned(), place, native: false });
        }
    }
}

/// Whether the base image's own entrypoint script does nothing for what CMD starts but start it.
fn passes(cx: &RecipeCx<'_>, config: &ImageConfig) -> bool {
    let Some(entrypoint) = config.entrypoint.as_ref().filter(|e| matches!(e.from, Provenance::Base(_)))
    else {
        return false;
    };
    let Base::Image { facts: Some(facts), .. } = cx.model.root_base(cx.stage.id) else { return false };
    let script = entrypoint.value.argv().and_then(|a| a.first().map(|p| last(p).to_owned()));
    let read = facts.start_script.as_ref().filter(|s| s.hands_over);
    let wraps = read.is_some_and(|s| script.as_deref() == Some(&*s.name))
        // Temurin's imports the system's certificates where that is asked for.
        && config.env("USE_SYSTEM_CA_CERTS").is_none();
    let first = config.cmd.as_ref().and_then(|c| match &c.value {
        Launch::Exec(items) => items.first().map(|i| i.text().to_owned()),
        Launch::Shell(_) => Some("sh".to_owned()),
    });
    // Some give arguments and scripts to their interpreter.
    let is_script = |word: &str| ["js", ".ts", ".tsx", ".jsx"].iter().any(|end| word.ends_with(end));
    let starts = |word: &String| !word.starts_with('-') && !is_script(word);
    wraps && first.is_some_and(|f| starts(&f))
}

/// The entrypoint script of the image at the bottom, where somebody read it.
pub(super) fn script_of<'a>(cx: &RecipeCx<'a>) -> Option<&'a StartScript> {
    match cx.model.root_base(cx.stage.id) {
        Base::Image { facts: Some(facts), .. } => facts.start_script.as_ref(),
        _ => None,
    }
}

/// The words of ENTRYPOINT and CMD where both are in exec form.
fn words(config: &ImageConfig) -> Option<Vec<String>> {
    let launches = [&config.entrypoint, &config.cmd].into_iter().flatten().map(|l| &l.value);
    let mut found = Vec::new();
    for launch in launches.filter(|l| !l.is_empty()) {
        found.extend(launch.argv()?.into_iter().map(str::to_owned));
    }
    Some(found)
}

/// A program without its folder.
pub(in crate::recipes) fn last(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// Whether a program is a shell.
pub(in crate::recipes) fn is_shell(name: &str) -> bool {
    barehull_catalog::Catalog::builtin().role_of(name) == Some(Role::Shell)
}
