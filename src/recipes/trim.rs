//! Small steps for images that no other recipe can rewrite: packages that are only tools for people, or clients that
//! nothing calls, leave the stage's own install lines. The base stays, and so does the rest.

use std::collections::BTreeSet;

use barehull_catalog::{Origin, Presence};
use barehull_syntax::{FileId, Span};

use super::plan::Plan;
use super::shape::{Target, take_out};
use super::strip::programs::FOR_PEOPLE;
use super::strip::start::{self, Start};
use super::{Outcome, Recipe, RecipeCx};
use crate::edit::Edit;
use crate::finding::Place;
use crate::model::{Effect, EffectKind, Manager, Named, Provenance, RunStep, Stage, StepKind};

/// Tools out of the stage's own install lines.
pub static RECIPE: Recipe = Recipe {
    id: "trim",
    title: "Without packages that are only tools",
    about: "For stages that no other recipe can rewrite: packages that are tools and nothing else \
            (editors, network clients, debuggers, sudo) leave the stage's own install lines where \
            neither a later line of the Dockerfile nor anything at run time calls them. Nothing else \
            changes.",
    plan,
};

/// Packages that are tools and nothing else, and the programs that they bring: the same names in all distributions, or
/// names that mean the same wherever they are used.
const TOOLS: &[(&str, &[&str])] = &[
    ("vim", &["vim", "vi", "ex", "view", "vimdiff"]),
    ("vim-tiny", &["vim", "vi", "ex", "view"]),
    ("vim-nox", &["vim", "vi", "ex", "view", "vimdiff"]),
    ("vim-enhanced", &["vim", "vi", "ex", "view", "vimdiff"]),
    ("vim-minimal", &["vi"]),
    ("neovim", &["nvim"]),
    ("nano", &["nano", "pico"]),
    ("emacs", &["emacs"]),
    ("emacs-nox", &["emacs"]),
    ("joe", &["joe"]),
    ("mc", &["mc", "mcedit"]),
    ("htop", &["htop"]),
    ("btop", &["btop"]),
    ("atop", &["atop"]),
    ("iotop", &["iotop"]),
    ("iftop", &["iftop"]),
    ("nethogs", &["nethogs"]),
    ("glances", &["glances"]),
    ("strace", &["strace"]),
    ("ltrace", &["ltrace"]),
    ("gdb", &["gdb", "gdbserver"]),
    ("tmux", &["tmux"]),
    ("screen", &["screen"]),
    ("byobu", &["byobu"]),
    ("nmap", &["nmap", "nping"]),
    ("tcpdump", &["tcpdump"]),
    ("tshark", &["tshark"]),
    ("ngrep", &["ngrep"]),
    ("lynx", &["lynx"]),
    ("w3m", &["w3m"]),
    ("elinks", &["elinks"]),
    ("mtr", &["mtr"]),
    ("mtr-tiny", &["mtr"]),
    ("telnet", &["telnet"]),
    ("sudo", &["sudo", "visudo", "sudoedit"]),
    ("curl", &["curl"]),
    ("wget", &["wget"]),
    ("httpie", &["http", "https"]),
    ("netcat", &["nc", "netcat"]),
    ("netcat-openbsd", &["nc", "netcat"]),
    ("netcat-traditional", &["nc", "netcat"]),
    ("nmap-ncat", &["nc", "ncat"]),
    ("ncat", &["nc", "ncat"]),
    ("socat", &["socat"]),
    ("ftp", &["ftp"]),
    ("lftp", &["lftp"]),
    ("traceroute", &["traceroute"]),
    ("whois", &["whois"]),
    ("iputils-ping", &["ping", "ping6"]),
    ("inetutils-ping", &["ping", "ping6"]),
    ("iputils-tracepath", &["tracepath"]),
    ("dnsutils", &["dig", "nslookup", "nsupdate", "host"]),
    ("bind9-dnsutils", &["dig", "nslookup", "nsupdate", "host"]),
    ("bind-utils", &["dig", "nslookup", "nsupdate", "host"]),
    ("bind-tools", &["dig", "nslookup", "nsupdate", "host"]),
    ("net-tools", &["ifconfig", "netstat", "route", "arp"]),
    ("lsof", &["lsof"]),
    ("psmisc", &["fuser", "killall", "pstree"]),
    ("gosu", &["gosu"]),
    ("su-exec", &["su-exec"]),
    ("gettext-base", &["envsubst", "gettext", "ngettext", "gettext.sh"]),
    ("openssh-client", &["ssh", "scp", "sftp", "ssh-keygen", "ssh-keyscan", "ssh-agent", "ssh-add"]),
    ("openssh-clients", &["ssh", "scp", "sftp", "ssh-keygen", "ssh-keyscan", "ssh-agent", "ssh-add"]),
];

/// Packages that bring certificates along where recommended packages are installed.
const WITH_CERTIFICATES: [&str; 4] = ["curl", "wget", "lynx", "w3m"];

/// Takes packages out of the stage's own install lines that are nothing but tools which only the script `file` calls:
/// it goes, and they with it.
pub fn tools_of_script(cx: &RecipeCx<'_>, file: FileId) -> Vec<Edit> {
    let of_script = |place: &Option<Place>| matches!(place, Some(Place::Source(at)) if at.file == file);
    let only_there = |program: &&&str| {
        let mut needs = cx.stage.needs.of(program).peekable();
        needs.peek().is_some() && needs.all(|need| of_script(&need.place))
    };
    let goes = |word: &Word| {
        let programs = programs(&word.package.name);
        let is_free = |p: &&str| cx.stage.needs.of(p).all(|need| of_script(&need.place));
        programs.iter().any(|p| only_there(&p))
            && programs.iter().all(is_free)
            && word.package.exact
            && word.package.version.is_none()
            && !is_mentioned(cx, &word.package, programs)
    };
    let (unneeded, left): (Vec<Word>, Vec<Word>) = words(cx.stage).into_iter().partition(goes);
    let (spans, whole, _) = settle(cx, unneeded, &left);
    take_out(cx.model, &spans, &whole)
}

/// A word of an install line.
struct Word {
    /// The package.
    package: Named,
    /// Its instruction.
    instruction: usize,
    /// Whether it is the last one left of its command.
    command: usize,
    /// Whether certificates would go with it.
    certificates: bool,
}

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    let config = &cx.stage.config;
    let own = |from: &Provenance| matches!(from, Provenance::Instruction { .. });
    let declared = config.entrypoint.as_ref().is_some_and(|e| own(&e.from))
        || config.cmd.as_ref().is_some_and(|c| own(&c.from));
    let for_people = super::strip::starts_nothing(cx)
        || super::strip::is_for_development(cx)
        || super::strip::working::find(cx, &|_| true).is_some();
    if super::is_minimal(cx) || !declared || for_people {
        return Outcome::NotApplicable;
    }
    let mut plan = Plan::new(cx, RECIPE.id);
    let Some(start) = start::find(&mut plan) else { return Outcome::NotApplicable };
    let words: Vec<Word> =
        words(cx.stage).into_iter().filter(|word| is_brought(cx.stage, &word.package)).collect();
    let (unneeded, left): (Vec<Word>, Vec<Word>) =
        words.into_iter().partition(|word| is_unneeded(cx, &start, &word.package));
    let (spans, whole, gone) = settle(cx, unneeded, &left);
    if gone.is_empty() {
        return Outcome::NotApplicable;
    }
    let names: Vec<&str> = gone.iter().map(|w| w.package.name.as_str()).collect();
    let unsure = names.iter().any(|name| !is_for_people(programs(name)));
    plan.assume(
        format!(
            "nothing starts {} in the running container, and no file of theirs is used otherwise",
            names.join(", ")
        ),
        gone.first().map(|w| w.package.at),
    );
    if unsure && config.entrypoint.as_ref().is_none_or(|e| !own(&e.from)) && cx.stage.facts().is_none() {
        plan.assume(
            format!("no script of the base image starts {}", names.join(", ")),
            Some(plan.base_line()),
        );
    }
    let title = format!("Leave out {}", listed(&names));
    let target = Target { base: cx.stage.base_text.clone(), ..Target::default() };
    plan.finish(title, &target, || Ok(take_out(cx.model, &spans, &whole)))
}

/// The words of the stage's own install lines.
fn words(stage: &Stage) -> Vec<Word> {
    let mut found = Vec::new();
    let mut command = 0;
    for step in &stage.steps {
        let StepKind::Run(run) = &step.kind else { continue };
        for effect in &run.effects {
            let EffectKind::Install { manager, packages, recommends, root: None, .. } = &effect.kind else {
                continue;
            };
            command += 1;
            let has_certificates = packages.iter().any(|p| p.name == "ca-certificates");
            found.extend(packages.iter().map(|package| Word {
                package: package.clone(),
                instruction: step.instruction,
                command,
                certificates: *manager == Manager::Apt
                    && *recommends
                    && !has_certificates
                    && WITH_CERTIFICATES.contains(&package.name.as_str()),
            }));
        }
    }
    found
}

/// Whether an install line brings a program of the package: apk does not on Debian.
fn is_brought(stage: &Stage, package: &Named) -> bool {
    let programs = programs(&package.name);
    let of_line = |origin: &Origin| matches!(origin, Origin::Instruction(_));
    programs.is_empty()
        || stage.inventory.materialise().iter().any(|entry| {
            entry.presence == Presence::Present
                && of_line(&entry.origin)
                && programs.contains(&entry.component.name())
        })
}

/// Whether a package is only tools that neither the running image nor the rest of its build calls.
fn is_unneeded(cx: &RecipeCx<'_>, start: &Start, package: &Named) -> bool {
    let programs = programs(&package.name);
    if programs.is_empty() || !package.exact || package.version.is_some() {
        return false;
    }
    let used = programs.iter().any(|p| start.uses.contains_key(*p) || cx.stage.needs.of(p).next().is_some());
    let sure = is_for_people(programs) || (start.unknown.is_none() && !builds_unseen(cx));
    !used && sure && !is_mentioned(cx, package, programs)
}

/// Whether only people use programs, so that not even a script that nobody read can call them.
fn is_for_people(programs: &[&str]) -> bool {
    programs.iter().all(|p| FOR_PEOPLE.contains(p) || matches!(*p, "ex" | "mc"))
}

fn programs(package: &str) -> &'static [&'static str] {
    TOOLS.iter().find(|(name, _)| *name == package).map_or(&[], |(_, programs)| programs)
}

/// Whether a RUN starts what nobody read: it may call a tool.
fn builds_unseen(cx: &RecipeCx<'_>) -> bool {
    let runs = cx.model.stages.iter().flat_map(|s| &s.steps).filter_map(|s| match &s.kind {
        StepKind::Run(run) => Some(run),
        _ => None,
    });
    let unseen = |run: &RunStep| {
        run.scripts.iter().any(barehull_syntax::shell::Script::has_unknown)
            || run.effects.iter().any(|e| match &e.kind {
                EffectKind::Spawn { program, .. } => {
                    program.contains('/') || start::is_shell(program) || program.ends_with(".sh")
                }
                EffectKind::LanguageInstall { .. } | EffectKind::Unknown { .. } => true,
                _ => false,
            })
    };
    runs.into_iter().any(unseen)
}

/// Whether another word of the Dockerfile's instructions names one of the programs.
fn is_mentioned(cx: &RecipeCx<'_>, package: &Named, programs: &[&str]) -> bool {
    let installed: Vec<Span> =
        cx.model.stages.iter().flat_map(|s| words(s).into_iter().map(|w| w.package.at.span)).collect();
    let source = cx.model.dockerfile.source();
    cx.model.dockerfile.instructions().iter().any(|instruction| {
        let text = String::from_utf8_lossy(instruction.span.slice(source)).into_owned();
        programs.iter().chain(std::iter::once(&package.name.as_str())).any(|name| {
            text.match_indices(*name).any(|(at, _)| {
                let start = instruction.span.start + at as u32;
                let end = start + name.len() as u32;
                let inside = |span: &Span| span.start <= start && end <= span.end;
                is_word(&text, at, name.len()) && !installed.iter().any(inside)
            })
        })
    })
}

/// Whether the text at `at` is a word of its own, or the last part of a path.
pub(super) fn is_word(text: &str, at: usize, length: usize) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text[..at].ends_with(part) && !text[at + length..].starts_with(part)
}

/// The words and whole instructions that go: a command of which nothing would be left stays, unless its instruction
/// does nothing else.
fn settle(cx: &RecipeCx<'_>, unneeded: Vec<Word>, left: &[Word]) -> (Vec<Span>, BTreeSet<usize>, Vec<Word>) {
    let (mut spans, mut whole, mut gone) = (Vec::new(), BTreeSet::new(), Vec::new());
    for word in unneeded {
        let emptied = !left.iter().any(|l| l.command == word.command);
        if !emptied && !word.certificates {
            spans.push(word.package.at.span);
        } else if emptied && !word.certificates && only_installs(cx, word.instruction, left) {
            whole.insert(word.instruction);
        } else {
            continue;
        }
        gone.push(word);
    }
    (spans, whole, gone)
}

/// Whether a RUN does nothing but install, and nothing of that is wanted.
fn only_installs(cx: &RecipeCx<'_>, instruction: usize, left: &[Word]) -> bool {
    let step = cx.stage.steps.iter().find(|s| s.instruction == instruction);
    let Some(StepKind::Run(run)) = step.map(|s| &s.kind) else { return false };
    let tidies = |e: &Effect| match &e.kind {
        EffectKind::Install { .. }
        | EffectKind::RefreshLists(_)
        | EffectKind::CleanCache(_)
        | EffectKind::Nothing => true,
        EffectKind::Remove { path, .. } => {
            ["/var/lib/apt/lists", "/var/cache/apt", "/var/cache/apk", "/var/cache/yum", "/var/cache/dnf"]
                .iter()
                .any(|folder| path.starts_with(folder))
        }
        _ => false,
    };
    run.effects.iter().all(tidies) && !left.iter().any(|l| l.instruction == instruction)
}

/// Names in a sentence.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
