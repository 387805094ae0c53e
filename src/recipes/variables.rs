//! Commands that only need a shell because it puts variables in.

use barehull_syntax::Location;
use barehull_syntax::dockerfile::{Arguments, Instruction, Keyword};
use barehull_syntax::shell::{CommandRef, Dialect, Inner, NodeKind, Script};

use super::RecipeCx;
use super::launch::launch_line;
use super::plan::Plan;
use super::probe::{Piece, pieces, with_variables};
use super::shape::{as_written, mentions};
use crate::model::{ImageConfig, Launch, Provenance, StageId};
use crate::project::outside::Matched;

/// The words of the process, its variables as `${NAME}` or `${NAME:-default}`; nothing where the shell does more
/// than putting them in, or none stands in it.
pub fn words(config: &ImageConfig) -> Option<Vec<String>> {
    let script = script(config)?;
    command_words(script.commands().next()?).filter(|words| words.iter().any(|w| w.contains("${")))
}

/// The ARGs that settings are made of whose value is written out, each once: WORKDIR of the stage and of those below
/// it, ENV of those below that is not only made of ARGs.
pub fn written_out<'a>(cx: &RecipeCx<'a>) -> Vec<(&'a str, Location)> {
    let model = cx.model;
    let all = model.dockerfile.instructions();
    let mut found: Vec<(&str, Location)> = Vec::new();
    for stage in model.lineage(cx.stage.id) {
        let inside = all.iter().skip(stage.from + 1).take_while(|i| i.keyword != Keyword::From);
        let (arguments, others): (Vec<_>, Vec<_>) = inside.partition(|i| i.keyword == Keyword::Arg);
        let is_below = stage.id != cx.stage.id;
        for argument in arguments {
            let words = argument.rest.text().split_whitespace();
            for name in words.filter_map(|word| word.split('=').next()) {
                let uses = |i: &&&Instruction| match i.keyword {
                    Keyword::Workdir => mentions(i.rest.text(), name),
                    Keyword::Env => is_below && writes_out(cx, stage.id, i, name),
                    _ => false,
                };
                if let Some(used) = others.iter().find(uses)
                    && !found.iter().any(|(known, _)| *known == name)
                {
                    found.push((name, model.at(used.span)));
                }
            }
        }
    }
    found
}

/// Whether a value of this ENV is made of an ARG and cannot go along as it is written.
fn writes_out(cx: &RecipeCx<'_>, stage: StageId, env: &Instruction, argument: &str) -> bool {
    let from = Provenance::Instruction { stage, at: cx.model.at(env.span) };
    let Arguments::Pairs(pairs) = &env.args else { return mentions(env.rest.text(), argument) };
    pairs.iter().any(|pair| {
        pair.value.as_ref().is_some_and(|value| mentions(value.text(), argument))
            && as_written(cx.model, &from, pair.name.text()).is_none()
    })
}

/// What a shell reads to start the process, where that is one command and nothing else.
pub fn script(config: &ImageConfig) -> Option<Script> {
    let script = shell_text(config)?;
    let plain = script.nodes().all(|n| matches!(n.kind(), NodeKind::Sequence | NodeKind::Command));
    let fits = plain
        && !script.has_unknown()
        && script.commands().count() == 1
        && script.commands().all(|command| !does_more(command));
    fits.then_some(script)
}

/// What a shell reads to start the process.
pub fn shell_text(config: &ImageConfig) -> Option<Script> {
    let entrypoint = config.entrypoint.as_ref().filter(|e| !e.value.is_empty());
    let cmd = config.cmd.as_ref().filter(|c| !c.value.is_empty());
    let launch = match (entrypoint, cmd) {
        (Some(entry), Some(_)) if !matches!(entry.value, Launch::Shell(_)) => return None,
        (Some(entry), _) => &entry.value,
        (None, cmd) => &cmd?.value,
    };
    match launch {
        Launch::Shell(text) => Some(Script::parse(text, Dialect::Posix)),
        Launch::Exec(items) => {
            let outer = Script::from_argv(items);
            let Inner::Script { script, .. } = outer.commands().next()?.unwrap().inner else { return None };
            Some(*script)
        }
    }
}

/// The words of a command that is nothing else, its program known; variables stand in them as [`words`] has it.
pub fn command_words(command: CommandRef<'_>) -> Option<Vec<String>> {
    if does_more(command) {
        return None;
    }
    let mut words: Vec<String> = command.words().map(with_variables).collect::<Option<_>>()?;
    if words.first().is_some_and(|w| w == "exec") {
        words.remove(0);
    }
    words.first().is_some_and(|program| !program.contains('$')).then_some(words)
}

fn does_more(command: CommandRef<'_>) -> bool {
    command.redirects().next().is_some() || command.background() || command.assignments().next().is_some()
}

/// The words with the values that the image sets, where nothing that runs it sets others; blocks, and gives
/// nothing, where one is not known.
pub fn settled(plan: &mut Plan<'_, '_>, words: &[String]) -> Option<Vec<String>> {
    let at = launch_line(plan);
    let mut settled = Vec::new();
    let mut used = Vec::new();
    for word in words {
        let mut text = String::new();
        for piece in pieces(word) {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Variable(name, default) => {
                    let Some(value) = value(plan, name, default) else {
                        plan.block(format!("its command needs a shell for ${name}, which only the run sets: let the application read it"), at);
                        return None;
                    };
                    text.push_str(&value);
                    used.push(format!("{name}={value}"));
                }
            }
        }
        settled.push(text);
    }
    used.dedup();
    plan.assume(
        format!(
            "nobody sets another value at run time than the image does ({}): it is part of the command now",
            used.join(", ")
        ),
        Some(at),
    );
    Some(settled)
}

/// What the image sets a variable to, unless something of the project sets it elsewhere.
fn value(plan: &Plan<'_, '_>, name: &str, default: Option<&str>) -> Option<String> {
    let cx = plan.cx;
    let sets = cx.uses.iter().any(|u| {
        u.matched != Matched::Unmatched
            && cx.model.is_used_by(cx.stage.id, u)
            && u.environment.iter().any(|(n, _)| n == name)
    });
    let own = cx.stage.config.env(name).filter(|v| !v.is_empty());
    let value = own.or(default).filter(|_| !sets)?;
    let plain = !value.contains(|c: char| c.is_whitespace() || "*?[$".contains(c));
    plain.then(|| value.to_owned())
}
