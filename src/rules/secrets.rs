//! `secret-in-arg-or-env`, `secret-in-run`, `root-password`: secrets that stand in the Dockerfile or are given to it.

use barehull_syntax::dockerfile::{Arguments, Instruction, Keyword, Pair};

use super::language::one_line;
use super::words::{has_real_login, is_real, is_test_value, names_secret, token_in};
use super::{FileCx, RuleMeta};
use crate::finding::{Finding, Place};
use crate::model::{Argument, Executed, RunStep, StepKind};

/// Options whose value is a secret.
const SECRET_OPTIONS: [&str; 14] = [
    "--password",
    "--passwd",
    "--pass",
    "--token",
    "--auth-token",
    "--access-token",
    "--api-key",
    "--apikey",
    "--secret",
    "--client-secret",
    "--secret-key",
    "--http-password",
    "--registry-password",
    "--license-key",
];

pub(super) fn in_arg_or_env(cx: &FileCx<'_>) -> Vec<Finding> {
    let (mut found, mut names) = (Vec::new(), Vec::new());
    for instruction in instructions(cx) {
        if matches!(instruction.keyword, Keyword::Env | Keyword::Arg) {
            let before = names.len();
            for_each_pair(instruction, |pair| {
                found.extend(of_pair(cx, instruction.keyword, &pair, &names[..before]));
                names.push(pair.name);
            });
        }
    }
    found
}

/// The instructions of stages that somebody needs.
fn instructions<'a>(cx: &'a FileCx<'_>) -> impl Iterator<Item = &'a Instruction> {
    let stages = cx.model.stages.iter().filter(|stage| stage.reachable);
    stages.flat_map(|stage| stage.steps.iter().map(|step| cx.model.instruction(step)))
}

fn for_each_pair<'a>(instruction: &'a Instruction, mut each: impl FnMut(Variable<'a>)) {
    match &instruction.args {
        Arguments::Pairs(pairs) => pairs.iter().for_each(|pair| each(Variable::of(pair))),
        Arguments::Words(words) => words.iter().for_each(|word| {
            let (name, value) =
                word.text().split_once('=').map_or((word.text(), None), |(n, v)| (n, Some(v)));
            each(Variable { name, value, span: word.span() });
        }),
        _ => {}
    }
}

struct Variable<'a> {
    name: &'a str,
    value: Option<&'a str>,
    span: barehull_syntax::Span,
}

impl<'a> Variable<'a> {
    fn of(pair: &'a Pair) -> Self {
        let name = pair.name.span();
        let span = pair.value.as_ref().map_or(name, |value| name.cover(value.span()));
        Variable { name: pair.name.text(), value: pair.value.as_ref().map(|value| value.text()), span }
    }
}

/// `names` are the variables that stand in front of it.
fn of_pair(cx: &FileCx<'_>, keyword: Keyword, variable: &Variable<'_>, names: &[&str]) -> Option<Finding> {
    let Variable { name, value, span } = *variable;
    let value = value.map(|value| value.trim_matches(['"', '\'']));
    let is_arg = keyword == Keyword::Arg;
    let what = if is_arg { "arg" } else { "env" };
    let message = if has_real_login(value.unwrap_or_default())
        || value.is_some_and(|value| token_in(value).is_some())
    {
        format!(
            "{name} holds a secret that anybody with the image or this file can read: revoke it, and take it out"
        )
    } else if !names_secret(name) || !holds_something(value, is_arg, names) {
        return None;
    } else if is_arg {
        format!(
            "the value of {name} can be read in the image's history: RUN --mount=type=secret,id={}",
            name.to_ascii_lowercase()
        )
    } else {
        format!(
            "the value of {name} is part of the image, for everybody who can pull it: set it when the container starts"
        )
    };
    let place = Place::Source(cx.model.at(span));
    Some(Finding::new(super::SECRET_IN_ARG_OR_ENV, place, message).subject(format!("{what} {name}")))
}

/// An ARG gets its value from outside; an ENV must have one, or that of a variable in front of it.
fn holds_something(value: Option<&str>, is_arg: bool, names: &[&str]) -> bool {
    match value {
        None => is_arg,
        Some("") => false,
        Some(value) if value.starts_with('$') && !value.contains(":-") => {
            names.contains(&value.trim_matches(['$', '{', '}']))
        }
        // Words are a description.
        Some(value) => is_real(value) && !is_test_value(value) && !value.trim().contains(' '),
    }
}

pub(super) fn in_run(cx: &FileCx<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (step, run) in runs(cx) {
        let instruction = cx.model.instruction(step);
        let known = found.len();
        let token = token_in_text(instruction);
        for command in &run.commands {
            if let Some((argument, what)) = in_command(cx, command, token.is_some()) {
                found.push(finding(super::SECRET_IN_RUN, argument, what, command.name()));
            }
            if let Some(user) = piped_password(command).filter(|user| user != "root") {
                let message =
                    format!("the password of {user} stands here: anybody with the image or this file has it");
                let finding = Finding::new(super::SECRET_IN_RUN, Place::Source(command.at), message);
                found.push(finding.subject(format!("password of {user}")));
            }
        }
        if found.len() == known
            && let Some(what) = token
        {
            let message = format!("{what} stands here: revoke it, and use RUN --mount=type=secret");
            let place = Place::Source(cx.model.at(instruction.span));
            found.push(Finding::new(super::SECRET_IN_RUN, place, message).subject(what));
        }
    }
    found
}

fn runs<'a>(cx: &'a FileCx<'_>) -> impl Iterator<Item = (&'a crate::model::Step, &'a RunStep)> {
    let stages = cx.model.stages.iter().filter(|stage| stage.reachable);
    stages.flat_map(|stage| &stage.steps).filter_map(|step| match &step.kind {
        StepKind::Run(run) => Some((step, run)),
        _ => None,
    })
}

fn finding(rule: &'static RuleMeta, argument: &Argument, what: &str, command: &str) -> Finding {
    let message =
        format!("{what} stands in this command of {command}: revoke it, and use RUN --mount=type=secret");
    Finding::new(rule, Place::Source(argument.at), message).subject(one_line(&format!("{command} {what}")))
}

/// A token of a well-known service anywhere in the instruction.
fn token_in_text(instruction: &Instruction) -> Option<&'static str> {
    let texts = std::iter::once(&instruction.rest).chain(instruction.heredocs.iter().map(|h| &h.body));
    texts.into_iter().find_map(|text| token_in(text.text())).map(|(_, what)| what)
}

/// The argument of a command that holds a secret, and what it is; `token`: somewhere in the instruction stands a token.
fn in_command<'c>(
    cx: &FileCx<'_>,
    command: &'c Executed,
    token: bool,
) -> Option<(&'c Argument, &'static str)> {
    let mut previous: Option<&str> = None;
    for argument in &command.args {
        let text = argument.text.as_deref();
        if let Some(what) = text.and_then(|text| secret_in(text, previous, token)) {
            let bytes = argument.at.span.slice(cx.model.dockerfile.source());
            if argument.exact && !bytes.contains(&b'$') {
                return Some((argument, what));
            }
        }
        previous = text;
    }
    None
}

/// What secret an argument holds, behind the argument `previous`.
fn secret_in(text: &str, previous: Option<&str>, token: bool) -> Option<&'static str> {
    if has_real_login(text) {
        return Some("a password in an address");
    }
    if let Some((_, what)) = Some(text).filter(|_| token).and_then(token_in) {
        return Some(what);
    }
    let is_secret = |name: &str| name.starts_with("--") && SECRET_OPTIONS.contains(&name);
    let assigned = if text.starts_with("--") { text.split_once('=') } else { None };
    let own = assigned.filter(|(name, _)| is_secret(name));
    let value = match own {
        Some((_, value)) => Some(value),
        None => previous.filter(|previous| is_secret(previous)).map(|_| text),
    };
    if value.is_some_and(|value| is_real(value) && !value.starts_with('-') && !is_test_value(value)) {
        return Some("a secret");
    }
    // One character is found faster than two.
    let colon = text.match_indices(':').find(|(at, _)| text[at + 1..].starts_with(' '))?.0;
    let (name, header) = (&text[..colon], &text[colon + 2..]);
    let value = header.split_whitespace().last().filter(|_| name.ends_with("Authorization"))?;
    (value.len() > 8 && is_real(value)).then_some("a secret in a header")
}

/// The user whose password is written into `chpasswd`.
fn piped_password(command: &Executed) -> Option<String> {
    if !command.readers.iter().any(|reader| reader.name == "chpasswd")
        || !matches!(command.name(), "echo" | "printf")
    {
        return None;
    }
    let text = command.texts().find(|text| text.contains(':'))?;
    let (user, password) = text.split_once(':')?;
    let is_literal = !password.is_empty() && !password.starts_with(['$', '%', '*', '!']);
    is_literal.then(|| user.trim().to_owned())
}

pub(super) fn root_password(cx: &FileCx<'_>) -> Vec<Finding> {
    let stages = cx.model.stages.iter().filter(|stage| cx.shipped.contains(stage));
    let mut found = Vec::new();
    for stage in stages {
        let runs = stage.steps.iter().filter_map(|step| match &step.kind {
            StepKind::Run(run) => Some(run),
            _ => None,
        });
        for command in runs.flat_map(|run| &run.commands) {
            let message = if piped_password(command).is_some_and(|user| user == "root") {
                "root has a password that stands in this file: nobody logs in to a container; remove it"
            } else if empties_root(command) {
                "root has no password any more: whoever is in the container becomes root with su"
            } else {
                continue;
            };
            let finding = Finding::new(super::ROOT_PASSWORD, Place::Source(command.at), message);
            found.push(finding.stage(&stage.identity).subject("root"));
        }
    }
    found
}

/// `passwd -d root`.
fn empties_root(command: &Executed) -> bool {
    let has = |texts: &[&str]| command.texts().any(|text| texts.contains(&text));
    command.name() == "passwd" && has(&["-d", "--delete"]) && has(&["root"])
}
