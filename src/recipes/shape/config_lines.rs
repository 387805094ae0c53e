//! The configuration instructions of a stage on their way into the final image.

use std::fmt::Write;

use barehull_syntax::dockerfile::{Arguments, Instruction, Keyword, Pair};

use super::arguments::as_written;
use super::draft::Draft;
use super::split::mentions;
use super::style::{exec_form, exec_lines, quoted};
use super::target::{HealthChange, Target};
use crate::model::{Health, Provenance, Setting, Stage, Step};

/// Whether `instruction` is what `setting` comes from.
pub(super) fn made_by<T>(setting: Option<&Setting<T>>, instruction: &Instruction) -> bool {
    setting.and_then(|s| s.from.location()).is_some_and(|at| at.span == instruction.span)
}

/// What shall stand in the place of a CMD, ENTRYPOINT, HEALTHCHECK or USER of the stage: the same text,
/// another one, or nothing.
pub(super) enum Fate {
    Same,
    Changed(String),
    Gone,
}

/// The fate of an instruction that is in effect at the end of the stage (the others are gone).
pub(super) fn fate(draft: &Draft<'_>, stage: &Stage, target: &Target, instruction: &Instruction) -> Fate {
    let config = &stage.config;
    match instruction.keyword {
        Keyword::Cmd | Keyword::Entrypoint => launch_fate(draft, stage, target, instruction),
        Keyword::User if !made_by(config.user.as_ref(), instruction) => Fate::Gone,
        Keyword::User => match &target.user {
            Some(user) if config.user.as_ref().is_some_and(|u| u.value == *user) => Fate::Same,
            Some(user) => Fate::Changed(draft.style.instruction("USER", user)),
            None => Fate::Gone,
        },
        Keyword::Healthcheck if !made_by(config.healthcheck.as_ref(), instruction) => Fate::Gone,
        Keyword::Healthcheck => match &target.health {
            HealthChange::Keep => Fate::Same,
            HealthChange::Gone => Fate::Gone,
            HealthChange::Gap(why) => Fate::Changed(format!("# {why}")),
            HealthChange::Exec(argv) => Fate::Changed(health_line(draft, stage, argv)),
        },
        _ => Fate::Same,
    }
}

fn launch_fate(draft: &Draft<'_>, stage: &Stage, target: &Target, instruction: &Instruction) -> Fate {
    let (now, wanted, keyword) = match instruction.keyword {
        Keyword::Cmd => (stage.config.cmd.as_ref(), &target.cmd, "CMD"),
        _ => (stage.config.entrypoint.as_ref(), &target.entrypoint, "ENTRYPOINT"),
    };
    let Some(wanted) = wanted else { return Fate::Gone };
    if !made_by(now, instruction) {
        return Fate::Gone;
    }
    let same = target.as_written || now.and_then(|s| s.value.argv()).is_some_and(|argv| argv == *wanted);
    let escape = draft.model.dockerfile.escape();
    if same {
        Fate::Same
    } else {
        Fate::Changed(draft.style.instruction(keyword, &exec_lines(wanted, escape)))
    }
}

/// HEALTHCHECK with the stage's own timing options and another command.
fn health_line(draft: &Draft<'_>, stage: &Stage, argv: &[String]) -> String {
    let options = match stage.config.healthcheck.as_ref().map(|h| &h.value) {
        Some(Health::Check { options, .. }) if !options.is_empty() => format!("{} ", options.join(" ")),
        _ => String::new(),
    };
    let break_ = if options.is_empty() { "" } else { "\\\n    " };
    let break_ = if options.len() + exec_form(argv).len() > 90 { break_ } else { "" };
    format!("{} {options}{break_}CMD {}", draft.style.keyword("HEALTHCHECK"), exec_form(argv))
}

/// The USER that the target wants where no instruction of the stage says it.
pub(super) fn missing_user(draft: &Draft<'_>, stage: &Stage, target: &Target, steps: &[&Step]) -> String {
    let said = |i: &Instruction| i.keyword == Keyword::User && made_by(stage.config.user.as_ref(), i);
    match &target.user {
        Some(user) if !steps.iter().any(|s| said(draft.model.instruction(s))) => {
            format!("{}\n", draft.style.instruction("USER", user))
        }
        _ => String::new(),
    }
}

/// Lines for what the target wants and no instruction of the stage says: an inherited ENTRYPOINT or CMD that
/// the new base has not.
pub(super) fn missing_lines(draft: &Draft<'_>, stage: &Stage, target: &Target, steps: &[&Step]) -> String {
    let has = |keyword: Keyword, made: &dyn Fn(&Instruction) -> bool| {
        steps.iter().map(|s| draft.model.instruction(s)).any(|i| i.keyword == keyword && made(i))
    };
    let config = &stage.config;
    let mut out = String::new();
    if let HealthChange::Exec(argv) = &target.health
        && !has(Keyword::Healthcheck, &|i| made_by(config.healthcheck.as_ref(), i))
    {
        let _ = writeln!(out, "{}", health_line(draft, stage, argv));
    }
    if let Some(argv) = &target.entrypoint
        && !has(Keyword::Entrypoint, &|i| made_by(config.entrypoint.as_ref(), i))
    {
        let _ = writeln!(out, "{}", draft.style.instruction("ENTRYPOINT", &exec_form(argv)));
    }
    if let Some(argv) = &target.cmd
        && !has(Keyword::Cmd, &|i| made_by(config.cmd.as_ref(), i))
    {
        let _ = writeln!(
            out,
            "{}",
            draft.style.instruction("CMD", &exec_lines(argv, draft.model.dockerfile.escape()))
        );
    }
    out
}

/// Lines for the configuration that stages below this one set: the final stage no longer stands on them.
/// The first part belongs above COPY (LABEL, ENV), the second below.
pub(super) fn inherited_lines(draft: &Draft<'_>, stage: &Stage, target: &Target) -> (String, String) {
    let escape = draft.model.dockerfile.escape();
    let below = |from: &Provenance| match from {
        Provenance::Instruction { stage: s, .. } => *s != stage.id,
        Provenance::Base(_) => target.whole,
    };
    let (mut head, mut foot) = (String::new(), String::new());
    for label in stage.config.labels.iter().filter(|l| below(&l.from)) {
        let (name, value) = &label.value;
        let value = as_written(draft.model, &label.from, name)
            .map_or_else(|| quoted(value, escape), ToOwned::to_owned);
        let _ = writeln!(head, "{}", draft.style.instruction("LABEL", &format!("{name}={value}")));
    }
    for var in stage.config.env.iter().filter(|v| below(&v.from) && !target.env_drop.contains(&v.name)) {
        let already = target.env.iter().any(|(name, _)| *name == var.name);
        if let (Some(value), false) = (&var.value, already) {
            let value = as_written(draft.model, &var.from, &var.name)
                .map_or_else(|| quoted(value, escape), ToOwned::to_owned);
            let pair = format!("{}={value}", var.name);
            let _ = writeln!(head, "{}", draft.style.instruction("ENV", &pair));
        }
    }
    for (name, value) in &target.env {
        let pair = format!("{name}={}", quoted(value, escape));
        let _ = writeln!(head, "{}", draft.style.instruction("ENV", &pair));
    }
    let number = |port: &str| port.strip_suffix("/tcp").unwrap_or(port).to_owned();
    let ports = &stage.config.expose;
    let again = |port: &str| ports.iter().any(|p| !below(&p.from) && number(&p.value) == number(port));
    for port in ports.iter().filter(|p| below(&p.from) && !again(&p.value)) {
        let _ = writeln!(foot, "{}", draft.style.instruction("EXPOSE", &port.value));
    }
    for volume in stage.config.volumes.iter().filter(|v| below(&v.from)) {
        let _ = writeln!(foot, "{}", draft.style.instruction("VOLUME", &exec_form(&[&volume.value])));
    }
    if let Some(signal) = stage.config.stopsignal.as_ref().filter(|s| below(&s.from)) {
        let _ = writeln!(foot, "{}", draft.style.instruction("STOPSIGNAL", &signal.value));
    }
    (head, foot)
}

/// What the final stage keeps of an ENV instruction: all of it, none of it, or some pairs.
pub(super) enum Kept {
    All,
    Some(String),
    None,
}

/// Which pairs of an ENV instruction go into the final stage: those that are in effect at its end, with their
/// values resolved where they use variables that only the old base had.
pub(super) fn kept_env(draft: &Draft<'_>, stage: &Stage, target: &Target, instruction: &Instruction) -> Kept {
    let Arguments::Pairs(pairs) = &instruction.args else { return Kept::All };
    let config = &stage.config;
    let gone = |name: &str| {
        let set = config.env.iter().find(|v| v.name == name);
        let in_effect = set.and_then(|v| v.from.location()).is_none_or(|at| at.span == instruction.span);
        !in_effect || target.env_drop.contains(name) || target.env.iter().any(|(n, _)| n == name)
    };
    let of_base = |value: &str| {
        // PATH's own earlier value is the old base's.
        if target.base == "scratch" && mentions(value, "PATH") {
            return true;
        }
        config.env.iter().any(|v| {
            let lost =
                matches!(v.from, Provenance::Base(_)) && (v.name != "PATH" || target.base == "scratch");
            lost && mentions(value, &v.name)
        })
    };
    let kept: Vec<_> = pairs.iter().filter(|p| !gone(p.name.text())).collect();
    let resolved = |p: &Pair| {
        let raw = p.value.as_ref().map_or("", |v| v.text());
        if !of_base(raw) {
            return None;
        }
        let value = config.env(p.name.text())?;
        Some(format!("{}={}", p.name.text(), quoted(value, draft.model.dockerfile.escape())))
    };
    if kept.len() == pairs.len() && kept.iter().all(|p| resolved(p).is_none()) {
        return Kept::All;
    }
    if kept.is_empty() {
        return Kept::None;
    }
    let raw = |p: &Pair| format!("{}={}", p.name.text(), p.value.as_ref().map_or("", |v| v.text()));
    let texts: Vec<_> = kept.iter().map(|p| resolved(p).unwrap_or_else(|| raw(p))).collect();
    Kept::Some(draft.style.instruction("ENV", &texts.join(" \\\n    ")))
}
