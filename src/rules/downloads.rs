//! `pipe-to-shell`, `http-download`, `unverified-download`: what a build gets from the network, and what it does with it.
//! One download is one finding, that of the worst of the three.

use barehull_syntax::dockerfile::Instruction;

use super::language::one_line;
use super::{FileCx, RuleMeta};
use crate::finding::{Finding, Place};
use crate::model::{
    Effect, EffectKind, Executed, Manager, Reader, RunStep, Sink, Source, Stage, StepKind, Transfer,
};

/// The tool of packages that a package manager gets by their address.
const PACKAGES: &str = "rpm";

/// Programs that compare a file with what somebody vouched for.
const CHECKS: [&str; 17] = [
    "sha1sum",
    "sha224sum",
    "sha256sum",
    "sha384sum",
    "sha512sum",
    "md5sum",
    "b2sum",
    "shasum",
    "sha256",
    "gpgv",
    "gpgv2",
    "cosign",
    "minisign",
    "signify",
    "slsa-verifier",
    "rhash",
    "cksum",
];
/// Ends of names of what is run, unpacked or installed.
const CODE: [&str; 29] = [
    ".tar",
    ".tar.gz",
    ".tgz",
    ".tar.xz",
    ".txz",
    ".tar.bz2",
    ".tbz2",
    ".tbz",
    ".tar.zst",
    ".tar.lz",
    ".zip",
    ".jar",
    ".war",
    ".deb",
    ".rpm",
    ".apk",
    ".sh",
    ".bash",
    ".py",
    ".pl",
    ".rb",
    ".run",
    ".bin",
    ".appimage",
    ".exe",
    ".whl",
    ".gem",
    ".phar",
    ".so",
];

/// The findings of all three rules.
pub(super) fn check(cx: &FileCx<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for stage in cx.model.stages.iter().filter(|stage| stage.reachable) {
        for (at, step) in stage.steps.iter().enumerate() {
            match &step.kind {
                StepKind::Run(run) => of_run(cx, stage, at, run, &mut found),
                StepKind::Transfer(transfer) if transfer.from == Source::Remote => {
                    of_add(cx, cx.model.instruction(step), transfer, &mut found);
                }
                _ => {}
            }
        }
    }
    found
}

fn of_run(cx: &FileCx<'_>, stage: &Stage, step: usize, run: &RunStep, found: &mut Vec<Finding>) {
    for (number, command) in run.commands.iter().enumerate() {
        for effect in effects(run, command) {
            for (tool, url, to) in fetches(&effect.kind) {
                let fetched = Fetched { stage, step, run, number, command, url, to, tool };
                let Some(rule) = fetched.worst() else { continue };
                let finding = Finding::new(rule, Place::Source(command.at), fetched.message(cx, rule));
                found.push(finding.subject(one_line(url.unwrap_or(command.name()))));
            }
        }
    }
}

/// What a command gets from the network: with which tool, from where, and where to.
fn fetches(kind: &EffectKind) -> Vec<(&str, Option<&str>, &Sink)> {
    match kind {
        EffectKind::Fetch { tool, url, to } => vec![(tool, url.as_deref(), to)],
        // Packages by their address: `rpm -i https://...`.
        EffectKind::InstallFiles { manager: Manager::Rpm, files } => {
            let addresses = files.iter().map(String::as_str).filter(|file| file.contains("://"));
            addresses.map(|url| (PACKAGES, Some(url), &Sink::Unknown)).collect()
        }
        _ => Vec::new(),
    }
}

fn of_add(cx: &FileCx<'_>, add: &Instruction, transfer: &Transfer, found: &mut Vec<Finding>) {
    if add.flags.iter().any(|flag| flag.name.text() == "checksum") {
        return;
    }
    for url in transfer.sources.iter().flatten().filter(|url| is_plain_http(url)) {
        let finding = Finding::new(super::HTTP_DOWNLOAD, Place::Source(cx.model.at(add.span)), plain(url));
        found.push(finding.subject(one_line(url)));
    }
}

fn effects<'a>(run: &'a RunStep, command: &Executed) -> &'a [Effect] {
    run.effects.get(command.effects.start as usize..command.effects.end as usize).unwrap_or_default()
}

/// A download, and what is around it.
struct Fetched<'a> {
    stage: &'a Stage,
    step: usize,
    run: &'a RunStep,
    number: usize,
    command: &'a Executed,
    url: Option<&'a str>,
    to: &'a Sink,
    tool: &'a str,
}

impl Fetched<'_> {
    /// The rule that holds of it.
    fn worst(&self) -> Option<&'static RuleMeta> {
        if self.url.is_some_and(is_local) {
            return None;
        }
        if self.runner().is_some() {
            return Some(super::PIPE_TO_SHELL);
        }
        let is_plain = self.url.is_some_and(is_plain_http);
        if !is_plain && !self.is_code() || self.is_checked() {
            return None;
        }
        Some(if is_plain { super::HTTP_DOWNLOAD } else { super::UNVERIFIED_DOWNLOAD })
    }

    /// What the rule says of it.
    fn message(&self, cx: &FileCx<'_>, rule: &RuleMeta) -> String {
        let from = self.from(cx);
        if rule == super::PIPE_TO_SHELL {
            let name = self.runner().map_or("", |shell| &shell.name);
            let name = if name.is_empty() { "a shell" } else { name };
            format!("{from} is run by {name} unseen: download it, check it, then run it")
        } else if rule == super::HTTP_DOWNLOAD {
            plain(&from)
        } else {
            format!("{from} is used as it comes: compare it with a checksum or a signature")
        }
    }

    /// The address; where it is not known, the word that stands for it.
    fn from(&self, cx: &FileCx<'_>) -> String {
        if let Some(url) = self.url {
            return one_line(url);
        }
        let source = cx.model.dockerfile.source();
        let unknown = self.command.args.iter().filter(|arg| arg.text.is_none());
        let words = unknown.map(|arg| String::from_utf8_lossy(arg.at.span.slice(source)));
        match words.into_iter().find(|word| word.contains('$') && !word.starts_with('-')) {
            Some(word) => one_line(word.trim_matches(['"', '\''])),
            None => format!("what {} downloads here", self.command.name()),
        }
    }

    /// What runs it as it comes.
    fn runner(&self) -> Option<&Reader> {
        let readers = &self.command.readers;
        readers.iter().find(|reader| runs_input(reader)).filter(|_| self.tool != "git")
    }

    /// Whether something behind it in the stage checks files.
    fn is_checked(&self) -> bool {
        let here = &self.run.commands[self.number..];
        let later = self.stage.steps[self.step + 1..].iter().filter_map(|step| match &step.kind {
            StepKind::Run(run) => Some(run.commands.as_slice()),
            _ => None,
        });
        // In this RUN also before it: a checksum that is kept for `-c`.
        let checks = |command: &Executed| {
            is_openssl_check(command)
                || CHECKS.contains(&command.name())
                || command.readers.iter().any(|reader| CHECKS.contains(&reader.name.as_str()))
                || (matches!(command.name(), "gpg" | "gpg2" | "rpm" | "rpmkeys")
                    && command.texts().any(|text| {
                        matches!(text, "--verify" | "--batch" | "--checksig" | "-K" | "--decrypt")
                            || text == "-d"
                    }))
                || command.texts().any(|text| text.contains("sha256sum") || text.contains("sha512sum"))
        };
        here.iter().any(checks)
            || self.run.commands.iter().any(|c| CHECKS.contains(&c.name()))
            || self.has_keys()
            || later.flatten().any(checks)
    }

    /// Whether rpm was told whose packages it may take.
    fn has_keys(&self) -> bool {
        let before = self.stage.steps[..=self.step].iter().filter_map(|step| match &step.kind {
            StepKind::Run(run) => Some(run.commands.iter()),
            _ => None,
        });
        let imports =
            |command: &Executed| command.name() == "rpm" && command.texts().any(|t| t == "--import");
        self.tool == PACKAGES && before.flatten().any(imports)
    }

    /// Whether it is run, unpacked or installed.
    fn is_code(&self) -> bool {
        if self.tool == "git" {
            return false;
        }
        if self.tool == PACKAGES {
            // dnf and yum are left alone: what a distribution's own release package is, an address does not show.
            return self.command.name() == "rpm";
        }
        let unpacks =
            |reader: &Reader| matches!(reader.name.as_str(), "tar" | "bsdtar" | "cpio" | "unzip" | "dpkg");
        if self.command.readers.iter().any(unpacks) {
            return true;
        }
        let path = match self.to {
            Sink::File(path) => Some(path.as_str()),
            _ => None,
        };
        let is_named = |name: &str| {
            let name = name.split(['?', '#']).next().unwrap_or(name).to_ascii_lowercase();
            CODE.iter().any(|end| name.ends_with(end))
        };
        let stays = matches!(self.to, Sink::File(_) | Sink::Folder(_));
        if stays && (path.is_some_and(is_named) || self.url.is_some_and(is_named)) {
            return true;
        }
        path.is_some_and(|path| {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            folder.ends_with("/bin") || folder.ends_with("/sbin") || self.is_made_executable(path)
        })
    }

    fn is_made_executable(&self, path: &str) -> bool {
        self.run.effects.iter().any(|effect| match &effect.kind {
            EffectKind::Chmod { path: changed, mode, .. } => {
                changed == path && (mode.contains('x') || mode.contains('7') || mode.contains('5'))
            }
            EffectKind::Spawn { program, .. } => program == path,
            _ => false,
        })
    }
}

/// Whether openssl computes or verifies a checksum or a signature; it does much else (`openssl x509`, `openssl req`).
fn is_openssl_check(command: &Executed) -> bool {
    let verb = |text: &str| {
        matches!(text, "dgst" | "cms" | "smime" | "pkeyutl" | "ts" | "md5") || text.starts_with("sha")
    };
    let reader = command.readers.iter().filter(|reader| reader.name == "openssl");
    command.name() == "openssl" && command.texts().next().is_some_and(verb)
        || reader.filter_map(|reader| reader.args.first()?.as_deref()).any(verb)
}

/// Whether a command runs what it reads.
fn runs_input(reader: &Reader) -> bool {
    if reader.as_text {
        return true;
    }
    let args: Vec<&str> = reader.args.iter().map(|arg| arg.as_deref().unwrap_or("?")).collect();
    let shell = matches!(reader.name.as_str(), "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh");
    let name = reader.name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let interpreter = matches!(name, "python" | "perl" | "ruby" | "node" | "php");
    let first_operand = args.iter().find(|arg| !arg.starts_with('-') || **arg == "-");
    if shell {
        let takes_text = args.iter().any(|a| a.starts_with('-') && !a.starts_with("--") && a.contains('c'));
        let reads = args.iter().any(|a| a.starts_with('-') && !a.starts_with("--") && a.contains('s'));
        return !takes_text && (reads || first_operand.is_none_or(|arg| matches!(*arg, "-" | "/dev/stdin")));
    }
    interpreter
        && first_operand.is_none_or(|arg| *arg == "-")
        && !args
            .iter()
            .any(|a| matches!(*a, "-c" | "-e" | "-m" | "-r" | "-p" | "-ne" | "-pe" | "-lne" | "-n"))
}

fn plain(url: &str) -> String {
    format!("{} comes over plain HTTP, where anybody on the way can change it: use https", one_line(url))
}

fn is_plain_http(url: &str) -> bool {
    let lower = url.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("http://"));
    lower && !is_local(url)
}

/// Whether an address is of this machine, or of a name that only a network of one's own knows.
fn is_local(url: &str) -> bool {
    let host = url.split("://").nth(1).unwrap_or_default();
    let host = host.split(['/', ':', '?']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let private = ["127.", "10.", "192.168.", "172.16.", "172.17.", "169.254."];
    url.contains("://") && (!host.contains('.') || private.iter().any(|start| host.starts_with(start)))
}
