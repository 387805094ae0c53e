//! The flags each instruction takes, and the values they may have.

use super::check::Wrong;
use super::csv;
use super::duration;
use super::instruction::{Flag, Instruction, Keyword};
use super::mount;
use super::runes;
use super::suggest;
use crate::MappedText;

/// What values a flag takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// None, `true` or `false`.
    Switch,
    /// One.
    Text,
    /// One each time it is given.
    Texts,
}

/// No instruction takes more kinds of flags.
const MOST_FLAGS: usize = 7;

/// The flags of `keyword`.
const fn known(keyword: Keyword) -> &'static [(&'static str, Kind)] {
    match keyword {
        Keyword::Add => &[
            ("checksum", Kind::Text),
            ("chmod", Kind::Text),
            ("chown", Kind::Text),
            ("exclude", Kind::Texts),
            ("keep-git-dir", Kind::Switch),
            ("link", Kind::Switch),
            ("unpack", Kind::Switch),
        ],
        Keyword::Copy => &[
            ("chmod", Kind::Text),
            ("chown", Kind::Text),
            ("exclude", Kind::Texts),
            ("from", Kind::Text),
            ("link", Kind::Switch),
            ("parents", Kind::Switch),
        ],
        Keyword::From => &[("platform", Kind::Text)],
        Keyword::Healthcheck => &[
            ("interval", Kind::Text),
            ("retries", Kind::Text),
            ("start-interval", Kind::Text),
            ("start-period", Kind::Text),
            ("timeout", Kind::Text),
        ],
        Keyword::Run => &[
            ("device", Kind::Texts),
            ("mount", Kind::Texts),
            ("network", Kind::Text),
            ("security", Kind::Text),
        ],
        _ => &[],
    }
}

/// Refuses unknown flags, flags given twice, and values that the flag does not take.
pub(super) fn check(instruction: &Instruction) -> Result<(), Wrong> {
    let known = known(instruction.keyword);
    let mut seen = [false; MOST_FLAGS];
    for flag in &instruction.flags {
        let name = flag.name.text();
        let Some(index) = known.iter().position(|(known, _)| *known == name) else {
            let hint = suggest::hint(suggest::closest(name, known.iter().map(|(known, _)| *known)));
            return wrong(flag, format!("unknown flag: --{name}{hint}"));
        };
        let (_, kind) = known[index];
        if std::mem::replace(&mut seen[index], true) && kind != Kind::Texts {
            return wrong(flag, format!("duplicate flag specified: --{name}"));
        }
        check_value(flag, kind)?;
    }
    Ok(())
}

fn check_value(flag: &Flag, kind: Kind) -> Result<(), Wrong> {
    let name = flag.name.text();
    match (kind, flag.value.as_ref().map(MappedText::text)) {
        (Kind::Switch, None) | (Kind::Text | Kind::Texts, Some(_)) => Ok(()),
        (Kind::Switch, Some("")) | (_, None) => wrong(flag, format!("missing a value on flag: --{name}")),
        (Kind::Switch, Some(value)) => match value.to_lowercase().as_str() {
            "true" | "false" => Ok(()),
            _ => wrong(flag, format!("expecting boolean value for flag --{name}, not: {value}")),
        },
    }
}

fn wrong(flag: &Flag, message: impl Into<String>) -> Result<(), Wrong> {
    Err(Wrong::new(flag.span, message))
}

/// Refuses values of the flags of RUN, in BuildKit's order.
pub(super) fn check_run(instruction: &Instruction) -> Result<(), Wrong> {
    for flag in instruction.flags_named("device") {
        check_device(flag)?;
    }
    for flag in instruction.flags_named("mount") {
        check_mount(flag)?;
    }
    for flag in instruction.flags_named("network") {
        let value = text(flag);
        if !matches!(value, "default" | "none" | "host") {
            return wrong(flag, format!("invalid network mode {}", runes::quote(value)));
        }
    }
    for flag in instruction.flags_named("security") {
        let value = text(flag);
        if !matches!(value, "insecure" | "sandbox") {
            return wrong(flag, format!("security {} is not valid", runes::quote(value)));
        }
    }
    Ok(())
}

fn text(flag: &Flag) -> &str {
    flag.value.as_ref().map_or("", MappedText::text)
}

fn fields(flag: &Flag, what: &str) -> Result<Vec<MappedText>, Wrong> {
    let Some(value) = &flag.value else { return Ok(Vec::new()) };
    csv::fields(value).map_err(|error| Wrong::new(flag.span, format!("failed to parse csv {what}: {error}")))
}

/// A field split at its first `=`, the key in lower case.
fn key_value(field: &str) -> (String, Option<&str>) {
    match field.split_once('=') {
        Some((key, value)) => (key.to_lowercase(), Some(value)),
        None => (field.to_lowercase(), None),
    }
}

/// Most of a mount is only checked once its variables are expanded, which is not the reader's work.
fn check_mount(flag: &Flag) -> Result<(), Wrong> {
    if !text(flag).is_empty() && !text(flag).contains(['"', '$']) {
        return Ok(());
    }
    for field in fields(flag, "mounts")? {
        let (key, value) = key_value(field.text());
        let has_variable = value.and_then(|value| value.find('$').map(|at| at + 1 < value.len()));
        if key == "from" && has_variable == Some(true) {
            let message = "'from' doesn't support variable expansion, define alias stage instead";
            return Err(Wrong::new(field.span(), message));
        }
    }
    Ok(())
}

fn check_device(flag: &Flag) -> Result<(), Wrong> {
    let mut name = String::new();
    for field in fields(flag, "devices")? {
        let text = field.text();
        let refuse = |message: String| Err(Wrong::new(field.span(), message));
        match key_value(text) {
            (key, None) if key == "required" => {}
            (key, Some(value)) if key == "required" => {
                if mount::is_true(value).is_none() {
                    return refuse(format!("invalid value for {key}: {value}"));
                }
            }
            (key, Some(value)) if key == "name" => {
                if !name.is_empty() {
                    return refuse(format!("device name already set to {name}"));
                }
                value.clone_into(&mut name);
            }
            _ if name.is_empty() => text.clone_into(&mut name),
            (_, None) => return refuse(format!("invalid field '{text}' must be a key=value pair")),
            (key, Some(_)) => {
                let hint = suggest::hint(suggest::closest(&key, ["name", "required"].into_iter()));
                return refuse(format!("unexpected key '{key}' in '{text}'{hint}"));
            }
        }
    }
    Ok(())
}

/// Refuses values of the flags of HEALTHCHECK, in BuildKit's order.
pub(super) fn check_health(instruction: &Instruction) -> Result<(), Wrong> {
    for name in ["interval", "timeout", "start-period", "start-interval"] {
        for flag in instruction.flags_named(name) {
            duration::check(name, text(flag)).map_err(|message| Wrong::new(flag.span, message))?;
        }
    }
    for flag in instruction.flags_named("retries").filter(|flag| !text(flag).is_empty()) {
        check_retries(text(flag)).map_err(|message| Wrong::new(flag.span, message))?;
    }
    Ok(())
}

fn check_retries(value: &str) -> Result<(), String> {
    use std::num::IntErrorKind::{NegOverflow, PosOverflow};
    match value.parse::<i32>() {
        Ok(retries) if retries < 0 => Err(format!("--retries cannot be negative ({retries})")),
        Ok(_) => Ok(()),
        Err(error) => {
            let is_range = matches!(error.kind(), PosOverflow | NegOverflow);
            let why = if is_range { "value out of range" } else { "invalid syntax" };
            Err(format!("strconv.ParseInt: parsing {}: {why}", runes::quote(value)))
        }
    }
}
