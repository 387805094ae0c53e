//! `pipeline-without-pipefail`, `heredoc-without-set-e`: failures that nobody notices.

use barehull_syntax::dockerfile::Instruction;
use barehull_syntax::shell::{CommandRef, Dialect, NodeKind, Script};

use super::FileCx;
use super::language::one_line;
use crate::finding::{Finding, Place};
use crate::model::{EffectKind, Executed, Reader, RunStep, Stage, Step, StepKind};

pub(super) fn pipeline(cx: &FileCx<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (stage, step, run) in runs(cx) {
        let mut lost = run.commands.iter().filter(|command| is_lost(run, command)).peekable();
        if lost.peek().is_none() {
            continue;
        }
        let instruction = cx.model.instruction(step);
        let is_set =
            stage.config.shell.iter().any(|shell| shell.value.iter().any(|w| w.contains("pipefail")))
                || texts(instruction).any(|text| text.contains("pipefail"))
                || run.scripts.iter().any(|script| script.dialect() == Dialect::NotPosix);
        if is_set {
            continue;
        }
        for command in lost {
            let reader = &command.readers[0].name;
            let message = format!(
                "if {} fails here, {} goes on and the build succeeds: set -o pipefail",
                command.name(),
                if reader.is_empty() { "the next command" } else { reader }
            );
            let finding = Finding::new(super::PIPELINE_WITHOUT_PIPEFAIL, Place::Source(command.at), message);
            found.push(finding.subject(one_line(&format!("{} | {reader}", command.name()))));
        }
    }
    found
}

/// Whether a command that can fail for reasons from outside is not the last of its pipeline. What `pipe-to-shell` says is
/// not said twice.
fn is_lost(run: &RunStep, command: &Executed) -> bool {
    let piped = command.readers.first().is_some_and(|reader| !reader.as_text);
    let shells = [
        "sh", "bash", "ash", "dash", "zsh", "ksh", "python", "python3", "perl", "node", "php", "ruby",
        "grep", "head", "yes",
    ];
    piped
        && !command.readers.first().is_some_and(wants_all)
        && !command.readers.iter().any(|reader| shells.contains(&reader.name.as_str()))
        && run.effects[command.effects.start as usize..command.effects.end as usize].iter().any(|effect| {
            matches!(
                effect.kind,
                EffectKind::Fetch { .. } | EffectKind::Install { .. } | EffectKind::LanguageInstall { .. }
            )
        })
}

/// Whether a command fails by itself where it gets nothing, or half of it: what unpacks, imports keys or compares.
fn wants_all(reader: &Reader) -> bool {
    match reader.name.as_str() {
        "tar" | "bsdtar" | "cpio" | "unzip" | "funzip" | "gunzip" | "zcat" | "bunzip2" | "bzcat" | "unxz"
        | "xzcat" | "unlzma" | "unzstd" | "zstdcat" | "rpm2cpio" | "gpg" | "gpg2" | "gpgv" | "apt-key" => {
            true
        }
        "sha1sum" | "sha256sum" | "sha512sum" | "md5sum" | "shasum" => {
            reader.args.iter().flatten().any(|arg| arg == "-c" || arg == "--check")
        }
        "gzip" | "bzip2" | "xz" | "lzma" | "zstd" | "lz4" => reader.args.iter().flatten().any(|arg| {
            arg.starts_with("--d") || arg.starts_with('-') && !arg.starts_with("--") && arg.contains('d')
        }),
        _ => false,
    }
}

pub(super) fn heredoc(cx: &FileCx<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (stage, step, run) in runs(cx) {
        let instruction = cx.model.instruction(step);
        let fails = |word: &String| {
            word.starts_with('-') && !word.starts_with("--") && word.contains('e') || word == "errexit"
        };
        let by_shell = stage.config.shell.iter().any(|shell| shell.value.iter().any(fails));
        let mark = instruction.heredocs.first();
        let Some(mark) = mark.filter(|_| is_whole_run(instruction) && !by_shell) else { continue };
        if !run.scripts.iter().any(swallows) {
            continue;
        }
        let message = "a command that fails in this heredoc does not end the build: start it with set -e";
        let finding =
            Finding::new(super::HEREDOC_WITHOUT_SET_E, Place::Source(cx.model.at(mark.mark)), message);
        let first = mark.body.text().lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        found.push(finding.subject(one_line(first)));
    }
    found
}

/// Whether nothing but the heredoc stands on the line, perhaps behind the shell that reads it.
fn is_whole_run(instruction: &Instruction) -> bool {
    instruction.rest.text().trim_start().starts_with("<<")
}

/// Whether a statement that is not the last one may fail and nobody notices.
fn swallows(script: &Script) -> bool {
    if script.dialect() == Dialect::NotPosix || script.has_unknown() {
        return false;
    }
    let shebang = script.text().text().lines().next().unwrap_or_default();
    if shebang.starts_with("#!") {
        let is_shell = shebang.ends_with("sh") || shebang.contains("sh ");
        if !is_shell || shebang.split_whitespace().any(|w| w.starts_with('-') && w.contains('e')) {
            return false;
        }
    }
    let is_set = |command: CommandRef<'_>| {
        command.name().is_some_and(|name| name == "set")
            && command.arguments().any(|word| {
                word.literal()
                    .is_some_and(|text| text == "errexit" || text.starts_with('-') && text.contains('e'))
            })
    };
    let root = script.root();
    let statements: Vec<_> =
        if root.kind() == NodeKind::Sequence { root.children().collect() } else { vec![root] };
    let can_fail = statements.iter().rev().skip(1).any(|node| {
        matches!(node.kind(), NodeKind::Command | NodeKind::AndOr | NodeKind::Pipeline)
            && !node.first_command().and_then(CommandRef::name).is_some_and(|name| {
                matches!(
                    name.as_ref(),
                    "echo" | "export" | "set" | "cd" | "true" | ":" | "printf" | "umask" | "exec"
                )
            })
    });
    can_fail && !script.commands().any(is_set)
}

fn runs<'a>(cx: &'a FileCx<'_>) -> impl Iterator<Item = (&'a Stage, &'a Step, &'a RunStep)> {
    let stages = cx.model.stages.iter().filter(|stage| stage.reachable);
    stages.flat_map(|stage| {
        stage.steps.iter().filter_map(move |step| match &step.kind {
            StepKind::Run(run) => Some((stage, step, run)),
            _ => None,
        })
    })
}

fn texts(instruction: &Instruction) -> impl Iterator<Item = &str> {
    std::iter::once(instruction.rest.text()).chain(instruction.heredocs.iter().map(|h| h.body.text()))
}
